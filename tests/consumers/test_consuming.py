"""A consumer at work: what is acknowledged, what the office is told, and in which order."""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID, uuid4

import pytest

from consumers import CannotBeRepaired, Consumer, Message, RetryLater
from consumers.broker import Answers, Broker, Confirmation, Outgoing
from consumers.brokers.memory import Memory
from consumers.envelope import INTAKE_QUEUE, Delegated, Receipt
from consumers.errors import BrokerUnavailable
from consumers.failure import Kind
from consumers.ordering import Gates
from consumers.stopping import Stop
from tests.consumers.conftest import Post, until


class Recorder:
    """A consumer of the queue `work` that notes what it was given, and fails where the body says so."""

    def __init__(self, **declared: object) -> None:
        self.seen: list[bytes] = []
        self.consumer = Consumer()
        self.consumer.handles("work", subscriber="tests", **declared)(self.handle)  # type: ignore[arg-type]

    def handle(self, message: Message) -> None:
        self.seen.append(message.body)
        match message.body:
            case b"bad":
                raise ValueError("8756 SHARES")
            case b"later":
                raise RetryLater("the bank sleeps", after=60)
            case b"hopeless":
                raise CannotBeRepaired("torn in two")


def delegated(post: Post, count: int) -> list[Delegated]:
    arrivals = post.at_office(count)
    assert all(isinstance(arrival, Delegated) for arrival in arrivals)
    return [arrival for arrival in arrivals if isinstance(arrival, Delegated)]


def test_a_failed_message_goes_to_the_office_and_the_next_one_follows(post: Post) -> None:
    recorder = Recorder()
    _, failed, _ = post.send(b"1", b"bad", b"2", headers={"desk": "Zürich"})
    with post.running(recorder.consumer):
        (arrival,) = delegated(post, 1)
        until(lambda: post.unsettled() == 0)
    assert recorder.seen == [b"1", b"bad", b"2"]
    assert arrival.message == failed
    assert (arrival.queue, arrival.subscriber) == ("work", "tests")
    assert arrival.return_address == post.return_address
    assert arrival.failure.error_type == "ValueError"
    assert arrival.failure.handler.endswith("Recorder.handle")


def test_what_the_handler_says_of_a_failure_reaches_the_office(post: Post) -> None:
    post.send(b"later", b"hopeless")
    with post.running(Recorder().consumer):
        later, hopeless = (arrival.failure for arrival in delegated(post, 2))
    assert (later.kind, later.retry_after) == (Kind.TRANSIENT, 60)
    assert hopeless.kind is Kind.PERMANENT


def test_the_ordering_key_travels_with_a_failure(post: Post, office_database: str) -> None:
    post.send(b"bad")
    ordered = Recorder(ordering_key=lambda message: f"account {message.text()}").consumer
    with post.running(ordered, database=office_database):
        (arrival,) = delegated(post, 1)
    assert arrival.ordering_key == "account bad"


@pytest.mark.parametrize("batch", [1, 100])
def test_a_consumer_that_holds_too_much_tells_of_what_failed_and_reads_on(
    post: Post, office_database: str, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("consumers.line.Gates", partial(Gates, held_at_most=1))
    recorder = Recorder(ordering_key=lambda _: "ada")
    post.send(b"bad", b"1", b"2", b"3")
    with post.running(recorder.consumer, database=office_database, batch=batch):
        delegated(post, 1)
        until(lambda: post.unsettled() == 0)
    assert recorder.seen == [b"bad"]


def test_a_handler_may_be_declared_for_several_queues(post: Post) -> None:
    recorder = Recorder()
    recorder.consumer.handles("more", subscriber="tests")(recorder.handle)
    post.broker.declare("more", "tests")
    post.send(b"1", b"2")
    post.send(b"bad", queue="more")
    with post.running(recorder.consumer, batch=1):
        (arrival,) = delegated(post, 1)
        until(lambda: len(recorder.seen) == 3)
    assert arrival.queue == "more"
    assert set(recorder.seen) == {b"1", b"2", b"bad"}


def test_a_processed_requeue_is_told_to_the_office(post: Post) -> None:
    dead_letter, requeue = uuid4(), uuid4()
    post.send(b"1", headers={"dlo-id": str(dead_letter), "dlo-attempt": "2", "dlo-requeue-id": str(requeue)})
    with post.running(Recorder().consumer):
        (arrival,) = post.at_office(1)
        until(lambda: post.unsettled() == 0)
    assert isinstance(arrival, Receipt)
    assert (arrival.dead_letter, arrival.attempt, arrival.requeue_id) == (dead_letter, 2, requeue)
    assert arrival.place
    assert (arrival.place.queue, arrival.place.return_address) == ("work", post.return_address)


def test_a_requeue_that_fails_again_brings_its_dead_letter_along(post: Post) -> None:
    headers = {"dlo-id": str(uuid4()), "dlo-attempt": "1", "dlo-requeue-id": str(uuid4())}
    post.send(b"bad", headers=headers)
    with post.running(Recorder().consumer):
        (arrival,) = delegated(post, 1)
    assert arrival.message.headers == headers


@pytest.mark.parametrize(
    "headers",
    [
        {"dlo-id": "me"},
        {"dlo-id": b"\xff\xfe"},
        {"dlo-id": str(UUID(int=1)), "dlo-attempt": "first", "dlo-requeue-id": str(UUID(int=2))},
        {"dlo-id": str(UUID(int=1)), "dlo-attempt": "9" * 30, "dlo-requeue-id": str(UUID(int=2))},
        {"dlo-id": str(UUID(int=1)), "dlo-attempt": "9" * 9000, "dlo-requeue-id": str(UUID(int=2))},
        {"dlo-id": "\udcff\n\x00"},
    ],
)
def test_forged_headers_of_ours_bring_no_receipt_and_no_harm(
    post: Post, headers: dict[str, str | bytes], caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder()
    forged = {
        name: value.encode(errors="surrogateescape") if isinstance(value, str) else value
        for name, value in headers.items()
    }
    post.send(b"1", headers=forged)
    post.send(b"2")
    with post.running(recorder.consumer):
        until(lambda: post.unsettled() == 0)
    assert recorder.seen == [b"1", b"2"]
    assert post.broker.measure(INTAKE_QUEUE, "office").ready == 0
    assert any("no-receipt" in record.getMessage() for record in caplog.records)


def test_a_body_of_any_bytes_is_delegated_as_it_came(post: Post) -> None:
    bodies = [b"", bytes(range(256)), "Grüße".encode("latin-1"), b"x" * (1 << 20)]
    consumer = Consumer()

    @consumer.handles("work", subscriber="tests")
    def reads(message: Message) -> None:
        raise ValueError(message.text())

    post.send(*bodies)
    with post.running(consumer):
        arrivals = delegated(post, len(bodies))
    assert [arrival.message.body for arrival in arrivals] == bodies


def test_nothing_is_acknowledged_while_the_office_is_not_there(
    broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    post, recorder = Post(broker_url), Recorder()
    post.send(b"1", b"bad", b"2", b"bad", b"3")
    with post.running(recorder.consumer, batch=2):
        until(lambda: "takes nothing" in caplog.text)
        assert recorder.seen == [b"1", b"bad"]
        assert post.unsettled() == 4  # the first one needed nobody
        post.open_office()
        arrivals = delegated(post, 2)
        until(lambda: post.unsettled() == 0)
    assert [arrival.message.body for arrival in arrivals] == [b"bad", b"bad"]
    assert recorder.seen == [b"1", b"bad", b"2", b"bad", b"3"]  # waiting repeated nothing
    assert len([line for line in caplog.messages if "takes nothing" in line]) == 1
    assert len([line for line in caplog.messages if line.startswith("back awaited=office")]) == 1


def test_what_the_office_can_never_be_told_stops_nobody_and_stays_with_the_broker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put = Memory._put

    def too_large(self: Memory, outgoing: Outgoing) -> Confirmation:
        large = outgoing.queue == INTAKE_QUEUE and outgoing.message.body == b"bad"
        return Confirmation.IMPOSSIBLE if large else put(self, outgoing)

    monkeypatch.setattr(Memory, "_put", too_large)
    post, recorder = Post(f"memory://{uuid4()}"), Recorder()
    post.open_office()
    post.send(b"bad", b"1", b"2")
    with post.running(recorder.consumer):
        until(lambda: recorder.seen == [b"bad", b"1", b"2"] and post.unsettled() == 1)
    assert post.unsettled() == 1
    assert "cannot-be-delegated queue=work size=3" in caplog.text


def test_a_broker_that_takes_no_messages_for_a_while_has_nothing_handled_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    taking, kind = threading.Event(), type(post.broker)
    send = kind.send

    def held_back(self: Broker, outgoing: Sequence[Outgoing]) -> Answers:
        if not taking.is_set():
            raise BrokerUnavailable("It is short of memory.")
        return send(self, outgoing)

    monkeypatch.setattr(kind, "send", held_back)
    recorder = Recorder()
    post.send(b"1", b"bad", b"2")
    with post.running(recorder.consumer):
        until(lambda: "takes nothing: It is short of memory." in caplog.text)
        until(lambda: post.unsettled() == 1)
        taking.set()
        (arrival,) = delegated(post, 1)
        until(lambda: post.unsettled() == 0)
    assert arrival.message.body == b"bad"
    assert not arrival.redelivered
    assert recorder.seen == [b"1", b"bad", b"2"]


def test_a_broker_that_says_late_that_it_takes_no_messages_has_nothing_handled_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    taking = threading.Event()

    def declined() -> None:
        if not taking.is_set():
            raise BrokerUnavailable("It is a replica.")

    answering_after(monkeypatch, type(post.broker), b"bad", declined)
    recorder = Recorder()
    post.send(b"1", b"bad", b"2")
    with post.running(recorder.consumer):
        until(lambda: "takes nothing: It is a replica." in caplog.text)
        until(lambda: post.unsettled() == 1)
        taking.set()
        until(lambda: post.unsettled() == 0)
    assert recorder.seen == [b"1", b"bad", b"2"]


def test_a_consumer_that_waits_for_the_office_can_be_asked_to_leave(
    broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    post = Post(broker_url)
    post.send(b"1", b"bad", b"2")
    with post.running(Recorder().consumer, batch=2):
        until(lambda: "takes nothing" in caplog.text)
    assert post.unsettled() == 2


def test_a_slow_handler_does_not_keep_back_what_failed_before_it(post: Post) -> None:
    go_on = threading.Event()
    consumer = Consumer()

    @consumer.handles("work", subscriber="tests")
    def slow(message: Message) -> None:
        if message.body == b"bad":
            raise ValueError
        assert go_on.wait(30)

    post.send(b"bad", b"slow", b"slow")
    with post.running(consumer):
        (arrival,) = delegated(post, 1)
        until(lambda: post.unsettled() == 2)
        go_on.set()
        until(lambda: post.unsettled() == 0)
    assert arrival.message.body == b"bad"


def answering_after(
    monkeypatch: pytest.MonkeyPatch, kind: type[Broker], body: bytes, answer: Callable[[], None]
) -> None:
    """What the office is told of this message is confirmed after `answer` returned."""
    send = kind.send

    def sent(self: Broker, outgoing: Sequence[Outgoing]) -> Answers:
        answers = send(self, outgoing)

        def heard() -> Sequence[Confirmation]:
            if body in [one.message.body for one in outgoing]:
                answer()
            return answers()

        return heard

    monkeypatch.setattr(kind, "send", sent)


def test_the_next_batch_is_handled_while_the_office_is_told_of_the_last(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    answering_after(
        monkeypatch, type(post.broker), b"hopeless", lambda: until(lambda: recorder.seen[-1] == b"4")
    )
    post.send(b"bad", b"1", b"hopeless", b"2", b"3", b"4")
    with post.running(recorder.consumer, batch=2):
        arrivals = delegated(post, 2)
        until(lambda: post.unsettled() == 0)
    assert [arrival.message.body for arrival in arrivals] == [b"bad", b"hopeless"]
    assert recorder.seen == [b"bad", b"1", b"hopeless", b"2", b"3", b"4"]


def test_an_office_that_goes_away_stops_what_is_in_hand(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put, away, begun = Memory._put, threading.Event(), threading.Event()

    def away_for_now(self: Memory, outgoing: Outgoing) -> Confirmation:
        refused = away.is_set() and outgoing.queue == INTAKE_QUEUE
        return Confirmation.REFUSED if refused else put(self, outgoing)

    monkeypatch.setattr(Memory, "_put", away_for_now)
    answering_after(monkeypatch, Memory, b"bad 2", lambda: until(begun.is_set))
    post, consumer, seen = Post(f"memory://{uuid4()}"), Consumer(), list[bytes]()

    @consumer.handles("work", subscriber="tests")
    def handler(message: Message) -> None:
        seen.append(message.body)
        if message.body == b"bad 2":
            away.set()
        if message.body == b"1":
            begun.set()
            until(lambda: "takes nothing" in caplog.text)
        if message.body.startswith(b"bad"):
            raise ValueError

    post.open_office()
    post.send(b"bad 1", b"bad 2", b"1", b"2")
    with post.running(consumer, batch=1):
        until(lambda: "takes nothing" in caplog.text)
        until(lambda: post.unsettled() == 3)
        assert b"2" not in seen
        away.clear()
        until(lambda: post.unsettled() == 0)
    assert seen == [b"bad 1", b"bad 2", b"1", b"2"]
    assert [arrival.message.body for arrival in delegated(post, 2)] == [b"bad 1", b"bad 2"]


def test_what_one_queue_brought_is_settled_while_a_message_of_another_is_handled(post: Post) -> None:
    recorder, go_on = Recorder(), threading.Event()
    recorder.consumer.handles("more", subscriber="tests")(lambda message: until(go_on.is_set))
    post.broker.declare("more", "tests")
    post.send(b"bad", b"bad", b"1")
    post.send(*[b"slow"] * 3, queue="more")
    with post.running(recorder.consumer, batch=3):
        delegated(post, 2)
        until(lambda: post.unsettled() == 0)
        go_on.set()


def test_a_consumer_that_leaves_settles_what_it_has_told_the_office(post: Post) -> None:
    consumer, stop, seen = Consumer(), Stop(), list[bytes]()

    @consumer.handles("work", subscriber="tests")
    def handler(message: Message) -> None:
        seen.append(message.body)
        if message.body == b"last":
            stop.request()
        raise ValueError

    post.send(b"1", b"last", b"2")
    consumer.run(post.url, batch=1, stop=stop)
    assert seen == [b"1", b"last"]
    assert len(delegated(post, 2)) == 2
    assert post.unsettled() == 1


def test_messages_that_processes_died_with_too_often_are_settled_one_by_one(post: Post) -> None:
    consumer, unsettled, other = Consumer(), list[int](), Post(post.url)

    @consumer.handles("work", subscriber="tests", deliveries=2)
    def handler(message: Message) -> None:
        unsettled.append(other.unsettled())

    post.send(b"1", b"2", b"3")
    with post.broker.subscribe("work", "tests") as died:
        assert len(died.receive(3, 1)) == 3
    with post.running(consumer):
        until(lambda: post.unsettled() == 0)
    assert unsettled == [3, 2, 1]


def test_what_was_not_begun_is_given_back_when_a_consumer_leaves(post: Post) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen = []
    consumer = Consumer()

    @consumer.handles("work", subscriber="tests")
    def slow(message: Message) -> None:
        seen.append(message.body)
        begun.set()
        assert go_on.wait(30)

    post.send(b"1", b"2", b"3")
    with post.running(consumer) as stop:
        assert begun.wait(30)
        stop.request()
        go_on.set()
    assert seen == [b"1"]
    assert post.unsettled() == 2
    successor = Recorder()
    with post.running(successor.consumer):
        until(lambda: post.unsettled() == 0)
    assert successor.seen == [b"2", b"3"]


def test_a_handler_that_exits_ends_the_consumer_and_settles_nothing_of_its_own(post: Post) -> None:
    consumer = Consumer()

    @consumer.handles("work", subscriber="tests")
    def exits(message: Message) -> None:
        if message.body == b"exit":
            raise SystemExit(3)

    post.send(b"1", b"exit", b"2")
    with pytest.raises(SystemExit, match="3"):
        consumer.run(post.url)
    assert post.unsettled() == 2


def test_a_message_that_ends_its_process_each_time_goes_to_the_office_unhandled(post: Post) -> None:
    consumer, seen = Consumer(), list[bytes]()

    @consumer.handles("work", subscriber="tests", deliveries=2)
    def handler(message: Message) -> None:
        seen.append(message.body)
        if message.body == b"deadly":
            raise SystemExit

    post.send(b"deadly", b"fine")
    for _ in range(2):
        with pytest.raises(SystemExit):
            consumer.run(post.url)
    with post.running(consumer):
        (arrival,) = post.at_office(1)
        until(lambda: post.unsettled() == 0)
    assert isinstance(arrival, Delegated)
    assert (arrival.message.body, arrival.failure.error_type) == (b"deadly", "Never through")
    assert arrival.redelivered
    assert seen == [b"deadly", b"deadly", b"fine"]


def test_what_a_process_died_with_in_several_batches_brings_one_message_to_the_office(post: Post) -> None:
    consumer, seen = Consumer(), list[bytes]()

    @consumer.handles("work", subscriber="tests", deliveries=1)
    def handler(message: Message) -> None:
        seen.append(message.body)

    post.send(b"deadly", *(b"fine %d" % number for number in range(5)))
    with post.broker.subscribe("work", "tests") as died:
        assert len(died.receive(6, 1)) == 6
    with post.running(consumer, batch=2):
        (arrival,) = post.at_office(1)
        until(lambda: post.unsettled() == 0)
    assert isinstance(arrival, Delegated)
    assert (arrival.message.body, arrival.failure.error_type) == (b"deadly", "Never through")
    assert seen == [b"fine %d" % number for number in range(5)]


def test_logs_name_a_failure_and_show_no_payload(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    (failed,) = post.send(b"bad")
    with post.running(Recorder().consumer):
        delegated(post, 1)
    assert f"message={failed.message_id}" in caplog.text
    assert "error=ValueError" in caplog.text
    assert "8756" not in caplog.text
