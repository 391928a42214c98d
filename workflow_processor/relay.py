"""Publishes what the outbox holds: claim → publish → mark, with no transaction open while it publishes.

A claim raises `tries` and commits before anything is sent. From then on a publish may have happened, and
every later one of the entry says that it may be a duplicate, unless it is certain that nothing was sent. What
a repair puts into the outbox it claims in the same transaction, and hands to the relay of its own process.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import monotonic

from django.db import transaction

from consumers import brokers
from consumers.broker import Broker, Confirmation, Outgoing
from consumers.errors import BrokerUnavailable
from consumers.identity import requeue_id
from consumers.message import ATTEMPT, DEAD_LETTER, POSSIBLE_DUPLICATE, REQUEUE, Message
from consumers.properties import HeaderValue
from workflow_processor import lifecycle, outbox
from workflow_processor.outage import Outage
from workflow_processor.outbox import Entry

LEASE = timedelta(seconds=120)
BATCH = 500
PORTION = 16 * 1024 * 1024
"""Bytes of bodies that are claimed at a time; one body may be larger."""
LIMIT = 10
"""Refusals, or tries of unknown outcome, after which a person is asked."""
LONGEST_WAIT = timedelta(minutes=5)


class Lease:
    """How long entries are one relay's: reckoned from before they were claimed, so that it ends here before
    it ends in the database."""

    def __init__(self, length: timedelta) -> None:
        self.length = length
        self._half_over_at = monotonic() + length.total_seconds() / 2

    @property
    def half_over(self) -> bool:
        """From then on this relay would have to fear that another one publishes the same."""
        return monotonic() > self._half_over_at


class Relay:
    """One process's way to the business broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.outage = Outage("business broker")

    def drain(self, seconds: float = 20) -> int:
        """Publishes until nothing is due, the broker is away or so much time is over. Gives how many were
        confirmed. Relays do not get in each other's way: run as many as you like."""
        until = monotonic() + seconds
        confirmed = 0
        while monotonic() < until and not self.outage.pausing:
            lease = self.lease()
            entries = outbox.claim(lease.length, BATCH, PORTION)
            if not entries:
                break
            confirmed += self.send(entries, lease)
        return confirmed

    def lease(self) -> Lease:
        """For entries that are to be claimed now."""
        return Lease(LEASE)

    def send(self, entries: Sequence[Entry], lease: Lease) -> int:
        """Publishes what was claimed for this lease; gives how many were confirmed. Where there is no time
        for some, or no broker, these are as they were before they were claimed."""
        confirmed = 0
        kept: list[Entry] = []
        for pipeline in _pipelines(entries):
            if self.outage.pausing or lease.half_over:
                kept += pipeline
            else:
                confirmed += self._publish(pipeline)
        if kept:
            outbox.not_sent(kept)
        return confirmed

    def _publish(self, entries: Sequence[Entry]) -> int:
        built = [_outgoing(entry) for entry in entries]
        _give_up([(e, error) for e, error in zip(entries, built, strict=True) if isinstance(error, str)])
        good = [(e, one) for e, one in zip(entries, built, strict=True) if isinstance(one, Outgoing)]
        try:
            confirmations = self._broker.publish([outgoing for _, outgoing in good]) if good else []
        except BrokerUnavailable as error:
            self.outage.begins(str(error))
            outbox.not_sent([entry for entry, _ in good])
            return 0
        return self._mark([entry for entry, _ in good], confirmations)

    def _mark(self, entries: Sequence[Entry], confirmations: Sequence[Confirmation]) -> int:
        by: dict[Confirmation, list[Entry]] = {confirmation: [] for confirmation in Confirmation}
        for entry, confirmation in zip(entries, confirmations, strict=True):
            by[confirmation].append(entry)
        if by[Confirmation.UNKNOWN]:
            self.outage.begins("the connection broke")
        else:
            self.outage.ends()
        _not_there(by[Confirmation.UNROUTABLE])
        _impossible(by[Confirmation.IMPOSSIBLE])
        _refused(by[Confirmation.REFUSED])
        _unsure(by[Confirmation.UNKNOWN])
        return outbox.sent(by[Confirmation.CONFIRMED]) if by[Confirmation.CONFIRMED] else 0


def _pipelines(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Those that are new together. Each that may have been sent before alone: perhaps it is the one that
    breaks the connection, and everything that shares its pipeline is left unsure with it."""
    if first := [entry for entry in entries if entry.tries == 1]:
        yield first
    yield from ([entry] for entry in entries if entry.tries > 1)


def _outgoing(entry: Entry) -> Outgoing | str:
    """The requeue: the revision's bytes and properties, and our headers. Or why it cannot be made."""
    headers: dict[str, HeaderValue] = {
        DEAD_LETTER: str(entry.dead_letter),
        ATTEMPT: entry.attempt,
        REQUEUE: str(requeue_id(entry.dead_letter, entry.attempt)),
    }
    if entry.marked:
        headers[POSSIBLE_DUPLICATE] = "true"
    try:
        message = Message(entry.body, brokers.properties(entry.properties_format, entry.properties))
        return Outgoing(entry.queue, message.with_headers(headers))
    except Exception as error:  # properties of any bytes: none may keep the others of its batch
        return f"Its properties cannot be read, so nothing can be added to them ({type(error).__name__})."


def _not_there(entries: Sequence[Entry]) -> None:
    _give_up([(entry, f"There is no queue {entry.queue} to send it to.") for entry in entries])


def _impossible(entries: Sequence[Entry]) -> None:
    reason = "The broker will never accept it: it is too large, or was made for another kind of broker."
    _give_up([(entry, reason) for entry in entries])


def _refused(entries: Sequence[Entry]) -> None:
    again = [entry for entry in entries if entry.refusals + 1 < LIMIT]
    if again:
        outbox.refused(again, [_wait(entry.refusals) for entry in again], "The broker refused it.")
    _give_up([(e, f"The broker refused it {LIMIT} times.") for e in entries if e.refusals + 1 >= LIMIT])


def _unsure(entries: Sequence[Entry]) -> None:
    again = [entry for entry in entries if entry.tries < LIMIT]
    if again:
        outbox.unsure(again, [_wait(entry.tries) for entry in again], "The connection broke.")
    broken = f"The connection broke all {LIMIT} times that it was sent; it may have arrived."
    _give_up([(entry, broken) for entry in entries if entry.tries >= LIMIT])


def _wait(failures: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(failures, 16)), LONGEST_WAIT)


def _give_up(failed: Sequence[tuple[Entry, str]]) -> None:
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
