"""The socket at /live/: figures and hints to the browser, never a payload.

What comes from the channel layer is kept by kind, and the latest of each is sent at most ten times a second:
a slow browser gets fewer frames, not older ones, and nothing piles up for it.
"""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.sessions.backends.db import SessionStore

from workflow_processor import live
from workflow_processor.live import GROUP, of_person

PACE = 0.1
"""Least seconds between two rounds of frames to one browser."""
BREATH = 15.0
"""Seconds after which the browser hears from us whatever else happens, if its person may still watch; it
gives up when it hears nothing for three times that."""
SIGNED_OUT = 4401
FORBIDDEN = 4403
TRY_AGAIN = 1013


class LiveSocket(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One browser that watches."""

    groups = [GROUP]  # Channels joins and leaves these by itself

    async def connect(self) -> None:
        self._latest: dict[str, dict[str, Any]] = {}
        self._news = asyncio.Event()
        await self.accept()  # a browser learns the code of a refusal only from a socket that was open
        if await self._may_watch():
            self._own = of_person(self.scope["user"].pk)
            await self._join()
            # By now no hint is missed any more; whether one was, the page tells by the count.
            news = await asyncio.to_thread(live.news)
            await self.send_json({"type": "opened", "news": news, "person": self.scope["user"].pk})
            self._sending = asyncio.create_task(self._send_news())

    async def disconnect(self, code: int) -> None:
        del code  # however it ended
        if hasattr(self, "_sending"):
            await self.channel_layer.group_discard(self._own, self.channel_name)
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending

    async def live_message(self, event: dict[str, Any]) -> None:
        """From the channel layer (`workflow_processor.live.announce`)."""
        self._latest[event["kind"]] = {**event, "type": event["kind"]}
        self._news.set()

    async def _send_news(self) -> None:
        try:
            await self._send_until(monotonic() + BREATH)
            while await self._may_watch():
                await self._join()  # anew: the layer forgets whoever joined a day ago
                self._latest["alive"] = {"type": "alive"}
                await self._send_until(monotonic() + BREATH)
        except Exception:
            await self.close(TRY_AGAIN)
            raise

    async def _send_until(self, then: float) -> None:
        while (left := then - monotonic()) > 0:
            latest, self._latest = self._latest, {}
            for frame in latest.values():
                await self.send_json(frame)
            await asyncio.sleep(PACE)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)
            self._news.clear()

    async def _join(self) -> None:
        for group in (GROUP, self._own):
            await self.channel_layer.group_add(group, self.channel_name)

    async def _may_watch(self) -> bool:
        """Whether the person is still signed in and allowed; closes the socket where not."""
        # Read anew: the session that the socket was opened with does not learn of a sign-out.
        user = await get_user({"session": SessionStore(self.scope["session"].session_key)})
        if not user.is_authenticated:
            await self.close(SIGNED_OUT)
            return False
        if not await database_sync_to_async(user.has_perm)("workflow_processor.view_dead_letter"):
            await self.close(FORBIDDEN)
            return False
        return True
