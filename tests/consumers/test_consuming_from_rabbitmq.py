"""A consumer at work on RabbitMQ, with what is particular to it: connections that end when nobody speaks, and
deliveries that come again when their connection is lost."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import amqp
import pytest

from consumers import Consumer, Message
from consumers.brokers.rabbitmq_address import Address
from consumers.envelope import Delegated, Receipt
from tests.consumers.conftest import DEADLINE, Post, until
from tests.tcp_proxy import TcpProxy


@pytest.fixture
def post(rabbitmq_url: str) -> Iterator[Post]:
    """Queues of this test's own: no other test, and no office, reads them."""
    post = Post(rabbitmq_url, queue=f"work-{uuid4()}", intake=f"intake-{uuid4()}")
    yield post
    post.broker.close()
    address = Address.of(rabbitmq_url)
    with amqp.Connection(f"{address.host}:{address.port}", address.user, address.password) as connection:
        channel = connection.channel()
        channel.queue_delete(post.queue)
        channel.queue_delete(post.intake)


@pytest.fixture
def proxy(rabbitmq_url: str) -> Iterator[TcpProxy]:
    address = Address.of(rabbitmq_url)
    with TcpProxy(address.host, address.port) as proxy:
        yield proxy


def consumer_of(post: Post, seen: list[bytes]) -> Consumer:
    consumer = Consumer()

    @consumer.handles(post.queue, subscriber="tests")
    def handler(message: Message) -> None:
        seen.append(message.body)
        if message.body == b"bad":
            raise ValueError("8756 SHARES")

    return consumer


def ready(post: Post) -> int | None:
    """Messages that are the queue's, once nobody reads it."""
    return post.broker.measure(post.queue, "tests").ready


def test_failures_and_receipts_reach_the_office_and_all_is_acknowledged(post: Post) -> None:
    seen: list[bytes] = []
    ours = {"dlo-id": str(uuid4()), "dlo-attempt": "1", "dlo-requeue-id": str(uuid4())}
    post.open_office()
    (failed, _) = post.send(b"bad", b"1", headers={"desk": "Zürich", "limit": 12, "urgent": True})
    post.send(b"2", headers=ours)
    with post.running(consumer_of(post, seen)):
        failure, receipt = post.at_office(2)
    assert isinstance(failure, Delegated)
    assert failure.message == failed
    assert failure.return_address == post.queue
    assert isinstance(receipt, Receipt)
    assert str(receipt.requeue_id) == ours["dlo-requeue-id"]
    assert seen == [b"bad", b"1", b"2"]
    assert ready(post) == 0


def test_nothing_is_acknowledged_while_the_office_is_not_there(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[bytes] = []
    post.send(b"1", b"bad", b"2")
    with post.running(consumer_of(post, seen), batch=2):
        until(lambda: "takes nothing" in caplog.text)
        assert seen == [b"1", b"bad"]
    until(lambda: ready(post) == 2)
    with post.running(consumer_of(post, seen), batch=2):
        until(lambda: caplog.text.count("takes nothing") == 2)
        post.open_office()
        (arrival,) = post.at_office(1)
        until(lambda: seen[-1] == b"2")
    assert isinstance(arrival, Delegated)
    assert seen == [b"1", b"bad", b"bad", b"2"]
    assert ready(post) == 0


def test_a_connection_lost_in_the_middle_of_a_batch_loses_no_message(post: Post, proxy: TcpProxy) -> None:
    consumer, seen = Consumer(), list[bytes]()
    post.open_office()

    @consumer.handles(post.queue, subscriber="tests")
    def cuts(message: Message) -> None:
        seen.append(message.body)
        if seen == [b"1", b"2"]:
            proxy.cut()
        if message.body == b"bad":
            raise ValueError

    post.send(b"1", b"2", b"bad", b"3")
    with post.running(consumer, url=proxy.way_to(post.url)):
        (arrival,) = post.at_office(1)
        until(lambda: seen[-1] == b"3" and len(seen) > 4)
    assert isinstance(arrival, Delegated)
    assert set(seen) == {b"1", b"2", b"bad", b"3"}
    until(lambda: ready(post) == 0)


def test_a_broker_that_comes_late_is_waited_for(
    post: Post, proxy: TcpProxy, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[bytes] = []
    proxy.down()
    post.send(b"1")
    with post.running(consumer_of(post, seen), url=proxy.way_to(post.url)):
        until(lambda: "waiting awaited=broker" in caplog.text)
        proxy.up()
        until(lambda: seen == [b"1"])
    assert ready(post) == 0


def test_a_handler_that_takes_longer_than_the_brokers_patience_keeps_its_connection(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """RabbitMQ ends a connection that was silent for twice its heartbeat."""
    consumer, seen, done = Consumer(), list[bytes](), threading.Event()
    post.open_office()

    @consumer.handles(post.queue, subscriber="tests")
    def long(message: Message) -> None:
        seen.append(message.body)
        time.sleep(4)
        done.set()

    post.send(b"long")
    with post.running(consumer, url=f"{post.url}?heartbeat=1"):
        assert done.wait(DEADLINE)
    assert seen == [b"long"]
    assert "awaited=broker" not in caplog.text
    assert ready(post) == 0
