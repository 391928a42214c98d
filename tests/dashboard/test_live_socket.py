"""The socket that keeps open pages up to date."""

import json
import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.contrib.auth.models import Permission, User
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


def test_a_socket_ends_soon_after_its_person_signed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "BREATH", 0.05)
    client = visitor("view_dead_letter")
    browser = opened(client)

    async def watch() -> Any:
        await browser.connect()
        alive = await browser.frame()
        await database_sync_to_async(client.logout)()
        ends = await browser.receive_output(timeout=PATIENCE)
        while ends["type"] == "websocket.send":
            ends = await browser.receive_output(timeout=PATIENCE)
        await browser.disconnect()
        return alive, ends

    alive, ends = async_to_sync(watch)()
    assert alive == {"type": "alive"}
    assert ends == {"type": "websocket.close", "code": socket.SIGNED_OUT}


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
