"""A consumer whose broker goes away, at bad moments."""

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis

from consumers import Consumer, Message
from consumers.envelope import Delegated
from dashboard.databases import redis as address_of
from tests.consumers.conftest import DEADLINE, Post, until
from tests.tcp_proxy import TcpProxy


@pytest.fixture
def post(valkey_url: str) -> Post:
    """What the test sees of the broker, which it does not lose."""
    post = Post(valkey_url)
    post.open_office()
    return post


@pytest.fixture
def proxy(valkey_url: str) -> Iterator[TcpProxy]:
    with TcpProxy.to(valkey_url) as proxy:
        yield proxy


@pytest.fixture
def lossy_url(valkey_url: str, proxy: TcpProxy) -> str:
    """The broker by way of the proxy. What a lost consumer held goes to another one after a second."""
    return urlsplit(proxy.way_to(valkey_url))._replace(query="claim_after=1").geturl()


def failing_on_bad(seen: list[bytes]) -> Consumer:
    consumer = Consumer()

    @consumer.handles("work", subscriber="tests")
    def handler(message: Message) -> None:
        seen.append(message.body)
        if message.body == b"bad":
            raise ValueError("8756 SHARES")

    return consumer


def test_a_connection_lost_in_the_middle_of_a_batch_loses_no_message(
    post: Post, proxy: TcpProxy, lossy_url: str
) -> None:
    consumer, seen = Consumer(), list[bytes]()

    @consumer.handles("work", subscriber="tests")
    def cuts(message: Message) -> None:
        seen.append(message.body)
        if seen == [b"1", b"2"]:
            proxy.cut()
        if message.body == b"bad":
            raise ValueError

    post.send(b"1", b"2", b"bad", b"3")
    with post.running(consumer, url=lossy_url):
        (arrival,) = post.at_office(1)
        until(lambda: post.unsettled() == 0)
    assert isinstance(arrival, Delegated)
    assert set(seen) == {b"1", b"2", b"bad", b"3"}


def test_a_delegation_whose_confirmation_is_lost_is_delegated_again(
    post: Post, proxy: TcpProxy, lossy_url: str
) -> None:
    consumer, seen = Consumer(), list[bytes]()

    @consumer.handles("work", subscriber="tests")
    def fails(message: Message) -> None:
        seen.append(message.body)
        # What is cut may be a sign of life and not the delegation; but hardly three times.
        if len(seen) <= 3:
            proxy.cut_after_request()
        raise ValueError

    (failed,) = post.send(b"bad")
    with post.running(consumer, url=lossy_url):
        first, second = post.at_office(2)
        until(lambda: post.unsettled() == 0)
    assert isinstance(first, Delegated)
    assert isinstance(second, Delegated)
    assert first.message == second.message == failed  # by which the office knows them for one
    assert first.failure.failure_id != second.failure.failure_id


def test_a_consumer_waits_for_its_broker_and_says_so_once(
    post: Post, proxy: TcpProxy, lossy_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[bytes] = []
    proxy.down()
    post.send(b"1", b"bad")
    with post.running(failing_on_bad(seen), url=lossy_url):
        until(lambda: "waiting awaited=broker" in caplog.text)
        assert not seen
        proxy.up()
        post.at_office(1)
        until(lambda: post.unsettled() == 0)
    assert seen == [b"1", b"bad"]
    assert caplog.text.count("back awaited=broker") == 1


def test_a_consumer_that_waits_for_its_broker_can_be_asked_to_leave(
    post: Post, proxy: TcpProxy, lossy_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.down()
    with post.running(failing_on_bad([]), url=lossy_url):
        until(lambda: "waiting awaited=broker" in caplog.text)


def idle(url: str, queue: str) -> list[int]:
    """Milliseconds since the broker heard of each delivery of the queue."""
    with redis.Redis.from_url(address_of(url)) as valkey:
        pending: Any = valkey.xpending_range(queue, "tests", "-", "+", 10)
    return [one["time_since_delivered"] for one in pending]


def test_a_message_is_kept_from_others_however_long_it_is_handled(post: Post, valkey_url: str) -> None:
    consumer, go_on = Consumer(), threading.Event()
    consumer.handles("work", subscriber="tests")(lambda message: go_on.wait(DEADLINE))
    post.send(b"long")
    with post.running(consumer):
        until(lambda: max(idle(valkey_url, "work"), default=0) > 500)
        until(lambda: max(idle(valkey_url, "work"), default=0) < 500)
        go_on.set()
        until(lambda: post.unsettled() == 0)


def test_what_waits_to_be_handled_one_by_one_is_kept_as_long(post: Post, valkey_url: str) -> None:
    consumer, begun, go_on = Consumer(), threading.Event(), threading.Event()

    @consumer.handles("work", subscriber="tests", deliveries=2)
    def handler(message: Message) -> None:
        begun.set()
        assert go_on.wait(DEADLINE)

    post.send(b"long", b"waits")
    with post.broker.subscribe("work", "tests") as died:
        assert len(died.receive(2, 1)) == 2
    with post.running(consumer):
        assert begun.wait(DEADLINE)
        until(lambda: max(idle(valkey_url, "work")) > 500)
        until(lambda: [each < 500 for each in idle(valkey_url, "work")] == [True, True])
        go_on.set()
        until(lambda: post.unsettled() == 0)


def test_what_another_handler_has_looked_ahead_at_is_kept_as_long(post: Post, valkey_url: str) -> None:
    consumer, first, long = Consumer(), threading.Event(), threading.Event()
    consumer.handles("work", subscriber="tests")(lambda message: long.wait(DEADLINE))
    consumer.handles("more", subscriber="tests")(lambda message: first.wait(DEADLINE))
    post.broker.declare("more", "tests")
    post.send(b"first", b"looked ahead at", queue="more")
    with post.running(consumer, batch=1):
        until(lambda: len(idle(valkey_url, "more")) == 2)
        post.send(b"long")
        first.set()
        until(lambda: len(idle(valkey_url, "more")) == 1)
        until(lambda: max(idle(valkey_url, "more")) > 500)
        until(lambda: max(idle(valkey_url, "more")) < 500)
        long.set()
        until(lambda: post.unsettled() == 0)
