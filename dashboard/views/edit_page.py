"""The page on which a message is edited, whatever state the draft is in."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from dashboard.editing import drafts
from dashboard.editing.bodies import form_of, language
from dashboard.editing.checks import Checked, checked, looked_at
from dashboard.editing.differences import differences
from dashboard.editing.drafts import Draft
from dashboard.editing.headers import NEW_ROWS, changed_rows
from dashboard.editing.kinds import KINDS
from dashboard.editing.known import Known
from dashboard.queries.letter import Letter
from dashboard.views.message import standing
from dashboard.views.pages import show
from workflow_processor.models import Source


def edit_page(
    request: HttpRequest, letter: Letter, draft: Draft, version: int, status: int = 200, **context: Any
) -> HttpResponse:
    """The form, with the draft in it."""
    before = draft.base.message()
    original = form_of(before.body)
    return show(
        request,
        "messages/edit.html",
        status=status,
        section="messages",
        **standing(request, letter),
        draft=draft,
        form=draft.form,
        version=version,
        checked=check(letter, draft),
        looked_at=looked_at(draft.message.body),
        original_text=original.text if original.as_text else None,
        body_errors=[draft.problems["body"]] if "body" in draft.problems else [],
        language=language(before.body, letter.record.content_type),
        headers=changed_rows(drafts.headers_of(before), draft.changes, draft.problems),
        new_headers=_new_rows(draft),
        addresses=sorted({draft.base.return_address, *addresses()}),
        differences=differences(before, draft.message, draft.base.return_address, draft.return_address),
        kinds=KINDS,
        **context,
    )


def check(letter: Letter, draft: Draft) -> Checked:
    """What is wrong with the draft."""
    return checked(letter.record, Known(letter.record, draft.message), draft)


def _new_rows(draft: Draft) -> list[dict[str, str]]:
    added = [*draft.changes.added, *[("", "")] * max(0, NEW_ROWS - len(draft.changes.added))]
    return [{"name": name, "value": value, "problem": draft.problems.get(name, "")} for name, value in added]


def addresses() -> list[str]:
    """Where a message may be sent: to the subscribers that the office knows."""
    return list(Source.objects.exclude(return_address="").values_list("return_address", flat=True).distinct())
