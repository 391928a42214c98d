"""What is particular to Valkey: groups, requeue streams, claims, and streams that must not grow for ever."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import redis

from consumers.broker import Broker, Confirmation, Outgoing, Subscription
from consumers.brokers import connect
from consumers.brokers.amqp_properties import AmqpProperties
from consumers.errors import BrokerUnavailable, QueueMissing
from consumers.message import Message
from tests.broker_contract import bodies, receive
from tests.tcp_proxy import TcpProxy

CONFIRMED, UNROUTABLE, REFUSED = Confirmation.CONFIRMED, Confirmation.UNROUTABLE, Confirmation.REFUSED


@pytest.fixture
def url(valkey_url: str) -> str:
    return f"{valkey_url}?claim_after=0.5"


@pytest.fixture
def broker(url: str) -> Iterator[Broker]:
    with connect(url) as broker:
        yield broker


@pytest.fixture
def server(valkey_url: str) -> Iterator[Any]:
    with redis.Redis.from_url(valkey_url.replace("valkey:", "redis:")) as client:
        yield client


def publish(broker: Broker, queue: str, *payloads: bytes) -> None:
    outgoing = [Outgoing(queue, broker.message(payload)) for payload in payloads]
    assert broker.publish(outgoing) == [CONFIRMED] * len(payloads)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


@contextmanager
def setting(server: Any, name: str, value: str) -> Iterator[None]:
    before = server.config_get(name)[name]
    server.config_set(name, value)
    try:
        yield
    finally:
        server.config_set(name, before)


# Subscribers


def test_two_subscribers_of_a_queue_each_get_everything(broker: Broker) -> None:
    with broker.subscribe("trades", "placement") as placement:
        publish(broker, "trades", b"1", b"2")
        with broker.subscribe("trades", "audit") as audit:  # comes later, misses nothing
            for subscription in (placement, audit):
                deliveries = receive(subscription, 2)
                subscription.acknowledge(deliveries)
                assert bodies(deliveries) == [b"1", b"2"]


def test_a_requeue_to_one_subscriber_reaches_that_one_alone(broker: Broker) -> None:
    with broker.subscribe("trades", "placement") as placement, broker.subscribe("trades", "audit") as audit:
        publish(broker, placement.return_address, b"again")
        deliveries = receive(placement, 1)
        placement.acknowledge(deliveries)
        assert (bodies(deliveries), deliveries[0].queue) == ([b"again"], "trades")
        assert audit.receive(10, 0.2) == []


def test_processes_of_one_subscriber_share_its_messages(url: str, broker: Broker) -> None:
    with connect(url) as other:
        with broker.subscribe("trades", "placement") as one, other.subscribe("trades", "placement") as two:
            publish(broker, "trades", b"1", b"2", b"3", b"4")
            first, second = receive(one, 2), receive(two, 2)
            one.acknowledge(first)
            two.acknowledge(second)
        assert bodies(first + second) == [b"1", b"2", b"3", b"4"]
        assert other.measure("trades", "placement").left == 4


def test_a_flood_of_requeues_does_not_keep_new_messages_waiting(broker: Broker) -> None:
    with broker.subscribe("trades", "placement") as subscription:
        publish(broker, subscription.return_address, *(b"requeued %d" % n for n in range(50)))
        publish(broker, "trades", *(b"new %d" % n for n in range(50)))
        taken = [subscription.receive(10, 0) for _ in range(4)]
        subscription.acknowledge([delivery for deliveries in taken for delivery in deliveries])
    assert sum(body.startswith(b"new") for deliveries in taken for body in bodies(deliveries)) == 20


# Claims


def test_what_one_process_neither_settles_nor_keeps_goes_to_another(url: str, broker: Broker) -> None:
    publishing = broker.subscribe("trades", "placement")
    publish(broker, "trades", b"1", b"2", b"3")
    with connect(url) as other, publishing as slow, other.subscribe("trades", "placement") as quick:
        first, *_ = receive(slow, 3)
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            slow.keep([first])
            time.sleep(0.1)
        claimed = receive(quick, 2)
        assert bodies(claimed) == [b"2", b"3"]
        assert all(delivery.redelivered for delivery in claimed)
        assert quick.receive(1, 0) == []
        quick.acknowledge(claimed)
        slow.acknowledge([first])
        assert other.measure("trades", "placement").unacknowledged == 0


def test_what_a_process_still_holds_is_not_given_to_it_again(broker: Broker) -> None:
    with broker.subscribe("trades", "placement") as subscription:
        publish(broker, "trades", b"1")
        held = receive(subscription, 1)
        time.sleep(0.6)  # longer than claim_after
        assert subscription.receive(10, 1.2) == []
        subscription.acknowledge(held)


def test_a_consumer_that_left_is_forgotten_and_its_deliveries_are_not(broker: Broker, server: Any) -> None:
    with broker.subscribe("trades", "placement") as subscription:
        publish(broker, "trades", b"1", b"2")
        receive(subscription, 2)
        assert broker.measure("trades", "placement").consumers == 1
    figures = broker.measure("trades", "placement")
    assert (figures.ready, figures.unacknowledged, figures.consumers) == (2, 0, 0)
    assert [each["name"] for each in server.xinfo_consumers("trades", "placement")] == [b"dlo:released"]


# Reading ahead


@pytest.fixture
def proxy(url: str) -> Iterator[TcpProxy]:
    with TcpProxy.to(url) as proxy:
        yield proxy


@pytest.fixture
def distant(url: str, proxy: TcpProxy) -> Iterator[Subscription]:
    """A subscription to a queue of six messages, behind a proxy."""
    with connect(proxy.way_to(url)) as broker:
        broker.declare("trades", "placement")
        publish(broker, "trades", *(b"%d" % n for n in range(6)))
        yield broker.subscribe("trades", "placement", prefetch=4)


def test_an_acknowledgement_asks_for_what_comes_after_the_next_and_waits_for_neither(
    distant: Subscription, proxy: TcpProxy, server: Any
) -> None:
    deliveries = receive(distant, 2)
    distant.look_ahead(2)
    proxy.hold_answers()
    distant.acknowledge(deliveries)
    until(lambda: server.xinfo_groups("trades")[0]["lag"] == 0)
    assert server.xpending("trades", "placement")["pending"] == 4
    proxy.pass_answers()
    for expected in ([b"2", b"3"], [b"4", b"5"]):
        deliveries = distant.receive(2, 60)
        distant.acknowledge(deliveries)
        assert bodies(deliveries) == expected


def test_what_is_sent_is_not_waited_for_nor_is_what_was_asked_for_before(
    url: str, proxy: TcpProxy, server: Any
) -> None:
    with connect(proxy.way_to(url)) as broker:
        subscription = broker.subscribe("trades", "placement")
        publish(broker, "trades", b"1", b"2")
        first = receive(subscription, 1)
        proxy.hold_answers()
        subscription.look_ahead(1)
        answers = broker.send([Outgoing("trades", broker.message(b"3"))])
        until(lambda: bool(server.xlen("trades") == 3))
        proxy.pass_answers()
        assert answers() == [CONFIRMED]
        assert bodies(first + receive(subscription, 2)) == [b"1", b"2", b"3"]


def test_what_is_read_ahead_keeps_its_size_after_there_was_little_room(
    distant: Subscription,
) -> None:
    first = receive(distant, 1) + receive(distant, 2)
    distant.look_ahead(2)
    distant.acknowledge(first)
    assert bodies(distant.receive(4, 60)) == [b"3"]
    assert bodies(distant.receive(4, 60)) == [b"4", b"5"]


def test_what_was_acknowledged_as_the_connection_broke_does_not_come_again(
    distant: Subscription, proxy: TcpProxy, server: Any
) -> None:
    deliveries = receive(distant, 2)
    distant.look_ahead(2)
    until(lambda: server.xpending("trades", "placement")["pending"] == 4)
    server.client_pause(60_000, all=False)  # the server hears of it and does nothing
    distant.acknowledge(deliveries)
    proxy.cut()
    server.client_unpause()
    seen: list[bytes] = []
    deadline = time.monotonic() + 60
    while len(seen) < 4 and time.monotonic() < deadline:
        with suppress(BrokerUnavailable):
            seen += bodies(deliveries := distant.receive(4, 0.5))
            distant.acknowledge(deliveries)
    assert sorted(set(seen)) == [b"2", b"3", b"4", b"5"]


def test_a_stream_deleted_before_it_is_read_ahead_is_made_again(broker: Broker, server: Any) -> None:
    with broker.subscribe("trades", "placement", prefetch=2) as subscription:
        publish(broker, "trades", b"1")
        deliveries = receive(subscription, 1)
        server.delete("trades", subscription.return_address)
        subscription.look_ahead(1)
        subscription.acknowledge(deliveries)
        goes_on(broker, subscription)


def goes_on(broker: Broker, subscription: Subscription) -> None:
    """Its stream is gone with what was on it, and what comes now arrives."""
    assert subscription.receive(1, 0) == []
    publish(broker, "trades", b"2")
    deliveries = receive(subscription, 1)
    subscription.acknowledge(deliveries)
    assert bodies(deliveries) == [b"2"]


# Streams


def test_a_stream_keeps_what_somebody_has_yet_to_acknowledge_and_nothing_else(
    broker: Broker, server: Any
) -> None:
    broker.declare("trades", "audit")
    with broker.subscribe("trades", "placement", prefetch=2_000) as placement:
        publish(broker, "trades", *(b"%d" % n for n in range(2_000)))
        placement.acknowledge(receive(placement, 2_000))
    assert server.xlen("trades") == 2_000  # audit has read none of them
    with broker.subscribe("trades", "audit", prefetch=2_000) as audit:
        deliveries = receive(audit, 2_000)
        audit.acknowledge(deliveries[:1_000] + deliveries[1_001:])
    assert 1_000 <= server.xlen("trades") < 1_200  # a stream is trimmed by the node
    for subscriber, ready in (("placement", 0), ("audit", 1)):
        figures = broker.measure("trades", subscriber)
        assert (figures.ready, figures.entered, figures.left) == (ready, 2_000, 2_000 - ready)
    with broker.subscribe("trades", "audit") as audit:
        left = receive(audit, 1)
        assert bodies(left) == [b"1000"]
        audit.acknowledge(left)
    assert server.xlen("trades") < 200


def test_a_stream_deleted_under_its_reader_is_made_again(broker: Broker, server: Any) -> None:
    with broker.subscribe("trades", "placement") as subscription:
        publish(broker, "trades", b"1")
        held = receive(subscription, 1)
        server.delete("trades", subscription.return_address)
        subscription.acknowledge(held)
        goes_on(broker, subscription)


def test_the_age_of_the_oldest_message_counts_from_its_arrival(broker: Broker, server: Any) -> None:
    with broker.subscribe("trades", "placement") as subscription:
        seconds, _ = server.time()
        server.xadd("trades", {"body": "old"}, id=f"{(seconds - 100) * 1000}-0")
        publish(broker, "trades", b"new")
        ready = broker.measure("trades", "placement").oldest_seconds
        deliveries = receive(subscription, 2)
        unacknowledged = broker.measure("trades", "placement").oldest_seconds
        for age in (ready, unacknowledged):
            assert age is not None
            assert 100 <= age < 160
        subscription.acknowledge(deliveries)
    assert broker.measure("trades", "placement").oldest_seconds is None


def test_figures_that_the_server_cannot_give_are_absent_and_not_zero(broker: Broker, server: Any) -> None:
    broker.declare("trades", "placement")
    publish(broker, "trades", b"1", b"2", b"3", b"4")
    with broker.subscribe("trades", "placement") as subscription:
        subscription.acknowledge(receive(subscription, 1))
    _, middle, _ = server.xrange("trades", min=server.xinfo_groups("trades")[0]["last-delivered-id"])[1:]
    server.xdel("trades", middle[0])
    figures = broker.measure("trades", "placement")
    assert (figures.ready, figures.left) == (None, None)
    assert figures.entered == 4


# What the server declines


def test_a_full_server_refuses_and_says_so(broker: Broker, server: Any) -> None:
    broker.declare("trades", "placement")
    with setting(server, "maxmemory", "1"):
        assert broker.publish([Outgoing("trades", broker.message(b"1"))]) == [REFUSED]
    publish(broker, "trades", b"1")


def test_a_server_that_takes_no_writes_for_now_is_unavailable(broker: Broker, server: Any) -> None:
    broker.declare("trades", "placement")
    with setting(server, "min-replicas-to-write", "1"), pytest.raises(BrokerUnavailable):
        broker.publish([Outgoing("trades", broker.message(b"1"))] * 3)
    publish(broker, "trades", b"1")


def test_a_key_that_is_no_stream_is_no_queue(broker: Broker, server: Any) -> None:
    server.set("trades", "something else")
    assert broker.publish([Outgoing("trades", broker.message(b"1"))]) == [UNROUTABLE]
    for ask in (broker.declare, broker.subscribe, broker.measure):
        with pytest.raises(QueueMissing):
            ask("trades", "placement")


def test_a_message_of_another_brokers_making_is_refused_and_its_neighbours_are_not(broker: Broker) -> None:
    broker.declare("trades", "placement")
    ours, theirs = broker.message(b"1"), Message(b"2", AmqpProperties.build())
    confirmations = broker.publish([Outgoing("trades", message) for message in (ours, theirs, ours)])
    assert confirmations == [CONFIRMED, Confirmation.IMPOSSIBLE, CONFIRMED]


def test_a_wrong_password_is_told(url: str) -> None:
    elsewhere = "valkey://:wrong@" + url.rpartition("@")[2]
    with connect(elsewhere) as broker, pytest.raises(BrokerUnavailable, match="password"):
        broker.declare("trades", "placement")


# Transactions


@contextmanager
def somebody_who_may(server: Any, url: str, *rights: str) -> Iterator[Broker]:
    server.execute_command("ACL", "SETUSER", "limited", "reset", "on", ">secret", *rights)
    try:
        with connect(f"valkey://limited:secret@{url.rpartition('@')[2].removeprefix('valkey://')}") as broker:
            yield broker
    finally:
        server.execute_command("ACL", "DELUSER", "limited")


def test_a_queue_that_may_not_be_written_to_keeps_nothing_from_the_others(
    broker: Broker, server: Any, url: str
) -> None:
    for queue in ("trades", "secrets"):
        broker.declare(queue, "placement")
    with somebody_who_may(server, url, "+@all", "~trades*") as limited:
        queues = ("trades", "secrets", "trades")
        answers = limited.publish([Outgoing(queue, broker.message(b"1")) for queue in queues])
    assert answers == [CONFIRMED, REFUSED, CONFIRMED]
    assert (server.xlen("trades"), server.xlen("secrets")) == (2, 0)


def test_who_may_begin_no_transaction_publishes_each_message_once_without(
    broker: Broker, server: Any, url: str
) -> None:
    broker.declare("trades", "placement")
    with somebody_who_may(server, url, "+@all", "-multi", "~*") as limited:
        answers = limited.publish([Outgoing("trades", broker.message(b"1"))] * 3)
    assert answers == [CONFIRMED] * 3
    assert server.xlen("trades") == 3


def test_a_pipeline_is_one_transaction_and_so_one_write_to_the_servers_disk(
    broker: Broker, server: Any
) -> None:
    broker.declare("trades", "placement")
    before = transactions(server)
    publish(broker, "trades", *[b"1"] * 400)
    assert transactions(server) == before + 1


def transactions(server: Any) -> int:
    return int(server.info("commandstats").get("cmdstat_exec", {"calls": 0})["calls"])
