"""The streams behind a queue: their names, making them, and keeping them from growing for ever."""

from typing import Any

from redis.exceptions import ResponseError

from consumers.brokers.valkey_connection import ValkeyConnection, error_of

RELEASED = "dlo:released"
"""The consumer in whose name released deliveries wait to be claimed."""

Id = tuple[int, int]

# In one script, so that no consumer is removed that has just been given something: its deliveries would go.
_REMOVE_CONSUMERS = """
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for at = 1, #fields, 2 do consumer[fields[at]] = fields[at + 1] end
  if consumer.pending == 0 and (consumer.idle > tonumber(ARGV[2]) or consumer.name == ARGV[3]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
  end
end
"""


def streams_of(queue: str, subscriber: str) -> tuple[str, str]:
    """The queue itself and the subscriber's requeue stream, its return address."""
    return queue, f"{queue}:{subscriber}:requeue"


def declare(connection: ValkeyConnection, queue: str, subscriber: str) -> str:
    """Makes both streams and the subscriber's group on each, where absent. Gives the return address."""
    streams = streams_of(queue, subscriber)
    # From the stream's beginning: what was published before the subscriber came is for it too.
    for reply in connection.replies(
        [("XGROUP", "CREATE", key, subscriber, "0", "MKSTREAM") for key in streams]
    ):
        if isinstance(reply, ResponseError) and not str(reply).startswith("BUSYGROUP"):
            raise error_of(reply)
    return streams[1]


def trim(connection: ValkeyConnection, stream: str) -> None:
    """Drops the entries that every group of the stream has acknowledged; up to a node's worth may stay.

    Needs no transaction: what a group has neither open nor ahead of it now, it never will have.
    """
    (groups,) = connection.ask(("XINFO", "GROUPS", stream))
    floors = [_floor(connection, stream, named(group)) for group in groups]
    if floors:
        milliseconds, sequence = min(floors)
        connection.ask(("XTRIM", stream, "MINID", "~", f"{milliseconds}-{sequence}"))


def _floor(connection: ValkeyConnection, stream: str, group: dict[str, Any]) -> Id:
    """The lowest id that this group has not acknowledged, or has not been given."""
    if group["pending"]:
        ((_, lowest, *_rest),) = connection.ask(("XPENDING", stream, group["name"]))
        if lowest:
            return parsed(lowest)
    milliseconds, sequence = parsed(group["last-delivered-id"])
    return milliseconds, sequence + 1


def remove_consumers(
    connection: ValkeyConnection, stream: str, group: str, idle: float, leaving: str = ""
) -> None:
    """Removes the group's consumers that hold nothing and asked for nothing in `idle` seconds, or leave."""
    connection.ask(("EVAL", _REMOVE_CONSUMERS, 1, stream, group, int(idle * 1000), leaving))


def named(flat: list[Any]) -> dict[str, Any]:
    """The server's name, value, name, value … as a dictionary."""
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def parsed(id: bytes) -> Id:
    """An entry's id: Unix milliseconds and a sequence number."""
    milliseconds, sequence = id.split(b"-")
    return int(milliseconds), int(sequence)
