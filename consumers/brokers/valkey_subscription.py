"""Reading a queue on Valkey: the queue's stream and the subscriber's requeue stream as one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from operator import attrgetter
from os import getpid
from socket import gethostname
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from consumers.broker import Delivery, Subscription
from consumers.brokers.valkey_ahead import Ahead, Token
from consumers.brokers.valkey_connection import Command, ValkeyConnection
from consumers.brokers.valkey_entries import message_of
from consumers.brokers.valkey_streams import RELEASED, declare, remove_consumers, streams_of, trim
from consumers.errors import BrokerUnavailable, OfficeError, QueueMissing

_token = attrgetter("token")

CLAIM_EVERY = 1.0
"""Seconds between two looks for what others released or left behind; the longest single wait, too."""
TRIM_EVERY = 5_000
"""Acknowledged deliveries between two trims."""
UPKEEP_EVERY = 30.0
"""Seconds between two rounds of trimming and of removing dead consumers, however little was read."""
IDLE_AT_LEAST = 60.0
"""Seconds without a word after which a consumer that holds nothing is taken for dead."""


class StreamSubscription(Subscription):
    """One consumer of a subscriber's group on two streams."""

    def __init__(
        self, connection: ValkeyConnection, queue: str, subscriber: str, prefetch: int, claim_after: float
    ) -> None:
        self._connection = connection
        self._queue, self._group = queue, subscriber
        self._streams = streams_of(queue, subscriber)
        self.return_address = self._streams[1]
        self._consumer = f"{gethostname()}-{getpid()}-{uuid4().hex[:8]}"
        self._prefetch, self._claim_after = prefetch, claim_after
        self._ahead = Ahead(connection)
        self._wanted = 0
        """So many at a time are read ahead."""
        self._arrived: list[Delivery] = []
        """Read and not handed over yet: a read gives up to the limit from each of the two streams."""
        self._given: set[Token] = set()
        """Handed over and not settled yet."""
        self._claim_at = self._upkeep_at = 0.0
        self._acknowledged = 0
        self._estranged = False
        """A connection broke: the server may believe that we hold what never reached us."""
        self._closed = False

    def receive(self, limit: int, wait: float) -> list[Delivery]:
        limit = min(limit, self._prefetch - len(self._given))
        if limit <= 0:
            sleep(wait)
            return []
        with self._noticing():
            self._arrive(limit, monotonic() + wait)
        deliveries, self._arrived = self._arrived[:limit], self._arrived[limit:]
        self._given.update(_tokens(deliveries))
        return deliveries

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Notes where the connection breaks in the block."""
        try:
            yield
        except BrokerUnavailable:
            self._estranged = True
            self._ahead.forget()
            raise

    def _arrive(self, limit: int, deadline: float) -> None:
        """Gets something to hand over, or waits until the deadline."""
        while True:
            try:
                while self._ahead and not self._arrived:
                    self._collect()
                self._keep_up()
                self._claim(limit)
                if self._arrived or self._read(limit, deadline - monotonic()) or monotonic() >= deadline:
                    return
            except QueueMissing:  # somebody deleted a stream
                declare(self._connection, self._queue, self._group)

    def _read(self, limit: int, wait: float) -> bool:
        """Reads what nobody was given yet, the requeued first. Waits in short turns, to claim in between."""
        block = ("BLOCK", max(1, int(min(wait, CLAIM_EVERY) * 1000))) if wait > 0 else ()
        self._take_in(self._connection.ask(*self._reading(limit, *block)))
        return bool(self._arrived)

    def _reading(self, limit: int, *block: str | int) -> list[Command]:
        reading = ("XREADGROUP", "GROUP", self._group, self._consumer, "COUNT", limit, *block)
        return [(*reading, "STREAMS", *reversed(self._streams), ">", ">")]

    def _take_in(self, replies: Sequence[Any]) -> None:
        """Makes deliveries of what a reading gave."""
        (read,) = replies
        for stream, entries in read or ():
            name, queue = stream.decode(), self._queue
            self._arrived += [
                Delivery(message_of(fields), queue, False, (name, id)) for id, fields in entries
            ]

    def look_ahead(self, limit: int) -> None:
        # The server prepares its reply, and syncs its disk, while we handle what it gave before.
        self._wanted = limit
        if not self._ahead and self._room > 0:
            self._read_ahead(min(limit, self._room))

    def _read_ahead(self, limit: int, acknowledged: Sequence[Token] = ()) -> None:
        said, reading = self._about("XACK", acknowledged), self._reading(limit)
        with self._noticing():
            self._ahead.begin(said, reading, limit, acknowledged)

    @property
    def _room(self) -> int:
        """How many more may be on their way."""
        return self._prefetch - len(self._given) - len(self._arrived) - self._ahead.coming

    def _collect(self) -> None:
        """Takes in what was asked for ahead first."""
        with self._noticing():
            replies = self._ahead.end()
        self._take_in(replies)

    def _collect_all(self) -> None:
        while self._ahead:
            self._collect()

    def _claim(self, limit: int) -> None:
        """Takes over, ahead of everything new, what was released, and what a consumer that is no more, or
        that neither settled nor kept it in time, was given."""
        if self._estranged:
            self._disown()
        if monotonic() < self._claim_at:
            return
        self._claim_at = monotonic() + CLAIM_EVERY
        self._collect_all()  # what is on its way is ours, and not to be claimed
        for stream in self._streams:
            claimable = self._claimable(stream, limit)
            if len(claimable) == limit:
                self._claim_at = 0.0  # there may be more, and it comes before anything new
            if claimable:
                claim = ("XCLAIM", stream, self._group, self._consumer, int(self._claim_after * 1000))
                (entries,) = self._connection.ask((*claim, *claimable))
                self._arrived[:0] = [
                    Delivery(message_of(fields), self._queue, True, (stream, id), 1 + claimable[id])
                    for id, fields in entries
                ]

    def _claimable(self, stream: str, limit: int) -> dict[bytes, int]:
        """Each entry's id, and how often it was delivered."""
        ours = self._ours()
        idle = ("IDLE", int(self._claim_after * 1000), "-", "+", limit + len(ours))
        (pending,) = self._connection.ask(("XPENDING", stream, self._group, *idle))
        found = {id: count for id, _, _, count in pending if (stream, id) not in ours}
        return dict(islice(found.items(), limit))

    def _disown(self) -> None:
        """Releases what the server gave us while the connection broke, but what we had acknowledged."""
        self._say(self._about("XACK", self._ahead.unsure))
        self._ahead.unsure.clear()
        ours = self._ours()
        for stream in self._streams:
            everything = ("-", "+", 4 * self._prefetch + len(ours), self._consumer)
            (pending,) = self._connection.ask(("XPENDING", stream, self._group, *everything))
            self._release((stream, id) for id, *_ in pending if (stream, id) not in ours)
        self._estranged = False

    def _ours(self) -> set[Token]:
        """Everything that we know to be ours."""
        return self._given.union(_tokens(self._arrived))

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        tokens = list(_tokens(deliveries))
        self._given.difference_update(tokens)
        self._acknowledged += len(deliveries)
        if self._ahead and self._room >= self._wanted:
            # While one batch is on its way it asks for the one after it in the same breath, and waits for
            # neither: the server syncs its disk once, and prepares the next while we take in the one before.
            self._read_ahead(self._wanted, tokens)
        else:
            self._say(self._about("XACK", tokens))

    def _release(self, tokens: Iterable[Token]) -> None:
        """Makes them look abandoned since 1970, and counts no delivery: whoever looks next takes them."""
        self._say(self._about("XCLAIM", tokens, (RELEASED, 0), ("TIME", 1, "JUSTID")))
        self._claim_at = 0.0

    def keep(self, deliveries: Sequence[Delivery]) -> None:
        with suppress(QueueMissing):  # reading will find out, and make it again
            self._collect_all()
        held = {*_tokens(deliveries), *_tokens(self._arrived)}
        self._say(self._about("XCLAIM", held, (self._consumer, 0), ("JUSTID",)))

    def _say(self, commands: Sequence[Command]) -> None:
        # A stream that was deleted takes its deliveries with it: there is nothing left to say.
        with self._noticing(), suppress(QueueMissing):
            self._connection.ask(*commands)

    def _about(
        self,
        verb: str,
        tokens: Iterable[Token],
        before: Iterable[str | int] = (),
        after: Iterable[str | int] = (),
    ) -> list[Command]:
        """One command a stream, of all of them."""
        return [(verb, stream, self._group, *before, *ids, *after) for stream, ids in _by_stream(tokens)]

    def _keep_up(self) -> None:
        """Now and then: trims what everybody has acknowledged, and removes consumers that are no more."""
        if self._acknowledged < TRIM_EVERY and monotonic() < self._upkeep_at:
            return
        self._acknowledged, self._upkeep_at = 0, monotonic() + UPKEEP_EVERY
        for stream in self._streams:
            trim(self._connection, stream)
            remove_consumers(self._connection, stream, self._group, max(IDLE_AT_LEAST, 2 * self._claim_after))

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with suppress(OfficeError):  # if the server is away, others claim what we held by and by
            self._ahead.forget()
            self._given.clear()
            self._arrived.clear()
            self._disown()
            for stream in self._streams:
                trim(self._connection, stream)
                remove_consumers(self._connection, stream, self._group, IDLE_AT_LEAST, leaving=self._consumer)


def _tokens(deliveries: Iterable[Delivery]) -> Iterable[Token]:
    return map(_token, deliveries)


def _by_stream(tokens: Iterable[Token]) -> list[tuple[str, list[bytes]]]:
    """The ids of each stream."""
    found = defaultdict[str, list[bytes]](list)
    for stream, id in tokens:
        found[stream].append(id)
    return list(found.items())
