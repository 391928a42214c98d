"""The socket that keeps open pages up to date."""

import asyncio
import json
import re
from time import time
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import Permission, User
from django.db import OperationalError
from django.test import Client

from dashboard.live import socket
from workflow_processor import live

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "http://testserver"
PATIENCE = 30
"""Seconds; generous, since the machine may be busy."""


def visitor(*permissions: str, name: str = "clerk") -> Client:
    """A signed-in browser."""
    person = User.objects.create_user(name)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(person)
    return client


class Browser(ApplicationCommunicator):
    """A browser's end of the socket, as ASGI has it."""

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        accepted = (await self.receive_output(timeout=PATIENCE))["type"] == "websocket.accept"
        if not accepted:
            self.stop(exceptions=False)  # it would linger in a read from the channel layer
        return bool(accepted)

    async def frame(self) -> Any:
        """The next one that is not about the socket itself."""
        while (frame := await self.next())["type"] == "opened":
            continue
        return frame

    async def next(self) -> Any:
        return json.loads((await self.receive_output(timeout=PATIENCE))["text"])

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout=PATIENCE)


def opened(client: Client, origin: str = HERE) -> Browser:
    from dashboard.asgi import application  # which asks the database, and so not before a test has one

    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    headers = [(b"origin", origin.encode()), (b"cookie", cookies.encode())]
    request = {"type": "websocket", "path": "/live/", "query_string": b"", "subprotocols": []}
    return Browser(application, {**request, "headers": headers})


def test_a_person_who_may_look_hears_what_is_new() -> None:
    browser = opened(visitor("view_dead_letter"))

    async def watch() -> Any:
        assert await browser.connect()
        await database_sync_to_async(live.announce)("queues", queues=[{"queue": "trades", "ready": 3}])
        frame = await browser.frame()
        await browser.disconnect()
        return frame

    frame = async_to_sync(watch)()
    assert (frame["type"], frame["queues"]) == ("queues", [{"queue": "trades", "ready": 3}])


@pytest.mark.parametrize(("client", "code"), [(Client, socket.SIGNED_OUT), (visitor, socket.FORBIDDEN)])
def test_somebody_who_may_not_look_is_told_why_and_hears_nothing(client: Any, code: int) -> None:
    browser = opened(client())

    async def watch() -> Any:
        await browser.connect()
        ends = await browser.receive_output(timeout=PATIENCE)
        await browser.disconnect()
        return ends

    assert async_to_sync(watch)() == {"type": "websocket.close", "code": code}


@pytest.mark.parametrize("origin", ["http://evil.example", "http://testserver:8080", "https://testserver"])
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    browser = opened(visitor("view_dead_letter"), origin)
    assert async_to_sync(browser.connect)() is False


def test_a_browser_hears_something_even_if_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "BREATH", 0.05)
    browser = opened(visitor("view_dead_letter"))

    async def watch() -> Any:
        await browser.connect()
        frame = await browser.frame()
        await browser.disconnect()
        return frame

    assert async_to_sync(watch)() == {"type": "alive"}


def sign_out(client: Client) -> None:
    client.logout()


def shut_out(client: Client) -> None:
    User.objects.update(is_active=False)


def take_the_permission(client: Client) -> None:
    User.objects.get().user_permissions.clear()


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (sign_out, socket.SIGNED_OUT),
        (shut_out, socket.SIGNED_OUT),
        (take_the_permission, socket.FORBIDDEN),
    ],
)
def test_a_socket_ends_soon_after_its_person_may_no_longer_look_however_much_happens(
    monkeypatch: pytest.MonkeyPatch, happens: Any, code: int
) -> None:
    monkeypatch.setattr(socket, "BREATH", 0.5)
    monkeypatch.setattr(socket, "PACE", 0.0)
    client = visitor("view_dead_letter")
    browser = opened(client)

    async def announce() -> None:
        while True:
            await database_sync_to_async(live.announce)("figures", parked=1)

    async def until_closed() -> Any:
        while (frame := await browser.receive_output(timeout=PATIENCE))["type"] == "websocket.send":
            continue
        return frame

    async def watch() -> Any:
        await browser.connect()
        announcing = asyncio.create_task(announce())
        assert (await browser.frame())["type"] == "figures"
        await database_sync_to_async(happens)(client)
        try:
            return await asyncio.wait_for(until_closed(), PATIENCE)
        finally:
            announcing.cancel()
            await browser.disconnect()

    assert async_to_sync(watch)() == {"type": "websocket.close", "code": code}


def test_a_page_that_is_open_for_days_goes_on_hearing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "BREATH", 0.05)
    layer = get_channel_layer()
    browser = opened(visitor("view_dead_letter"))
    person = User.objects.get().pk

    async def a_day_passes() -> None:
        for group in (live.GROUP, live.of_person(person)):
            key = layer._group_key(group)
            store = layer.connection(layer.consistent_hash(group))
            long_ago = time() - layer.group_expiry - 60
            await store.zadd(key, dict.fromkeys(await store.zrange(key, 0, -1), long_ago))

    async def hear(*kinds: str) -> None:
        while missing := set(kinds) - {(await browser.next())["type"]}:
            kinds = tuple(missing)

    async def watch() -> None:
        await browser.connect()
        await browser.next()
        await a_day_passes()
        for _ in range(3):  # the first of them may have been on its way
            await hear("alive")
        await database_sync_to_async(live.announce)("changed")
        await database_sync_to_async(live.whisper)([person])
        await asyncio.wait_for(hear("changed", "notified"), PATIENCE)
        await browser.disconnect()

    async_to_sync(watch)()


def test_a_socket_that_cannot_ask_whether_its_person_may_look_ends_and_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "BREATH", 0.05)
    browser = opened(visitor("view_dead_letter"))

    async def away(*_: Any) -> None:
        raise OperationalError("the database is away")

    async def watch() -> Any:
        await browser.connect()
        await browser.next()
        monkeypatch.setattr(socket, "get_user", away)
        while (ends := await browser.receive_output(timeout=PATIENCE))["type"] == "websocket.send":
            continue
        with pytest.raises(OperationalError):
            await browser.disconnect()
        return ends

    assert async_to_sync(watch)() == {"type": "websocket.close", "code": socket.TRY_AGAIN}


def test_a_burst_of_news_reaches_a_browser_as_its_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = opened(visitor("view_dead_letter"))

    def burst() -> None:
        for parked in range(50):
            live.announce("figures", parked=parked)

    async def watch() -> list[int]:
        await browser.connect()
        await database_sync_to_async(burst)()
        heard: list[int] = []
        while not heard or heard[-1] != 49:
            heard.append((await browser.frame())["parked"])
        await browser.disconnect()
        return heard

    heard = async_to_sync(watch)()
    assert len(heard) < 50
    assert heard == sorted(heard)


def test_a_page_can_tell_whether_there_was_news_before_its_socket_opened() -> None:
    client = visitor("view_dead_letter")

    def drawn() -> str:
        found = re.search(r'data-news="(\d+)"', client.get("/messages/").content.decode())
        return found[1] if found else ""

    async def at_opening() -> str:
        browser = opened(client)
        await browser.connect()
        frame = await browser.next()
        await browser.disconnect()
        return str(frame["news"])

    before = drawn()
    assert async_to_sync(at_opening)() == before != ""
    live.announce("figures", parked=1)
    assert async_to_sync(at_opening)() == before, "figures come again by themselves"
    for tell in (lambda: live._Announcer().announce("changed", {}), lambda: live.whisper([1])):
        before = drawn()
        tell()
        assert async_to_sync(at_opening)() == drawn() != before


def test_only_the_person_meant_hears_that_there_is_something_and_not_what() -> None:
    mine, other = visitor("view_dead_letter"), visitor("view_dead_letter", name="other")
    key = User.objects.get(username="clerk").pk
    browsers = opened(mine), opened(other)

    async def watch() -> list[Any]:
        for browser in browsers:
            assert await browser.connect()
        await database_sync_to_async(live.whisper)([key])
        await database_sync_to_async(live.announce)("figures", parked=1)
        mine_heard = {(await browsers[0].frame())["type"] for _ in range(2)}
        other_heard = await browsers[1].frame()
        for browser in browsers:
            await browser.disconnect()
        return [mine_heard, other_heard["type"]]

    assert async_to_sync(watch)() == [{"notified", "figures"}, "figures"]
