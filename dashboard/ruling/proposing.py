"""From an edit to a rule: what a person did to one message, offered for all that fail like it."""

import json
from typing import NamedTuple

from consumers.failure import Failure, Kind
from consumers.repair import FailedMessage
from dashboard.queries.letter import Letter
from workflow_processor.models import FailedAttempt, Revision
from workflow_processor.repair.definition import to_json
from workflow_processor.repair.proposals.proposing import propose


class Offer(NamedTuple):
    """A rule that does what the person did."""

    words: str
    definition: str
    """As JSON."""


def offers(letter: Letter) -> list[Offer]:
    """The rules that the edit of the message is an instance of, the best first."""
    failed, edited = _failed(letter), letter.revision
    if not failed or letter.repaired or edited.number == failed.number:
        return []
    before = FailedMessage(failed.message(), _failure(letter.attempts[0]), letter.record.source.queue, 0)
    found = propose(before, edited.message(), (failed.return_address, edited.return_address))
    return [Offer(one.words, json.dumps(to_json(one.definition))) for one in found]


def _failed(letter: Letter) -> Revision | None:
    """The revision that failed last; none where nothing is known to have failed."""
    if not letter.attempts:
        return None
    attempt = letter.attempts[0].attempt
    sent = letter.record.requeues.filter(attempt=attempt).values_list("revision", flat=True).first()
    return letter.record.revisions.get(number=sent or 0)


def _failure(attempt: FailedAttempt) -> Failure:
    return Failure(
        error_type=attempt.error_type,
        text=attempt.text,
        handler=attempt.handler,
        kind=Kind(attempt.kind),
        top_frame=attempt.top_frame,
    )
