"""Hints to open pages that something is new. A page that gets none is late, never wrong; so none is worth an
error, and none carries more than figures."""

import logging
from collections.abc import Sequence
from functools import cache
from threading import Lock, Timer
from time import monotonic

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from consumers.logs import told

log = logging.getLogger(__name__)

GROUP = "live"
CHANGED_EVERY = 0.1
"""Seconds between two hints that dead letters changed. One that comes sooner waits, and speaks for all that
come meanwhile."""

COUNT = "dlo:news"
"""Where hints are counted."""
PATIENCE = 0.5
"""Seconds that a page waits to be told the count."""


def announce(kind: str, **figures: object) -> None:
    """Tells every open page: "queues" and "figures" with the figures, "changed" and "searchable" without."""
    _announcer().announce(kind, figures)


def whisper(people: Sequence[int]) -> None:
    """Tells the open pages of these people, by their keys, that there is something new for them."""
    for person in people:
        _announcer().say(of_person(person), "notified", {})


def news() -> str:
    """How many hints there were so far: a page that was drawn at another number has missed one. Empty where
    that cannot be told."""
    try:
        return str(_counter().get(COUNT) or "0")
    except redis.RedisError:
        return ""


def of_person(key: int) -> str:
    """The group of the channel layer that one person's open pages are in."""
    return f"{GROUP}.{key}"


class _Announcer:
    def __init__(self) -> None:
        self._lock = Lock()
        self._next_at = 0.0
        self._waiting = False
        self._silent = False

    def announce(self, kind: str, figures: dict[str, object]) -> None:
        if kind != "changed" or self._now():
            self.say(GROUP, kind, figures)

    def _now(self) -> bool:
        """Whether a hint may go out at once. Where not, one is on its way."""
        with self._lock:
            left = self._next_at - monotonic()
            if left <= 0:
                self._next_at = monotonic() + CHANGED_EVERY
            elif not self._waiting:
                self._waiting = True
                timer = Timer(left, self._send_the_waiting)
                timer.daemon = True
                timer.start()
            return left <= 0

    def _send_the_waiting(self) -> None:
        with self._lock:
            self._waiting = False
            self._next_at = monotonic() + CHANGED_EVERY
        self.say(GROUP, "changed", {})

    def say(self, group: str, kind: str, figures: dict[str, object]) -> None:
        try:
            message = {"type": "live.message", "kind": kind, **figures}
            if not figures:  # those come again by themselves
                _counter().incr(COUNT)
            async_to_sync(get_channel_layer().group_send)(group, message)
        except Exception as error:  # whatever the layer raises: pages are late, and that is all
            if not self._silent:
                log.warning(told("pages-are-not-told", error=type(error).__name__))
            self._silent = True
        else:
            self._silent = False


@cache
def _announcer() -> _Announcer:
    """This process's own."""
    return _Announcer()


@cache
def _counter() -> redis.Redis:
    return redis.Redis.from_url(
        settings.CHANNEL_URL, decode_responses=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    )
