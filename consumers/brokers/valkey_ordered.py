"""Reading a queue on Valkey in order, over the death of a process."""

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
        (reply,) = self._connection.ask(self._reading(limit))
        self._take_in(reply)
        return any(reply)

    def _reading(self, limit: int, *block: str | int) -> Command:  # noqa: ARG002 - a script waits for nothing
        """Claims what was left behind or, where nothing was, reads what is new."""
        streams = tuple(reversed(self._streams))  # the requeued first
        limit = min(limit, MOST)
        idle, most = int(self._claim_after * 1000), limit + len(self._ours())
        values = (self._group, self._consumer, idle, limit, most)
        return ("EVAL", _TAKE, len(streams), *streams, *values)

    def _take_in(self, reply: Any) -> None:
        claimed, read = reply
        self._arrived += [
            Delivery(message_of(fields), self._queue, True, (stream.decode(), id), 1 + count)
            for stream, id, fields, count in claimed
        ]
        super()._take_in(read)
