"""What is known of a group."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from dashboard.views.acting import attempt, form_again
from dashboard.views.permissions import looks, person
from dashboard.views.selection import words
from workflow_processor.acts.notes import note
from workflow_processor.models import Group


@looks
@require_POST
def notes(request: HttpRequest, id: int) -> HttpResponse:
    """Replaces the note that the person saw (`seen`) by `text`."""
    group, text, seen = get_object_or_404(Group, id=id), words(request, "text"), words(request, "seen")

    def refused(why: str) -> HttpResponse:
        group.refresh_from_db(fields=["note"])
        told = {"group": group, "text": text, "theirs": group.note != seen, "problem": why}
        return form_again(request, "Note", "groups/_note_form.html", section="groups", **told)

    return attempt(request, lambda: note(person(request), group, text, seen=seen), "Note saved.", refused)
