"""Reading a stream in order: what another process holds comes before anything that is newer."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from time import monotonic
from typing import Any, cast

import pytest
import redis

from consumers.broker import Delivery, Outgoing, Subscription
from consumers.brokers import connect
from dashboard.databases import redis as address_of
from tests.broker_contract import bodies, receive
from tests.consumers.conftest import DEADLINE, until

QUEUE, SUBSCRIBER = "orders", "billing"


@pytest.fixture
def url(valkey_url: str) -> str:
    return f"{valkey_url}?claim_after=1"


def publish(url: str, *texts: bytes) -> None:
    with connect(url) as broker:
        broker.publish([Outgoing(QUEUE, broker.message(text)) for text in texts])


def subscribed(url: str) -> Subscription:
    return connect(url).subscribe(QUEUE, SUBSCRIBER, in_order=True)


def acknowledge(queue: Subscription, deliveries: Sequence[Delivery]) -> list[bytes]:
    queue.acknowledge(deliveries)
    return bodies(deliveries)


def test_what_a_dead_process_held_comes_before_anything_newer(url: str) -> None:
    dead = subscribed(url)
    publish(url, b"1", b"2", b"3")
    assert bodies(receive(dead, 2)) == [b"1", b"2"]
    with closing(subscribed(url)) as queue:
        assert queue.receive(10, 0) == []
        deliveries = receive(queue, 2)
        assert [one.redelivered for one in deliveries] == [True, True]
        assert acknowledge(queue, deliveries) == [b"1", b"2"]
        assert acknowledge(queue, receive(queue, 1)) == [b"3"]


def test_what_a_living_process_holds_is_waited_for(url: str) -> None:
    with closing(subscribed(url)) as first, closing(subscribed(url)) as second:
        publish(url, b"1", b"2")
        deliveries = receive(first, 1)
        assert second.receive(10, 0) == []
        assert acknowledge(first, deliveries) == [b"1"]
        assert acknowledge(second, receive(second, 1)) == [b"2"]


def test_what_one_looks_ahead_at_nobody_else_gets(url: str) -> None:
    with closing(subscribed(url)) as first, closing(subscribed(url)) as second:
        publish(url, *(b"%d" % n for n in range(6)))
        deliveries = receive(first, 2)
        second.look_ahead(10)
        first.look_ahead(2)
        assert acknowledge(first, deliveries) == [b"0", b"1"]
        assert second.receive(10, 0) == []
        assert acknowledge(first, receive(first, 2)) == [b"2", b"3"]
        assert acknowledge(second, receive(second, 2)) == [b"4", b"5"]


def test_what_a_dead_process_held_is_looked_ahead_at_before_anything_newer(url: str) -> None:
    dead = subscribed(url)
    publish(url, b"1", b"2", b"3")
    receive(dead, 1)
    with closing(subscribed(url)) as queue:
        deliveries: list[Delivery] = []

        def looked() -> bool:
            queue.look_ahead(10)
            deliveries.extend(queue.receive(10, 0))
            return bool(deliveries)

        until(looked)
        assert [one.redelivered for one in deliveries] == [True]
        assert acknowledge(queue, deliveries) == [b"1"]
        assert acknowledge(queue, receive(queue, 2)) == [b"2", b"3"]


@pytest.fixture
def server(valkey_url: str) -> Iterator[Any]:
    with redis.Redis.from_url(address_of(valkey_url)) as client:
        yield client


def test_who_holds_something_looks_ahead_without_the_script(url: str, server: Any) -> None:
    def scripts() -> int:
        return int(server.info("commandstats")["cmdstat_eval"]["calls"])

    with closing(subscribed(url)) as queue:
        publish(url, *(b"%d" % n for n in range(6)))
        seen = acknowledge(queue, receive(queue, 2))
        deliveries = receive(queue, 2)
        before = scripts()
        queue.look_ahead(2)
        seen += acknowledge(queue, deliveries) + acknowledge(queue, receive(queue, 2))
        assert scripts() == before
    assert seen == [b"%d" % n for n in range(6)]


def test_what_was_read_ahead_while_another_held_something_older_waits_for_it(url: str, server: Any) -> None:
    with closing(subscribed(url)) as queue:
        deliveries = _ahead_of_another(queue, url, server)
        assert acknowledge(queue, deliveries) == [b"0", b"1"]
        assert queue.receive(10, 0) == []
        _settle_for_another(server)
        assert _rest(queue) == [b"3", b"4", b"5"]


def test_what_was_read_ahead_behind_that_waits_too_though_nobody_held_anything_any_more(
    url: str, server: Any
) -> None:
    with closing(subscribed(url)) as queue:
        deliveries = _ahead_of_another(queue, url, server)
        _settle_for_another(server)
        assert acknowledge(queue, deliveries) == [b"0", b"1"]
        until(lambda: server.xinfo_groups(QUEUE)[0]["lag"] == 0)
        assert _rest(queue) == [b"3", b"4", b"5"]


def _ahead_of_another(queue: Subscription, url: str, server: Any) -> list[Delivery]:
    """It holds 0 and 1 and has asked for 3 and 4, of six, when a reader of another kind was given 2."""
    publish(url, *(b"%d" % n for n in range(6)))
    deliveries = receive(queue, 2)
    server.xreadgroup(SUBSCRIBER, "another", {QUEUE: ">"}, count=1)
    queue.look_ahead(2)
    until(lambda: server.xpending(QUEUE, SUBSCRIBER)["pending"] == 5)
    return deliveries


def _settle_for_another(server: Any) -> None:
    for one in server.xpending_range(QUEUE, SUBSCRIBER, "-", "+", 10, consumername="another"):
        assert server.xack(QUEUE, SUBSCRIBER, one["message_id"])


def _rest(queue: Subscription) -> list[bytes]:
    seen: list[bytes] = []
    deadline = monotonic() + DEADLINE
    while len(seen) < 3 and monotonic() < deadline:
        seen += acknowledge(queue, queue.receive(10, 0.5))
    return seen


def test_of_two_that_wait_at_once_one_gets_something(url: str, valkey_url: str) -> None:
    with closing(subscribed(url)) as first, closing(subscribed(url)) as second, ThreadPoolExecutor() as pool:
        waiting = [pool.submit(queue.receive, 1, 1.0) for queue in (first, second)]
        with redis.Redis.from_url(address_of(valkey_url)) as valkey:
            until(lambda: len(cast(Any, valkey.xinfo_consumers(QUEUE, SUBSCRIBER))) == 2)
        publish(url, b"1", b"2")
        assert sorted(bodies(one.result()) for one in waiting) == [[], [b"1"]]


def test_what_a_dead_process_held_goes_to_one_after_the_other(url: str) -> None:
    dead = subscribed(url)
    publish(url, b"1", b"2", b"3", b"4")
    assert len(receive(dead, 3)) == 3
    with closing(subscribed(url)) as first, closing(subscribed(url)) as second:
        deliveries = first.receive(2, DEADLINE)
        assert second.receive(10, 0) == []
        assert acknowledge(first, deliveries) == [b"1", b"2"]
        rest = second.receive(10, DEADLINE)
        assert [(one.redelivered, one.deliveries) for one in rest] == [(True, 2)]
        assert first.receive(10, 0) == []
        assert acknowledge(second, rest) == [b"3"]
        assert acknowledge(first, receive(first, 1)) == [b"4"]


def test_a_requeue_that_was_left_behind_comes_first(url: str) -> None:
    dead = subscribed(url)
    publish(url, b"1")
    with connect(url) as broker:
        broker.publish([Outgoing(dead.return_address, broker.message(b"requeued"))])
    assert sorted(bodies(receive(dead, 2))) == [b"1", b"requeued"]
    with closing(subscribed(url)) as queue:
        assert acknowledge(queue, receive(queue, 2)) == [b"requeued", b"1"]


def test_streams_that_were_deleted_are_made_again(url: str, valkey_url: str) -> None:
    with closing(subscribed(url)) as queue, redis.Redis.from_url(address_of(valkey_url)) as valkey:
        valkey.flushall()
        assert queue.receive(10, 0) == []
        publish(url, b"1")
        assert acknowledge(queue, receive(queue, 1)) == [b"1"]


def test_what_is_left_comes_again_at_once_and_first(url: str) -> None:
    with closing(subscribed(url)) as queue:
        publish(url, b"1", b"2")
        receive(queue, 1)
    with closing(subscribed(url)) as queue:
        assert bodies(receive(queue, 2)) == [b"1", b"2"]
