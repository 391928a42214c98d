"""Hints to open pages that something is new. A page that gets none is late, never wrong; so none is worth an
error, and none carries more than figures."""

import logging
from functools import cache
from time import monotonic

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from consumers.logs import told

log = logging.getLogger(__name__)

GROUP = "live"
CHANGED_EVERY = 0.1
"""Seconds. Between two hints that dead letters changed; the sampler's figures tell of a change left out."""


def announce(kind: str, **figures: object) -> None:
    """Tells every open page: "queues" and "figures" with the figures, "changed" without."""
    _announcer().announce(kind, figures)


class _Announcer:
    def __init__(self) -> None:
        self._changed_at = 0.0
        self._silent = False

    def announce(self, kind: str, figures: dict[str, object]) -> None:
        if kind == "changed":
            if monotonic() - self._changed_at < CHANGED_EVERY:
                return
            self._changed_at = monotonic()
        try:
            message = {"type": "live.message", "kind": kind, **figures}
            async_to_sync(get_channel_layer().group_send)(GROUP, message)
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
