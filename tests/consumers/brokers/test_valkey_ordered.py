"""Reading a stream in order: what another process holds comes before anything that is newer."""

from collections.abc import Sequence
from contextlib import closing

import pytest

from consumers.broker import Delivery, Outgoing, Subscription
from consumers.brokers import connect
from tests.broker_contract import bodies, receive

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


def test_what_is_left_comes_again_at_once_and_first(url: str) -> None:
    with closing(subscribed(url)) as queue:
        publish(url, b"1", b"2")
        receive(queue, 1)
    with closing(subscribed(url)) as queue:
        assert bodies(receive(queue, 2)) == [b"1", b"2"]
