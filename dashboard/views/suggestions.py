"""What rules suggest for messages, and accepting it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from dashboard.editing.differences import differences
from dashboard.queries import rules
from dashboard.queries.letter import Letter
from dashboard.views.acting import carry_out, tell
from dashboard.views.addresses import came_from
from dashboard.views.permissions import looks, person
from dashboard.views.requeues import undoing
from dashboard.views.selection import selected
from workflow_processor.lifecycle import Seen
from workflow_processor.models import RepairRule
from workflow_processor.rules import accepting
from workflow_processor.rules.suggestions import offered

WHY_NOT = "changed in the meantime, or no longer has a suggestion"


@looks
@require_POST
def acceptances(request: HttpRequest) -> HttpResponse:
    """Gives the selection what is suggested for it, and sends that back."""
    _accept(request, selected(request))
    return redirect(came_from(request))


@looks
@require_POST
def rule_acceptances(request: HttpRequest, id: int) -> HttpResponse:
    """Accepts everything that a rule suggests now."""
    rule = get_object_or_404(RepairRule, id=id)
    _accept(request, [Seen(*row) for row in rules.suggested(rule).values_list("id", "version")])
    return redirect("rule", id)


def _accept(request: HttpRequest, seen: Sequence[Seen]) -> None:
    done = carry_out(partial(accepting.accept, person(request)), seen)
    seconds = int(settings.UNDO_SECONDS)
    undo = undoing(done) if seconds else ""
    tell(request, done, "repaired as suggested", WHY_NOT, undo=undo, seconds=seconds)


def suggested(letter: Letter) -> dict[str, Any] | None:
    """What a rule would make of it, beside what it is."""
    seen = Seen(letter.record.id, letter.record.version)
    if not (offer := offered([seen]).get(seen)):
        return None
    now, made = letter.revision, offer.made
    sides = differences(now.message(), made.message, now.return_address, made.return_address)
    return {"rule": offer.rule, "reason": made.reason, "differences": sides}
