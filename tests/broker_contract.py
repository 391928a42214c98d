"""What every broker adapter promises. A module of tests subclasses this and says where its broker is.

`BrokerContract` holds for every broker, `NetworkContract` for those in another process.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import Timer
from uuid import uuid4

import pytest

from consumers.broker import Broker, Confirmation, Delivery, Outgoing, QueueFigures, Subscription
from consumers.brokers import connect, properties
from consumers.errors import BrokerUnavailable, QueueMissing
from consumers.message import Message
from consumers.properties import Properties
from tests.tcp_proxy import TcpProxy

CONFIRMED, UNROUTABLE, UNKNOWN = Confirmation.CONFIRMED, Confirmation.UNROUTABLE, Confirmation.UNKNOWN
SUBSCRIBER = "contract"
SECONDS = 60.0
"""How long a test waits for what must come."""

BODIES = {
    "empty": b"",
    "a NUL": b"\0",
    "every byte": bytes(range(256)),
    "line ends": b"\r\n$5\r\n\xce",
    "1 MiB": os.urandom(1 << 20),
}


def bodies(deliveries: Sequence[Delivery]) -> list[bytes]:
    return [delivery.message.body for delivery in deliveries]


def receive(subscription: Subscription, count: int) -> list[Delivery]:
    """Receives exactly so many."""
    deliveries: list[Delivery] = []
    deadline = time.monotonic() + SECONDS
    while len(deliveries) < count and time.monotonic() < deadline:
        deliveries += subscription.receive(count - len(deliveries), 0.5)
    assert len(deliveries) == count
    return deliveries


class BrokerContract:
    """What holds for every broker."""

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def samples(self) -> list[Properties]:
        """Properties with everything in them that this broker can carry."""
        raise NotImplementedError

    def delete(self, url: str, queue: str) -> None:
        """Removes a queue from the broker."""
        raise NotImplementedError

    @pytest.fixture
    def broker(self, url: str) -> Iterator[Broker]:
        with connect(url) as broker:
            yield broker

    @pytest.fixture
    def queue(self, url: str, broker: Broker) -> Iterator[str]:
        """A new, declared queue of this test's own."""
        queue = f"contract.{uuid4().hex[:12]}"
        broker.declare(queue, SUBSCRIBER)
        yield queue
        self.delete(url, queue)

    @pytest.fixture
    def publish(self, broker: Broker, queue: str) -> Callable[..., None]:
        def publish(*bodies: bytes) -> None:
            outgoing = [Outgoing(queue, broker.message(body)) for body in bodies]
            assert broker.publish(outgoing) == [CONFIRMED] * len(bodies)

        return publish

    def measured(self, broker: Broker, queue: str, until: Callable[[QueueFigures], bool]) -> QueueFigures:
        """The figures, as soon as they are as they must become."""
        deadline = time.monotonic() + SECONDS
        while not until(figures := broker.measure(queue, SUBSCRIBER)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert until(figures), figures
        return figures

    # Publishing

    def test_a_confirmed_message_is_received(self, broker: Broker, queue: str) -> None:
        message = broker.message(b"hello", {"kind": "greeting"}, message_id="m-1")
        assert broker.publish([Outgoing(queue, message)]) == [CONFIRMED]
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            (delivery,) = receive(subscription, 1)
            subscription.acknowledge([delivery])
        assert delivery.message == message
        assert (delivery.queue, delivery.redelivered) == (queue, False)

    def test_publishing_nothing_gives_nothing(self, broker: Broker) -> None:
        assert broker.publish([]) == []

    def test_a_message_for_a_queue_that_is_not_there_is_unroutable(self, broker: Broker) -> None:
        missing = f"contract.missing.{uuid4().hex}"
        assert broker.publish([Outgoing(missing, broker.message(b"lost?"))]) == [UNROUTABLE]
        with pytest.raises(QueueMissing):
            broker.measure(missing, SUBSCRIBER)

    def test_unroutable_messages_in_a_batch_are_told_from_their_twins(
        self, broker: Broker, queue: str
    ) -> None:
        same, other = broker.message(b"same", {"n": "1"}), broker.message(b"other")
        missing, absent = (f"contract.missing.{uuid4().hex}" for _ in range(2))
        batch = [(queue, same), (missing, same), (queue, other), (missing, same), (absent, same)]
        batch += [(queue, same), (missing, other), (absent, other), (queue, other)]
        confirmations = broker.publish([Outgoing(*one) for one in batch])
        assert confirmations == [CONFIRMED if name == queue else UNROUTABLE for name, _ in batch]
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            deliveries = receive(subscription, 4)
            subscription.acknowledge(deliveries)
        assert bodies(deliveries) == [b"same", b"other", b"same", b"other"]

    def test_a_large_batch_goes_through_in_one_call_and_in_order(self, broker: Broker, queue: str) -> None:
        batch = [Outgoing(queue, broker.message(b"%d" % n, {"n": str(n)})) for n in range(5_000)]
        assert broker.publish(batch) == [CONFIRMED] * 5_000
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            for start in range(0, 5_000, 500):
                deliveries = receive(subscription, 500)
                assert bodies(deliveries) == [b"%d" % n for n in range(start, start + 500)]
                subscription.acknowledge(deliveries)

    def test_what_was_sent_is_confirmed_when_that_is_asked_for(self, broker: Broker, queue: str) -> None:
        missing = f"contract.missing.{uuid4().hex}"
        for _ in range(2):
            names = [queue, missing, queue]
            answers = broker.send([Outgoing(name, broker.message(name.encode())) for name in names])
            assert answers() == [CONFIRMED, UNROUTABLE, CONFIRMED]
        assert broker.send([])() == []
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            assert len(receive(subscription, 4)) == 4

    # Bytes

    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
    def test_a_body_arrives_as_it_left(self, broker: Broker, queue: str, body: bytes) -> None:
        message = broker.message(body, {"kind": "bytes"})
        assert broker.publish([Outgoing(queue, message)]) == [CONFIRMED]
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            (delivery,) = receive(subscription, 1)
            subscription.acknowledge([delivery])
        assert delivery.message == message

    def test_a_message_without_anything_arrives(self, broker: Broker, queue: str) -> None:
        assert broker.publish([Outgoing(queue, broker.message(b""))]) == [CONFIRMED]
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            (delivery,) = receive(subscription, 1)
            subscription.acknowledge([delivery])
        assert (delivery.message.body, dict(delivery.message.headers)) == (b"", {})

    def test_properties_stay_byte_for_byte_over_two_journeys(
        self, broker: Broker, queue: str, samples: list[Properties]
    ) -> None:
        sent = [Message(b"body %d" % n, sample) for n, sample in enumerate(samples)]
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            travelling = sent
            for _ in range(2):
                assert set(broker.publish([Outgoing(queue, message) for message in travelling])) == {
                    CONFIRMED
                }
                deliveries = receive(subscription, len(travelling))
                subscription.acknowledge(deliveries)
                # As the office does: stored as bytes in between.
                travelling = [
                    Message(d.message.body, properties(d.message.properties.format, d.message.properties.raw))
                    for d in deliveries
                ]
        assert travelling == sent
        assert [message.headers for message in travelling] == [message.headers for message in sent]

    def test_headers_can_be_added_on_the_way(
        self, broker: Broker, queue: str, samples: list[Properties]
    ) -> None:
        sent = [Message(b"", sample).with_headers({"dlo-attempt": "1"}) for sample in samples]
        assert set(broker.publish([Outgoing(queue, message) for message in sent])) == {CONFIRMED}
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            deliveries = receive(subscription, len(sent))
            subscription.acknowledge(deliveries)
        for delivery, sample in zip(deliveries, samples, strict=True):
            assert delivery.message.headers == {**sample.headers, "dlo-attempt": "1"}

    # Receiving and settling

    def test_receiving_does_not_wait_longer_than_it_was_told(self, broker: Broker, queue: str) -> None:
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            assert subscription.receive(10, 0) == []
            assert subscription.receive(10, 0.05) == []

    def test_a_message_ends_the_waiting(self, url: str, broker: Broker, queue: str) -> None:
        def later() -> None:
            with connect(url) as other:
                other.publish([Outgoing(queue, other.message(b"at last"))])

        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            timer = Timer(0.2, later)
            timer.start()
            deliveries = subscription.receive(10, SECONDS)
            subscription.acknowledge(deliveries)
            timer.join()
        assert bodies(deliveries) == [b"at last"]

    def test_a_limit_is_kept(self, broker: Broker, queue: str, publish: Callable[..., None]) -> None:
        publish(b"1", b"2", b"3")
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            first = subscription.receive(1, SECONDS)
            rest = receive(subscription, 2)
            subscription.acknowledge(first + rest)
        assert (bodies(first), bodies(rest)) == ([b"1"], [b"2", b"3"])

    def test_no_more_than_the_prefetch_is_unsettled(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1", b"2", b"3")
        with broker.subscribe(queue, SUBSCRIBER, prefetch=2) as subscription:
            first = receive(subscription, 2)
            assert subscription.receive(10, 0.2) == []
            subscription.acknowledge(first[:1])
            rest = receive(subscription, 1)
            subscription.acknowledge(first[1:] + rest)
        assert bodies(first + rest) == [b"1", b"2", b"3"]

    def test_what_was_asked_for_ahead_comes_next_and_in_order_whatever_is_done_meanwhile(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(*(b"%d" % n for n in range(6)))
        with broker.subscribe(queue, SUBSCRIBER, prefetch=4) as subscription:
            first = receive(subscription, 2)
            subscription.look_ahead(2)
            subscription.look_ahead(2)
            publish(b"6")
            subscription.keep(first)
            subscription.look_ahead(2)
            subscription.acknowledge(first)
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            again = receive(subscription, 5)
            subscription.acknowledge(again)
        assert bodies(first + again) == [b"0", b"1", b"2", b"3", b"4", b"5", b"6"]

    def test_what_was_asked_for_ahead_is_settled_like_everything(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(*(b"%d" % n for n in range(6)))
        with broker.subscribe(queue, SUBSCRIBER, prefetch=4) as subscription:
            seen = []
            for _ in range(3):
                deliveries = receive(subscription, 2)
                subscription.look_ahead(2)
                subscription.acknowledge(deliveries)
                seen += bodies(deliveries)
            assert subscription.receive(10, 0.2) == []
        assert seen == [b"%d" % n for n in range(6)]

    def test_what_was_not_settled_comes_before_what_was_asked_for_ahead(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(*(b"%d" % n for n in range(4)))
        with broker.subscribe(queue, SUBSCRIBER, prefetch=4) as subscription:
            receive(subscription, 2)
            subscription.look_ahead(2)
        with broker.subscribe(queue, SUBSCRIBER, prefetch=4) as subscription:
            deliveries = receive(subscription, 4)
            subscription.acknowledge(deliveries)
        assert bodies(deliveries) == [b"0", b"1", b"2", b"3"]

    def test_what_was_not_settled_at_the_end_is_delivered_again(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1", b"2", b"3")
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            assert not any(delivery.redelivered for delivery in receive(subscription, 3))
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            again = receive(subscription, 3)
            subscription.acknowledge(again)
        assert bodies(again) == [b"1", b"2", b"3"]
        assert all(delivery.redelivered for delivery in again)

    def test_an_acknowledged_part_stays_away_and_the_rest_comes_again_in_order(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(*(b"%d" % n for n in range(8)))
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            deliveries = receive(subscription, 8)
            subscription.acknowledge(deliveries[:2])
            subscription.acknowledge([deliveries[6], deliveries[4]])
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            again = receive(subscription, 4)
            assert bodies(again) == [b"2", b"3", b"5", b"7"]
            subscription.acknowledge(again)
            assert subscription.receive(10, 0.2) == []

    def test_however_much_one_leaves_it_comes_again_in_order_and_before_what_is_newer(
        self, url: str, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(*(b"%d" % n for n in range(200)))
        for _ in range(3):
            with broker.subscribe(queue, SUBSCRIBER, prefetch=100) as subscription:
                receive(subscription, 10)
                subscription.look_ahead(90)
        with connect(url) as other, other.subscribe(queue, SUBSCRIBER, prefetch=200) as elsewhere:
            deliveries = receive(elsewhere, 200)
            elsewhere.acknowledge(deliveries)
        assert bodies(deliveries) == [b"%d" % n for n in range(200)]
        assert all(one.redelivered for one in deliveries[:10])

    def test_what_is_kept_is_acknowledged_as_ever(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1", b"2")
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            deliveries = receive(subscription, 2)
            subscription.keep(deliveries)
            subscription.acknowledge(deliveries)
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            assert subscription.receive(10, 0.2) == []

    def test_settling_nothing_is_allowed(self, broker: Broker, queue: str) -> None:
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            subscription.acknowledge([])
            subscription.keep([])

    def test_a_requeue_to_the_return_address_comes_back(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1", b"2")
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            first, second = receive(subscription, 2)
            assert subscription.return_address == broker.declare(queue, SUBSCRIBER)
            requeue = Outgoing(subscription.return_address, first.message.with_headers({"dlo-attempt": "1"}))
            assert broker.publish([requeue]) == [CONFIRMED]
            subscription.acknowledge([first, second])
            (again,) = receive(subscription, 1)
            subscription.acknowledge([again])
        assert (again.message.body, again.message.headers["dlo-attempt"]) == (b"1", "1")
        assert again.queue == queue

    # Declaring and measuring

    def test_declaring_again_leaves_what_is_there(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1")
        broker.declare(queue, SUBSCRIBER)
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            deliveries = receive(subscription, 1)
            subscription.acknowledge(deliveries)
        assert bodies(deliveries) == [b"1"]

    def test_figures_follow_the_messages(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        empty = self.measured(broker, queue, lambda f: f.ready == 0 and f.consumers == 0)
        assert empty.oldest_seconds is None
        publish(*(b"%d" % n for n in range(5)))
        self.measured(broker, queue, lambda f: (f.ready, f.unacknowledged, f.entered) == (5, 0, 5))
        with broker.subscribe(queue, SUBSCRIBER, prefetch=3) as subscription:
            deliveries = receive(subscription, 3)
            self.measured(
                broker, queue, lambda f: (f.ready, f.unacknowledged, f.consumers) == (2, 3, 1) and f.left == 0
            )
            subscription.acknowledge(deliveries[:2])
            deliveries = [*deliveries[2:], *receive(subscription, 2)]
            subscription.acknowledge(deliveries[:2])
            # While its channel is open: RabbitMQ now and then forgets what a channel did just before its end.
            self.measured(broker, queue, lambda f: (f.ready, f.unacknowledged, f.left) == (0, 1, 4))
        figures = self.measured(
            broker, queue, lambda f: (f.ready, f.unacknowledged, f.consumers) == (1, 0, 0)
        )
        assert (figures.entered, figures.left) == (5, 4)

    def test_closing_a_broker_closes_its_subscriptions(
        self, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1")
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            receive(subscription, 1)
            broker.close()
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            deliveries = receive(subscription, 1)
            subscription.acknowledge(deliveries)
        assert (bodies(deliveries), deliveries[0].redelivered) == ([b"1"], True)

    def test_a_closed_broker_can_be_used_again(self, broker: Broker, queue: str) -> None:
        broker.close()
        assert broker.publish([Outgoing(queue, broker.message(b"again"))]) == [CONFIRMED]


class NetworkContract(BrokerContract):
    """What holds for a broker that can be lost from sight."""

    @pytest.fixture
    def proxy(self, url: str) -> Iterator[TcpProxy]:
        with TcpProxy.to(url) as proxy:
            yield proxy

    @pytest.fixture
    def distant(self, url: str, proxy: TcpProxy) -> Iterator[Broker]:
        """The broker, reached through the proxy."""
        with connect(proxy.way_to(url)) as broker:
            yield broker

    def test_what_a_killed_consumer_held_is_delivered_again(
        self, url: str, broker: Broker, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1", b"2", b"3")
        holder = [sys.executable, "-m", "tests.broker_holder", url, queue, SUBSCRIBER, "3"]
        with subprocess.Popen(holder, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "holding 3\n"
            process.kill()
        with broker.subscribe(queue, SUBSCRIBER) as subscription:
            deliveries = receive(subscription, 3)
            subscription.acknowledge(deliveries)
        assert bodies(deliveries) == [b"1", b"2", b"3"]
        assert all(delivery.redelivered for delivery in deliveries)
        assert {delivery.deliveries for delivery in deliveries} == {2}

    def test_a_broker_that_is_down_is_unavailable_until_it_is_back(
        self, distant: Broker, proxy: TcpProxy, queue: str
    ) -> None:
        proxy.down()
        message = Outgoing(queue, distant.message(b"patience"))
        with pytest.raises(BrokerUnavailable):
            distant.publish([message])
        with pytest.raises(BrokerUnavailable):
            distant.declare(queue, SUBSCRIBER)
        with pytest.raises(BrokerUnavailable):
            distant.measure(queue, SUBSCRIBER)
        proxy.up()
        assert distant.publish([message]) == [CONFIRMED]

    def test_a_connection_lost_before_the_confirmation_leaves_the_outcome_unknown(
        self, distant: Broker, proxy: TcpProxy, queue: str
    ) -> None:
        warm = [Outgoing(queue, distant.message(b"first"))]
        assert distant.publish(warm) == [CONFIRMED]
        proxy.cut_after_request()
        # More than one socket buffer, so that the cut comes while some of it was not even sent.
        batch = [Outgoing(queue, distant.message(b"%d" % n + bytes(10_000))) for n in range(1_000)]
        confirmations = distant.publish(batch)
        assert len(confirmations) == 1_000
        assert confirmations[-1] is UNKNOWN
        assert set(confirmations) <= {CONFIRMED, UNKNOWN}
        assert distant.publish(warm) == [CONFIRMED]

    def test_a_connection_lost_after_sending_leaves_what_was_sent_unknown(
        self, distant: Broker, proxy: TcpProxy, queue: str
    ) -> None:
        message = Outgoing(queue, distant.message(b"sent"))
        assert distant.send([message])() == [CONFIRMED]
        proxy.cut_after_request()
        answers = distant.send([message])
        assert answers() == [UNKNOWN]
        assert distant.send([message])() == [CONFIRMED]

    def test_a_connection_lost_while_nobody_looked_costs_no_message(
        self, distant: Broker, proxy: TcpProxy, queue: str
    ) -> None:
        message = Outgoing(queue, distant.message(b"1"))
        assert distant.publish([message]) == [CONFIRMED]
        proxy.cut()
        time.sleep(0.1)  # the end of the connection arrives
        assert distant.publish([message]) == [CONFIRMED]

    def test_a_connection_lost_while_waiting_is_told_and_the_next_receive_works(
        self, distant: Broker, proxy: TcpProxy, queue: str, publish: Callable[..., None]
    ) -> None:
        with distant.subscribe(queue, SUBSCRIBER) as subscription:
            assert subscription.receive(10, 0) == []
            timer = Timer(0.2, proxy.cut)
            timer.start()
            with pytest.raises(BrokerUnavailable):
                subscription.receive(10, SECONDS)
            timer.join()
            publish(b"1", b"2")
            deliveries = receive(subscription, 2)
            subscription.acknowledge(deliveries)
        assert bodies(deliveries) == [b"1", b"2"]

    def test_deliveries_of_a_lost_connection_come_again_or_are_settled(
        self, distant: Broker, proxy: TcpProxy, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1", b"2", b"3")
        with distant.subscribe(queue, SUBSCRIBER) as subscription:
            held = receive(subscription, 3)
            proxy.cut()
            settled = True
            try:
                subscription.acknowledge(held)
            except BrokerUnavailable:
                settled = False
            again: list[Delivery] = []
            with suppress(BrokerUnavailable):
                again = subscription.receive(10, 0.5)
            if not settled:
                again += receive(subscription, 3 - len(again))
            # An acknowledgement can be lost on the way without anybody noticing; half of one cannot.
            assert bodies(again) in ([], [b"1", b"2", b"3"])
            assert all(delivery.redelivered for delivery in again)
            subscription.acknowledge(again)

    def test_what_was_asked_for_ahead_of_a_lost_connection_is_not_lost(
        self, distant: Broker, proxy: TcpProxy, queue: str, publish: Callable[..., None]
    ) -> None:
        publish(b"1", b"2", b"3")
        with distant.subscribe(queue, SUBSCRIBER) as subscription:
            first = receive(subscription, 1)
            subscription.look_ahead(2)
            proxy.cut()
            with suppress(BrokerUnavailable):
                subscription.acknowledge(first)
            seen = set[bytes]()
            deadline = time.monotonic() + SECONDS
            while not seen >= {b"2", b"3"} and time.monotonic() < deadline:
                with suppress(BrokerUnavailable):
                    deliveries = subscription.receive(10, 0.5)
                    subscription.acknowledge(deliveries)
                    seen.update(bodies(deliveries))
        assert {b"2", b"3"} <= seen <= {b"1", b"2", b"3"}

    def test_what_arrived_in_a_lost_connection_is_not_lost(
        self, distant: Broker, proxy: TcpProxy, queue: str, publish: Callable[..., None]
    ) -> None:
        with distant.subscribe(queue, SUBSCRIBER) as subscription:
            assert subscription.receive(10, 0) == []
            proxy.cut_after_request()
            publish(b"1", b"2", b"3")
            deliveries: list[Delivery] = []
            deadline = time.monotonic() + SECONDS
            while len(deliveries) < 3 and time.monotonic() < deadline:
                try:
                    deliveries += subscription.receive(10, 0.5)
                except BrokerUnavailable:
                    deliveries.clear()
            assert bodies(deliveries) == [b"1", b"2", b"3"]
            subscription.acknowledge(deliveries)
