"""What is particular to RabbitMQ: queues that are there already, confirms, returns, and what a requeue leaves
behind."""

import time
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import amqp
import pytest

from consumers.broker import Broker, Confirmation, Outgoing
from consumers.brokers import connect, rabbitmq_publisher
from consumers.brokers.amqp_properties import AmqpProperties
from consumers.brokers.rabbitmq import QUEUE_ARGUMENTS
from consumers.brokers.rabbitmq_address import Address
from consumers.errors import BrokerUnavailable
from consumers.fields import FieldProperties
from consumers.message import Message
from tests.broker_contract import bodies, receive
from tests.tcp_proxy import TcpProxy

CONFIRMED, UNROUTABLE = Confirmation.CONFIRMED, Confirmation.UNROUTABLE
REFUSED, UNKNOWN, IMPOSSIBLE = Confirmation.REFUSED, Confirmation.UNKNOWN, Confirmation.IMPOSSIBLE
LARGER_THAN_THE_SERVER_TAKES = 129 * 1024 * 1024


@pytest.fixture
def broker(rabbitmq_url: str) -> Iterator[Broker]:
    with connect(rabbitmq_url) as broker:
        yield broker


@pytest.fixture
def plain(rabbitmq_url: str) -> Iterator[Any]:
    """A channel of py-amqp's own, to do what other people's programs do."""
    address = Address.of(rabbitmq_url)
    with amqp.Connection(f"{address.host}:{address.port}", address.user, address.password) as connection:
        yield connection.channel()


@pytest.fixture
def name(plain: Any) -> Iterator[str]:
    """The name of a queue that nobody has declared yet."""
    name = f"rabbitmq.{uuid4().hex[:12]}"
    yield name
    plain.queue_delete(name)


@pytest.fixture
def queue(broker: Broker, name: str) -> str:
    return broker.declare(name, "test")


def by_py_amqp(**properties: Any) -> AmqpProperties:
    return AmqpProperties(cast(Any, amqp.Message(**properties))._serialize_properties())


def publish(broker: Broker, queue: str, *payloads: bytes) -> None:
    outgoing = [Outgoing(queue, broker.message(payload)) for payload in payloads]
    assert broker.publish(outgoing) == [CONFIRMED] * len(payloads)


# Queues


def test_a_new_queue_is_a_durable_quorum_queue(broker: Broker, plain: Any, queue: str) -> None:
    plain.queue_declare(queue, durable=True, auto_delete=False, arguments=QUEUE_ARGUMENTS)
    assert QUEUE_ARGUMENTS["x-queue-type"] == "quorum"


def test_a_queue_that_somebody_made_in_another_way_is_used_as_it_is(
    broker: Broker, plain: Any, name: str
) -> None:
    plain.queue_declare(name, durable=True, auto_delete=False, arguments={"x-max-length": 1_000})
    assert broker.declare(name, "test") == name
    publish(broker, name, b"1")
    with broker.subscribe(name, "test") as subscription:
        deliveries = receive(subscription, 1)
        subscription.acknowledge(deliveries)
    assert bodies(deliveries) == [b"1"]


def test_a_message_delivered_often_is_not_dropped_and_stays_the_same(broker: Broker, queue: str) -> None:
    publish(broker, queue, b"1")
    identities = set()
    for _ in range(25):  # RabbitMQ 4 would by default give up after 20
        with broker.subscribe(queue, "test") as subscription:
            (delivery,) = receive(subscription, 1)
            identities.add(delivery.message.identity)
    with broker.subscribe(queue, "test") as subscription:
        subscription.acknowledge(receive(subscription, 1))
    assert len(identities) == 1


def test_a_queue_deleted_under_its_reader_is_told_and_made_again(
    broker: Broker, plain: Any, queue: str
) -> None:
    with broker.subscribe(queue, "test") as subscription:
        plain.queue_delete(queue)
        with pytest.raises(BrokerUnavailable):
            subscription.receive(1, 30)
        assert subscription.receive(1, 0) == []
        publish(broker, queue, b"1")
        deliveries = receive(subscription, 1)
        subscription.acknowledge(deliveries)
    assert bodies(deliveries) == [b"1"]


# Publishing


def test_a_message_too_large_for_the_server_is_refused_and_its_neighbours_are_not(
    broker: Broker, queue: str
) -> None:
    small = Outgoing(queue, broker.message(b"small"))
    large = Outgoing(queue, broker.message(bytes(LARGER_THAN_THE_SERVER_TAKES)))
    assert broker.publish([small, large, small]) == [CONFIRMED, IMPOSSIBLE, CONFIRMED]


def test_properties_too_large_for_a_frame_are_refused_and_their_neighbours_are_not(
    broker: Broker, queue: str
) -> None:
    small = Outgoing(queue, broker.message(b"small"))
    large = Outgoing(queue, broker.message(b"", {"large": "x" * 140_000}))
    assert broker.publish([small, large, small]) == [CONFIRMED, IMPOSSIBLE, CONFIRMED]


def test_what_is_no_message_of_rabbitmqs_is_refused_and_its_neighbours_are_not(
    broker: Broker, queue: str
) -> None:
    good = Outgoing(queue, broker.message(b"good"))
    foreign = Outgoing(queue, Message(b"", FieldProperties.build()))
    broken = Outgoing(queue, Message(b"", AmqpProperties(b"nonsense")))
    nameless = Outgoing("q" * 256, broker.message(b"no queue has such a name"))
    confirmations = broker.publish([good, foreign, broken, nameless, good])
    assert confirmations == [CONFIRMED, IMPOSSIBLE, IMPOSSIBLE, UNROUTABLE, CONFIRMED]


def test_a_full_queue_refuses(broker: Broker, plain: Any, name: str) -> None:
    arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
    plain.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
    message = Outgoing(name, broker.message(b"1"))
    assert [broker.publish([message]) for _ in range(3)] == [[CONFIRMED], [REFUSED], [REFUSED]]


def test_of_a_batch_that_fills_a_queue_no_refused_message_is_in_it_and_no_confirmed_one_is_not(
    broker: Broker, plain: Any, name: str
) -> None:
    arguments = {"x-max-length": 5, "x-overflow": "reject-publish"}
    plain.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
    payloads = [b"%d" % n for n in range(20)]
    confirmations = broker.publish([Outgoing(name, broker.message(payload)) for payload in payloads])
    said = dict(zip(payloads, confirmations, strict=True))
    with broker.subscribe(name, "test") as subscription:
        deliveries = receive(subscription, 5)
        subscription.acknowledge(deliveries)
    there = set(bodies(deliveries))
    assert REFUSED not in {said[payload] for payload in there}
    assert CONFIRMED not in {said[payload] for payload in said.keys() - there}


def test_a_confirm_that_comes_too_late_is_not_taken_for_anothers(
    rabbitmq_url: str, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TcpProxy.to(rabbitmq_url) as proxy, connect(proxy.way_to(rabbitmq_url)) as broker:
        message = broker.message(b"1")
        assert broker.publish([Outgoing(queue, message)]) == [CONFIRMED]
        monkeypatch.setattr(rabbitmq_publisher, "SILENCE_SECONDS", 0.3)
        proxy.hold_answers()
        assert broker.publish([Outgoing(queue, message)]) == [UNKNOWN]
        proxy.pass_answers()
        monkeypatch.undo()
        missing = f"missing.{uuid4().hex}"
        assert broker.publish([Outgoing(missing, message)]) == [UNROUTABLE]


def test_after_an_unknown_outcome_messages_go_one_by_one_until_all_is_known(
    rabbitmq_url: str, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A message that the server cannot stand hides among others.
    monkeypatch.setattr(rabbitmq_publisher, "LARGE", 2 * LARGER_THAN_THE_SERVER_TAKES)
    monkeypatch.setattr(rabbitmq_publisher, "CHUNK", 2 * LARGER_THAN_THE_SERVER_TAKES)
    with connect(rabbitmq_url) as broker:
        small = Outgoing(queue, broker.message(b"small"))
        large = Outgoing(queue, broker.message(bytes(LARGER_THAN_THE_SERVER_TAKES)))
        assert broker.publish([large, small]) == [UNKNOWN, UNKNOWN]
        assert broker.publish([large, small]) == [IMPOSSIBLE, CONFIRMED]
        with broker.subscribe(queue, "test") as subscription:
            deliveries = receive(subscription, 1)
            subscription.acknowledge(deliveries)
            assert subscription.receive(1, 0.1) == []


# What a requeue leaves behind


def test_a_requeue_does_not_expire_and_spreads_to_no_other_queue(
    broker: Broker, plain: Any, queue: str
) -> None:
    other = f"{queue}.other"
    plain.queue_declare(other, durable=True, auto_delete=False)
    original = by_py_amqp(
        application_headers={"CC": [other], "account": "1"},
        expiration="1",
        user_id="somebody-else",
        message_id="m-1",
    )
    assert broker.publish([Outgoing(queue, Message(b"1", original))]) == [CONFIRMED]
    time.sleep(0.2)  # it would have expired
    with broker.subscribe(queue, "test") as subscription:
        (delivery,) = receive(subscription, 1)
        subscription.acknowledge([delivery])
    assert delivery.message.properties == by_py_amqp(
        application_headers={"account": "1"}, delivery_mode=2, message_id="m-1"
    )
    assert plain.queue_delete(other) == 0


# Measuring


def test_without_the_management_api_figures_are_absent_and_not_zero(rabbitmq_url: str, queue: str) -> None:
    with connect(f"{rabbitmq_url}?management=http://127.0.0.1:1") as broker:
        figures = broker.measure(queue, "test")
    assert (figures.ready, figures.consumers) == (0, 0)
    assert (figures.unacknowledged, figures.entered, figures.left) == (None, None, None)


def test_a_wrong_password_is_told(rabbitmq_url: str) -> None:
    address = urlsplit(rabbitmq_url)
    elsewhere = rabbitmq_url.replace(address.netloc, f"guest:wrong@{address.hostname}:{address.port or 5672}")
    with connect(elsewhere) as broker, pytest.raises(BrokerUnavailable, match="refused"):
        broker.declare("anything", "test")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("amqp://broker", ("broker", 5672, "guest", "guest", "/", False)),
        ("amqp://a%40b:p%2Fw@broker:1/", ("broker", 1, "a@b", "p/w", "/", False)),
        ("amqps://u:p@broker/%2Fshop", ("broker", 5671, "u", "p", "/shop", True)),
    ],
)
def test_a_url_is_read(url: str, found: tuple[Any, ...]) -> None:
    address = Address.of(url)
    assert (address.host, address.port, address.user, address.password, address.vhost, address.tls) == found
