"""Whether a draft's body is what it should be: said while it is typed, and never in the way of saving it."""

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.editing.bodies import language
from dashboard.editing.drafts import Draft
from dashboard.editing.known import Known
from workflow_processor.models import DeadLetter
from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import decoded
from workflow_processor.repair.texts.json_text import JsonText


class Checked(NamedTuple):
    """What was found."""

    fits: str = ""
    """What the body is, if nothing is wrong with it."""
    problems: Sequence[str] = ()


def looked_at(body: bytes) -> bool:
    """Whether it is not too large for that."""
    return len(body) <= limits.BODY


def checked(record: DeadLetter, known: Known, draft: Draft) -> Checked:
    """What is wrong with the body, or with the fields that it is typed in."""
    if draft.filled and draft.filled.said:
        return Checked(problems=draft.filled.said)
    if "body" in draft.problems:
        return Checked(problems=[draft.problems["body"]])
    if not looked_at(draft.message.body):
        return Checked()
    if known.schema:
        problems = known.problems(draft.message.body)
        return Checked(
            f"Valid against version {known.schema.number} of the schema for {known.type}.", problems
        )
    if language(draft.base.message().body, record.content_type) != "json":
        return Checked()
    try:
        JsonText(decoded(draft.message.body)).root  # noqa: B018  # reading it is the check
    except Cannot as obstacle:
        return Checked(problems=[str(obstacle)])
    # Of a text its editor says so already.
    return Checked("Valid JSON." if draft.as_fields else "")
