"""Publishes what the outbox holds: claim → publish → mark, with no transaction open while it publishes.

A claim raises `tries` and commits before anything is sent. From then on a publish may have happened, and
every later one of the entry says that it may be a duplicate, unless it is certain that nothing was sent. What
a repair puts into the outbox it claims in the same transaction, and hands to the relay of its own process.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from time import monotonic
from typing import NamedTuple

from consumers import brokers
from consumers.broker import Answers, Broker, Confirmation, Outgoing
from consumers.errors import BrokerUnavailable
from consumers.identity import requeue_id
from consumers.message import ATTEMPT, DEAD_LETTER, POSSIBLE_DUPLICATE, REQUEUE, Message
from consumers.properties import HeaderValue
from workflow_processor import answered, outbox
from workflow_processor.answered import Answer
from workflow_processor.outage import Outage
from workflow_processor.outbox import Entry

LEASE = timedelta(seconds=120)
BATCH = 500
PORTION = 16 * 1024 * 1024
"""Bytes of bodies that are claimed at a time; one body may be larger."""


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


class Claimed(NamedTuple):
    """What is to be sent, and until when."""

    entries: Sequence[Entry]
    lease: Lease


class OnItsWay(NamedTuple):
    """What was sent, and what waits for the broker's word on it."""

    entries: Sequence[Entry]
    answers: Answers


NOTHING = OnItsWay((), list)


class Relay:
    """One process's way to the business broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.outage = Outage("business broker")

    def drain(self, seconds: float = 20) -> int:
        """Publishes until nothing is due, the broker is away or so much time is over. Gives how many were
        confirmed. Relays do not get in each other's way: run as many as you like."""
        return self._send(self._due(monotonic() + seconds))

    def lease(self) -> Lease:
        """For entries that are to be claimed now."""
        return Lease(LEASE)

    def send(self, entries: Sequence[Entry], lease: Lease) -> int:
        """Publishes what was claimed for this lease; gives how many were confirmed. Where there is no time
        for some, or no broker, these are as they were before they were claimed."""
        return self._send([Claimed(entries, lease)])

    def _due(self, until: float) -> Iterator[Claimed]:
        while monotonic() < until and not self.outage.pausing:
            lease = self.lease()
            entries = outbox.claim(lease.length, BATCH, PORTION)
            if not entries:
                return
            yield Claimed(entries, lease)

    def _send(self, claimed: Iterable[Claimed]) -> int:
        """While a pipeline is on its way the one before is marked, and what comes next is claimed. It has
        arrived, or has not, before the next is sent: a connection breaks over one of them alone."""
        confirmed, on_its_way = 0, NOTHING
        for entries, lease in claimed:
            kept: list[Entry] = []
            for pipeline in _pipelines(entries):
                heard = self._hear(on_its_way)
                if self.outage.pausing or lease.half_over:
                    kept += pipeline
                    on_its_way = NOTHING
                else:
                    on_its_way = self._begin(pipeline)
                confirmed += answered.mark(heard)
            if kept:
                outbox.not_sent(kept)
        return confirmed + answered.mark(self._hear(on_its_way))

    def _begin(self, entries: Sequence[Entry]) -> OnItsWay:
        """Publishes, and waits for no answer."""
        built = [(entry, _outgoing(entry)) for entry in entries]
        answered.give_up([(entry, one) for entry, one in built if isinstance(one, str)])
        good = [(entry, one) for entry, one in built if isinstance(one, Outgoing)]
        entries = [entry for entry, _ in good]
        try:
            return OnItsWay(entries, self._broker.send([one for _, one in good]) if good else list)
        except BrokerUnavailable as error:
            self._away(entries, error)
            return NOTHING

    def _hear(self, sent: OnItsWay) -> list[Answer]:
        """Waits for the answers."""
        try:
            heard = list(zip(sent.entries, sent.answers(), strict=True))
        except BrokerUnavailable as error:
            self._away(sent.entries, error)
            return []
        if any(answer is Confirmation.UNKNOWN for _, answer in heard):
            self.outage.begins("the connection broke")
        elif heard:
            self.outage.ends()
        return heard

    def _away(self, entries: Sequence[Entry], error: BrokerUnavailable) -> None:
        """Nothing of them left this process."""
        self.outage.begins(str(error))
        outbox.not_sent(entries)


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
