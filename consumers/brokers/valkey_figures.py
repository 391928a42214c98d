"""A queue's figures on Valkey: the queue's stream and the subscriber's requeue stream added up."""

from dataclasses import dataclass

from consumers.broker import QueueFigures
from consumers.brokers.valkey_connection import ValkeyConnection
from consumers.brokers.valkey_streams import RELEASED, named, parsed, streams_of


@dataclass(frozen=True, slots=True)
class _Reading:
    entered: int
    ahead: int | None
    """Entries that the group was not given yet. The server cannot say after somebody deleted one of them."""
    released: int
    held: int
    oldest: int | None
    """Unix milliseconds."""
    consumers: frozenset[bytes]


def measured(connection: ValkeyConnection, queue: str, subscriber: str, idle: float) -> QueueFigures:
    """The figures. A consumer counts while it has asked for something in the last `idle` seconds."""
    (now,) = connection.ask(("TIME",))
    readings = [_read(connection, stream, subscriber, idle) for stream in streams_of(queue, subscriber)]
    entered = sum(reading.entered for reading in readings)
    held = sum(reading.held for reading in readings)
    ready = None
    if all(reading.ahead is not None for reading in readings):
        ready = sum((reading.ahead or 0) + reading.released for reading in readings)
    oldest = min((reading.oldest for reading in readings if reading.oldest is not None), default=None)
    return QueueFigures(
        ready=ready,
        unacknowledged=held,
        consumers=len(frozenset.union(*(reading.consumers for reading in readings))),
        oldest_seconds=None if oldest is None else max(0.0, int(now[0]) + int(now[1]) / 1e6 - oldest / 1e3),
        entered=entered,
        left=None if ready is None else entered - ready - held,
    )


def _read(connection: ValkeyConnection, stream: str, group: str, idle: float) -> _Reading:
    pending, about, groups, consumers = connection.ask(
        ("XPENDING", stream, group),
        ("XINFO", "STREAM", stream),
        ("XINFO", "GROUPS", stream),
        ("XINFO", "CONSUMERS", stream, group),
    )
    mine = next(each for each in map(named, groups) if each["name"] == group.encode())
    (next_one,) = connection.ask(("XRANGE", stream, b"(" + mine["last-delivered-id"], "+", "COUNT", 1))
    ids = [id for id, *_ in next_one] + [pending[1]] * bool(pending[1])
    everybody = {each["name"]: each for each in map(named, consumers)}
    released = everybody.pop(RELEASED.encode(), {"pending": 0})["pending"]
    return _Reading(
        entered=named(about)["entries-added"],
        ahead=mine["lag"],
        released=released,
        held=pending[0] - released,
        oldest=min((parsed(id)[0] for id in ids), default=None),
        consumers=frozenset(name for name, each in everybody.items() if each["idle"] < idle * 1000),
    )
