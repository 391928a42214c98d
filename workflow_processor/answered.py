"""What the broker answered to what a relay sent: marked in the outbox, tried again later or, where that has
no use, left to a person."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from consumers.broker import Confirmation
from workflow_processor import lifecycle, outbox
from workflow_processor.outbox import Entry

LIMIT = 10
"""Refusals, or tries of unknown outcome, after which a person is asked."""
LONGEST_WAIT = timedelta(minutes=5)
Answer = tuple[Entry, Confirmation]


def mark(answers: Sequence[Answer]) -> int:
    """Records what came of them; gives how many were confirmed."""
    by: dict[Confirmation, list[Entry]] = {confirmation: [] for confirmation in Confirmation}
    for entry, confirmation in answers:
        by[confirmation].append(entry)
    _not_there(by[Confirmation.UNROUTABLE])
    _impossible(by[Confirmation.IMPOSSIBLE])
    _refused(by[Confirmation.REFUSED])
    _unsure(by[Confirmation.UNKNOWN])
    return outbox.sent(by[Confirmation.CONFIRMED]) if by[Confirmation.CONFIRMED] else 0


def _not_there(entries: Sequence[Entry]) -> None:
    give_up([(entry, f"There is no queue {entry.queue} to send it to.") for entry in entries])


def _impossible(entries: Sequence[Entry]) -> None:
    reason = "The broker will never accept it: it is too large, or was made for another kind of broker."
    give_up([(entry, reason) for entry in entries])


def _refused(entries: Sequence[Entry]) -> None:
    again = [entry for entry in entries if entry.refusals + 1 < LIMIT]
    if again:
        outbox.refused(again, [_wait(entry.refusals) for entry in again], "The broker refused it.")
    give_up([(e, f"The broker refused it {LIMIT} times.") for e in entries if e.refusals + 1 >= LIMIT])


def _unsure(entries: Sequence[Entry]) -> None:
    again = [entry for entry in entries if entry.tries < LIMIT]
    if again:
        outbox.unsure(again, [_wait(entry.tries) for entry in again], "The connection broke.")
    broken = f"The connection broke all {LIMIT} times that it was sent; it may have arrived."
    give_up([(entry, broken) for entry in entries if entry.tries >= LIMIT])


def _wait(failures: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(failures, 16)), LONGEST_WAIT)


def give_up(failed: Sequence[tuple[Entry, str]]) -> None:
    """A person has to look: the dead letters are parked with the reason."""
    if not failed:
        return
    with transaction.atomic():
        ours = outbox.fail([entry for entry, _ in failed], [reason for _, reason in failed])
        given_up = [(entry, reason) for entry, reason in failed if entry.id in ours]
        lifecycle.unsendable(
            [entry.dead_letter for entry, _ in given_up],
            [entry.attempt for entry, _ in given_up],
            [reason for _, reason in given_up],
            [entry.tries > 1 for entry, _ in given_up],
        )
