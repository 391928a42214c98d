"""Reading a queue on Valkey in order, over the death of a process."""

from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

from consumers.broker import Delivery
from consumers.brokers.valkey_connection import Command
from consumers.brokers.valkey_entries import message_of
from consumers.brokers.valkey_subscription import StreamSubscription

LOOK_EVERY = 0.02
"""Seconds between two looks: nobody can wait at a stream and be sure that nobody else reads it before."""

# One step for the server, so that nobody takes anything between the look and the taking. What another holds
# was left behind or released if all of it is idle; otherwise that one lives.
_TAKE = """
local group, me, idle, limit, most = unpack(ARGV)
local left = false
for _, stream in ipairs(KEYS) do
  local summary = redis.pcall('XPENDING', stream, group)
  if summary.err then return summary end
  for _, holder in ipairs(summary[4] or {}) do
    if holder[1] ~= me then
      local gone = redis.call('XPENDING', stream, group, 'IDLE', idle, '-', '+', holder[2], holder[1])
      if #gone < tonumber(holder[2]) then return {{}, {}} end
      left = true
    end
  end
end
if not left then
  local new = {'STREAMS', KEYS[1], KEYS[2], '>', '>'}
  return {{}, redis.call('XREADGROUP', 'GROUP', group, me, 'COUNT', limit, unpack(new)) or {}}
end
local claimed = {}
for _, stream in ipairs(KEYS) do
  local ids, counts = {}, {}
  for _, one in ipairs(redis.call('XPENDING', stream, group, 'IDLE', idle, '-', '+', most)) do
    if one[2] ~= me and #ids < tonumber(limit) then
      ids[#ids + 1], counts[one[1]] = one[1], one[4]
    end
  end
  if #ids > 0 then
    for _, one in ipairs(redis.call('XCLAIM', stream, group, me, idle, unpack(ids))) do
      if one then claimed[#claimed + 1] = {stream, one[1], one[2], counts[one[1]]} end
    end
  end
end
return {claimed, {}}
"""
MOST = 1_000
"""Deliveries that are claimed at once: Lua passes on no more than some thousand arguments."""


class OrderedStreamSubscription(StreamSubscription):
    """Takes nothing while another process of the group holds anything. If that one lives, it settles it; if
    it died, its deliveries are claimed after `claim_after`, and come before anything newer."""

    _alone = False
    """Whether nobody else held anything when we looked last."""

    def _claim(self, limit: int) -> None:  # noqa: ARG002 - it reads and claims at once
        if self._estranged:
            self._disown()

    def _read(self, limit: int, wait: float) -> bool:
        deadline = monotonic() + wait
        while not self._take(limit):
            if (left := deadline - monotonic()) <= 0:
                return False
            sleep(min(LOOK_EVERY, left))
        return True

    def _take(self, limit: int) -> bool:
        self._take_in(self._connection.ask(self._taking(limit)))
        return bool(self._arrived)

    def _reading(self, limit: int, *block: str | int) -> list[Command]:
        """Of what is read ahead. While nobody else holds anything and we do, nobody else takes anything: a
        look afterwards confirms it, and spares the server the script, for which it makes each entry twice."""
        if not self._alone:
            return [self._taking(limit)]
        looks: list[Command] = [("XPENDING", stream, self._group) for stream in self._streams]
        return [*super()._reading(limit, *block), *looks]

    def _taking(self, limit: int) -> Command:
        """Claims what was left behind or, where nothing was, reads what is new."""
        streams = tuple(reversed(self._streams))  # the requeued first
        limit = min(limit, MOST)
        idle, most = int(self._claim_after * 1000), limit + len(self._ours())
        values = (self._group, self._consumer, idle, limit, most)
        return ("EVAL", _TAKE, len(streams), *streams, *values)

    def _take_in(self, replies: Sequence[Any]) -> None:
        answer, *looks = replies
        if looks:
            self._take_in_if_alone(answer, looks)
            return
        claimed, read = answer
        self._alone = bool(read)
        self._arrived += [
            Delivery(message_of(fields), self._queue, True, (stream.decode(), id), 1 + count)
            for stream, id, fields, count in claimed
        ]
        super()._take_in([read])

    def _take_in_if_alone(self, read: Any, looks: Sequence[Any]) -> None:
        """Gives back what was read where another holds anything: it may be older. What was begun before we
        knew goes back as well, whatever the look after it found by then."""
        holders = {name for look in looks for name, _ in look[3] or ()}
        self._alone = self._alone and holders <= {self._consumer.encode()}
        if self._alone:
            super()._take_in([read])
        else:
            self._release((stream.decode(), id) for stream, entries in read or () for id, _ in entries)
