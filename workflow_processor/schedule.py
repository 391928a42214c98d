"""What Celery beat asks for, and how often."""

import signal
from types import FrameType
from typing import Any, NoReturn

from celery import beat
from kombu.exceptions import ChannelError

TICKS = "ticks"
"""The queue of what is asked for by the clock."""
TICKS_LIVE = 10.0
"""Seconds after which a tick that nobody took is no longer wanted: the next one is there."""


def _every(seconds: float, task: str) -> dict[str, Any]:
    return {
        "task": f"workflow_processor.tasks.{task}",
        "schedule": seconds,
        "options": {"queue": TICKS, "expires": TICKS_LIVE},
    }


SCHEDULE = {
    "send what is due": _every(1, "relay"),
    "carry operations on": _every(1, "operate"),
    "make searchable what is due": _every(1, "make_searchable"),
    "measure the queues": _every(2, "sample_queues"),
    "find what was left": _every(5, "sweep"),
    "end what stayed silent": _every(5, "silence"),
    "bring back snoozed groups": _every(5, "wake_groups"),
    "open gates whose head has ended": _every(30, "open_gates"),
    "fold the figures": _every(30, "fold_figures"),
    "forget old samples": _every(300, "prune"),
    "forget what has ended": _every(60, "retain"),
}


class Scheduler(beat.Scheduler):
    """Keeps its schedule in memory: nothing is owed for the time it was away, the next tick does it all."""

    _leaving = False

    def heed_signals(self) -> None:
        """Leaves when it is told to, in place of Celery's own way, which relies on what its handler raises.
        Python drops that where it comes while garbage is collected."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.leave)

    def leave(self, _number: int, _frame: FrameType | None) -> NoReturn:
        """Leaves at once, at the latest at the next tick."""
        self._leaving = True
        raise SystemExit

    def tick(self, *args: Any, **kwargs: Any) -> float:
        from workflow_processor import health

        if self._leaving:
            raise SystemExit
        health.beat("beat")
        pause: float = super().tick(*args, **kwargs)
        return min(pause, 1.0)

    def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> Any:
        """Asks for it, unless ticks lie unread: while no worker is there they would pile up."""
        if self._unread() > len(self.schedule):
            return None
        return super().apply_async(entry, *args, **kwargs)

    def _unread(self) -> int:
        channel: Any
        with self.connection.channel() as channel:
            try:
                return int(channel.queue_declare(queue=TICKS, passive=True).message_count)
            except ChannelError:  # no such queue yet
                return 0
