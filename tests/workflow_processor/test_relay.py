"""The relay: what the outbox holds leaves as it is shown, once, or says that it may be a second."""

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import kombu
import pytest
import redis
from django.contrib.auth.models import User
from django.db import connection

from consumers.broker import Answers, Broker, Confirmation, Outgoing
from consumers.brokers import connect
from consumers.brokers.amqp_properties import AmqpProperties
from consumers.envelope import Delegated, Receipt
from consumers.failure import Kind
from consumers.identity import requeue_id
from consumers.message import RESERVED, Message
from dashboard.databases import redis as redis_url
from tests.tcp_proxy import TcpProxy
from tests.workflow_processor.letters import (
    SUBSCRIBER,
    assert_counted,
    failure,
    in_threads,
    letters,
    states,
    take_in,
    timeline,
)
from tests.workflow_processor.rules import Shares
from workflow_processor import acts, answered, lifecycle, outbox, relay
from workflow_processor.answered import Answer
from workflow_processor.intake import receipts
from workflow_processor.lifecycle import Seen
from workflow_processor.models import Event, OutboxEntry, Revision
from workflow_processor.outbox import Entry
from workflow_processor.relay import Lease, Relay
from workflow_processor.repair import pipeline
from workflow_processor.transition import Actor

pytestmark = pytest.mark.django_db
CLERK = Actor("clerk")
BODIES = [b"", b"A1,BUY,AAPL,1", bytes(range(256)), b'{"a": 1.10, "a": 12345678901234567890}\r\n']


class Post:
    """A queue on a real broker, its subscriber, and an office whose relay sends there."""

    def __init__(self, url: str) -> None:
        self.broker: Broker = connect(url)
        self.queue = f"trades-{uuid4()}"
        self.address = self.broker.declare(self.queue, SUBSCRIBER)
        self.relay = Relay(self.broker)

    def failed(self, body: bytes = b"A1,BUY,AAPL,1", kind: Kind = Kind.UNKNOWN) -> Delegated:
        message = self.broker.message(
            body,
            {"desk": "7", "x-raw": b"\xff\x00", "leer": "ü"},
            message_id=str(uuid4()),
            correlation_id="c-1",
            content_type="text/csv",
        )
        return Delegated(message, failure(kind), self.queue, SUBSCRIBER, self.address)

    def parked(self, *delegated: Delegated) -> list[UUID]:
        ids = take_in(*delegated or [self.failed()])
        pipeline.repair(ids, [])
        assert set(states(ids)) == {"parked"}
        return ids

    def requeued(self, *delegated: Delegated) -> list[UUID]:
        ids = self.parked(*delegated)
        requeue(ids)
        return ids

    def received(self, count: int) -> list[Message]:
        """Everything that comes to the subscriber's queue, which is so many."""
        found: list[Message] = []
        deadline = time.monotonic() + 90
        with self.broker.subscribe(self.queue, SUBSCRIBER) as subscription:
            while (deliveries := subscription.receive(500, 0.1)) or len(found) < count:
                assert time.monotonic() < deadline, f"{len(found)} of {count} came"
                subscription.acknowledge(deliveries)
                found += [delivery.message for delivery in deliveries]
        assert len(found) == count
        return found


def requeue(ids: Sequence[UUID]) -> None:
    moved = lifecycle.requeue([Seen(letter.id, letter.version) for letter in letters(ids)], CLERK)
    assert len(moved) == len(ids)


def due_now() -> None:
    """The waits of all entries are over."""
    OutboxEntry.objects.filter(state="pending").update(due_at="2020-01-01T00:00:00Z")


def ours(message: Message) -> dict[str, str]:
    return {name: str(value) for name, value in message.headers.items() if name.startswith(RESERVED)}


def without_ours(message: Message) -> Message:
    return Message(message.body, message.properties.with_headers({}, drop=list(ours(message))))


@pytest.fixture
def valkey(valkey_url: str) -> Iterator[Post]:
    post = Post(valkey_url)
    yield post
    post.broker.close()
    assert_counted()


@pytest.fixture(params=["memory", "valkey", "rabbitmq"])
def post(request: pytest.FixtureRequest) -> Iterator[Post]:
    url = (
        f"memory://{uuid4()}"
        if request.param == "memory"
        else request.getfixturevalue(f"{request.param}_url")
    )
    post = Post(url)
    yield post
    post.broker.close()
    if request.param == "rabbitmq":  # it outlives the tests
        with kombu.Connection(url) as connection:
            channel: Any = connection.default_channel
            channel.queue_delete(post.queue)
    assert_counted()


@pytest.fixture
def proxy(valkey_url: str) -> Iterator[TcpProxy]:
    with TcpProxy.to(valkey_url) as proxy:
        yield proxy


@pytest.fixture
def through(proxy: TcpProxy, valkey_url: str) -> Iterator[Post]:
    """A post whose connection can be lost."""
    post = Post(proxy.way_to(valkey_url))
    yield post
    post.broker.close()
    assert_counted()


def test_a_requeue_leaves_byte_for_byte_with_our_headers_added(post: Post) -> None:
    given = [post.failed(body) for body in BODIES]
    ids = post.requeued(*given)
    assert post.relay.drain() == len(BODIES)
    assert_sent_once(post, ids, [one.message for one in given])
    assert timeline(ids[0])[-2:] == ["requeued", "sent"]
    told = Event.objects.get(dead_letter_id=ids[0], kind="sent")
    assert told.text == f"Sent to {post.address}."


def assert_sent_once(post: Post, ids: Sequence[UUID], messages: Sequence[Message]) -> None:
    """Each of the dead letters as this message, with our headers added and no mark."""
    by_id = {message.message_id: message for message in post.received(len(messages))}
    for message, id in zip(messages, ids, strict=True):
        arrived = by_id[message.message_id]
        assert without_ours(arrived) == message
        assert ours(arrived) == {
            "dlo-id": str(id),
            "dlo-attempt": "1",
            "dlo-requeue-id": str(requeue_id(id, 1)),
        }
    assert set(OutboxEntry.objects.values_list("state", "tries")) == {("sent", 1)}


def test_a_repaired_message_is_sent_without_anybody(post: Post) -> None:
    ids = take_in(post.failed(b"A1,BUY,AAPL,1 SHARES"))
    pipeline.repair(ids, [Shares()])
    post.relay.drain()
    assert [message.body for message in post.received(1)] == [b"A1,BUY,AAPL,1"]


def test_a_repair_is_sent_by_the_relay_of_its_own_process_and_is_no_other_s(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [post.failed(body + b" SHARES") for body in BODIES]
    ids = take_in(*given)
    others: list[int] = []

    def sending(self: Relay, entries: Sequence[Entry], lease: Lease) -> int:
        others.append(Relay(post.broker).drain())
        return send(self, entries, lease)

    send = Relay.send
    monkeypatch.setattr(Relay, "send", sending)
    assert pipeline.repair(ids, [Shares()], relay=post.relay) == len(BODIES)
    assert others == [0]
    repaired = [one.message.with_body(body) for one, body in zip(given, BODIES, strict=True)]
    assert_sent_once(post, ids, repaired)
    assert timeline(ids[0])[-2:] == ["repaired", "sent"]


def test_a_repair_whose_worker_died_before_it_was_sent_goes_out_marked_when_its_lease_is_over(
    valkey: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    [id] = take_in(valkey.failed(b"A1,BUY,AAPL,1 SHARES"))
    with monkeypatch.context() as dying:
        dying.setattr(Relay, "send", lambda *_: sys.exit())
        with pytest.raises(SystemExit):
            pipeline.repair([id], [Shares()], relay=valkey.relay)
    assert valkey.relay.drain() == 0
    assert lifecycle.withdraw([id], CLERK) == []
    OutboxEntry.objects.update(leased_until="2020-01-01T00:00:00Z")
    assert valkey.relay.drain() == 1
    [message] = valkey.received(1)
    assert message.body == b"A1,BUY,AAPL,1"
    assert ours(message)["dlo-requeue-id"] == str(requeue_id(id, 1))
    assert "dlo-possible-duplicate" in ours(message)


@pytest.mark.parametrize("known", [False, True], ids=["found out", "known"])
def test_a_repair_that_finds_the_broker_away_waits_in_the_outbox_and_can_be_undone(
    through: Post, proxy: TcpProxy, known: bool
) -> None:
    undone, sent = take_in(*[through.failed(b"A1,BUY,AAPL,1 SHARES") for _ in range(2)])
    proxy.down()
    if known:
        for _ in range(8):
            through.relay.outage.begins("away")
    assert pipeline.repair([undone, sent], [Shares()], relay=through.relay) == 2
    assert set(OutboxEntry.objects.values_list("state", "tries", "leased_until")) == {("pending", 0, None)}
    assert [letter.id for letter in lifecycle.withdraw([undone], CLERK)] == [undone]
    proxy.up()
    through.relay.outage.ends()
    assert through.relay.drain() == 1
    [message] = through.received(1)
    assert ours(message)["dlo-id"] == str(sent)
    assert "dlo-possible-duplicate" not in ours(message)


def test_a_second_try_says_that_it_may_be_a_duplicate_under_the_same_requeue_id(post: Post) -> None:
    [id] = post.requeued()
    # A relay that died at some point after it had said that it would try.
    [tried] = outbox.claim(timedelta(seconds=-1), 10, 10**6)
    assert tried.tries == 1
    post.relay.drain()
    [message] = post.received(1)
    assert ours(message)["dlo-possible-duplicate"] == "true"
    assert ours(message)["dlo-requeue-id"] == str(requeue_id(id, 1))
    assert Event.objects.get(dead_letter_id=id, kind="sent").text.endswith(
        ", marked as a possible duplicate."
    )


def test_a_message_that_was_perhaps_processed_before_is_marked_at_its_first_try(valkey: Post) -> None:
    valkey.requeued()
    OutboxEntry.objects.update(possible_duplicate=True)
    valkey.relay.drain()
    assert "dlo-possible-duplicate" in ours(valkey.received(1)[0])


def test_a_relay_that_was_held_up_marks_nothing_that_another_has_taken_over(valkey: Post) -> None:
    valkey.requeued()
    late = outbox.claim(timedelta(seconds=-1), 10, 10**6)
    [other] = outbox.claim(timedelta(minutes=1), 10, 10**6)
    before = OutboxEntry.objects.values().get()
    assert outbox.sent(late) == 0
    outbox.not_sent(late)
    outbox.unsure(late, [timedelta()], "")
    outbox.refused(late, [timedelta()], "")
    assert outbox.fail(late, ["no"]) == set()
    assert OutboxEntry.objects.values().get() == before
    assert outbox.sent([other]) == 1


def test_a_relay_that_was_held_up_past_its_lease_sends_nothing(valkey: Post) -> None:
    valkey.requeued()
    assert valkey.relay.send(outbox.claim(timedelta(minutes=1), 10, 10**6), Lease(timedelta(0))) == 0
    valkey.received(0)
    assert OutboxEntry.objects.get().tries == 0


def test_what_has_no_queue_is_parked_and_keeps_no_other(post: Post) -> None:
    lost, fine = post.parked(post.failed(), post.failed())
    Revision.objects.filter(dead_letter_id=lost).update(return_address="nowhere")
    requeue([lost, fine])
    assert post.relay.drain() == 1
    post.received(1)
    assert states([lost, fine]) == ["parked", "requeued"]
    assert letters([lost])[0].reason == "There is no queue nowhere to send it to."
    assert timeline(lost)[-1] == "unroutable"
    entry = OutboxEntry.objects.get(dead_letter_id=lost)
    assert (entry.state, entry.error) == ("failed", "There is no queue nowhere to send it to.")


def test_properties_that_cannot_be_read_park_their_message_and_no_other(valkey: Post) -> None:
    odd, fine = valkey.parked(valkey.failed(), valkey.failed())
    Revision.objects.filter(dead_letter_id=odd).update(properties=b"\xff\xff")
    requeue([odd, fine])
    assert valkey.relay.drain() == 1
    assert states([odd, fine]) == ["parked", "requeued"]
    assert letters([odd])[0].reason.startswith("Its properties cannot be read")


def test_an_unreachable_broker_leaves_everything_as_it_was(through: Post, proxy: TcpProxy) -> None:
    through.requeued()
    proxy.down()
    assert through.relay.drain() == 0
    assert through.relay.outage.reason
    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.tries, entry.leased_until) == ("pending", 0, None)
    proxy.up()
    through.relay.outage.ends()
    assert through.relay.drain() == 1
    assert "dlo-possible-duplicate" not in ours(through.received(1)[0])


def test_while_the_broker_is_away_a_relay_pauses_and_claims_nothing(through: Post, proxy: TcpProxy) -> None:
    through.requeued()
    proxy.down()
    for _ in range(8):
        through.relay.outage.begins("away")
    assert through.relay.drain() == 0
    assert OutboxEntry.objects.get().tries == 0


def test_a_confirm_that_was_lost_makes_the_next_try_a_possible_duplicate(
    through: Post, proxy: TcpProxy
) -> None:
    through.requeued()
    through.broker.measure(through.queue, SUBSCRIBER)  # connected before the cut
    proxy.cut_after_request()
    assert through.relay.drain() == 0
    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.tries, entry.leased_until) == ("pending", 1, None)
    assert entry.due_at > entry.created_at
    due_now()
    through.relay.outage.ends()
    assert through.relay.drain() == 1
    first, second = through.received(2)
    assert ours(first)["dlo-requeue-id"] == ours(second)["dlo-requeue-id"]
    assert "dlo-possible-duplicate" not in ours(first)
    assert "dlo-possible-duplicate" in ours(second)


def test_what_breaks_the_connection_every_time_is_parked_as_perhaps_sent(
    through: Post, proxy: TcpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answered, "LIMIT", 3)
    [id] = through.requeued()
    for _ in range(3):
        through.broker.measure(through.queue, SUBSCRIBER)
        proxy.cut_after_request()
        due_now()
        through.relay.outage.ends()
        through.relay.drain()
    [letter] = letters([id])
    assert (letter.state, letter.possible_duplicate) == ("parked", True)
    assert letter.reason == "The connection broke all 3 times that it was sent; it may have arrived."
    requeue([id])
    through.relay.outage.ends()
    assert through.relay.drain() == 1
    assert "dlo-possible-duplicate" in ours(through.received(4)[-1])


def test_what_was_tried_before_is_sent_alone(valkey: Post) -> None:
    valkey.requeued(*[valkey.failed() for _ in range(3)])
    outbox.claim(timedelta(seconds=-1), 2, 10**6)
    entries = outbox.claim(timedelta(minutes=1), 10, 10**6)
    assert [len(pipeline) for pipeline in relay._pipelines(entries)] == [1, 1, 1]
    assert [pipeline[0].tries for pipeline in relay._pipelines(entries)] == [1, 2, 2]


def test_a_batch_is_claimed_while_one_is_on_its_way_and_no_two_are(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.requeued(*[post.failed() for _ in range(3)])
    monkeypatch.setattr(relay, "BATCH", 1)
    steps: list[str] = []
    claim, send, mark = outbox.claim, post.broker.send, answered.mark

    def claiming(*limits: Any) -> list[Entry]:
        steps.append("claim")
        return claim(*limits)

    def sending(outgoing: Sequence[Outgoing]) -> Answers:
        steps.append("send")
        answers = send(outgoing)

        def hearing() -> Sequence[Confirmation]:
            steps.append("hear")
            return answers()

        return hearing

    def marking(answers: Sequence[Answer]) -> int:
        steps.extend("mark" for _ in answers)
        return mark(answers)

    monkeypatch.setattr(outbox, "claim", claiming)
    monkeypatch.setattr(post.broker, "send", sending)
    monkeypatch.setattr(answered, "mark", marking)
    assert post.relay.drain() == 3
    first, next_one, last = ["claim", "send"], ["claim", "hear", "send", "mark"], ["claim", "hear", "mark"]
    assert steps == [*first, *next_one, *next_one, *last]


def test_a_refusal_is_tried_again_unmarked_and_parks_after_so_many(
    valkey: Post, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answered, "LIMIT", 2)
    refused, _ = valkey.requeued(valkey.failed(), valkey.failed())
    with redis.Redis.from_url(redis_url(valkey_url)) as server:
        server.config_set("maxmemory", 1)
        try:
            assert valkey.relay.drain() == 0
            assert set(OutboxEntry.objects.values_list("state", "tries", "refusals")) == {("pending", 0, 1)}
            assert OutboxEntry.objects.earliest("id").due_at > OutboxEntry.objects.earliest("id").created_at
            OutboxEntry.objects.filter(dead_letter_id=refused).update(due_at="2020-01-01T00:00:00Z")
            assert valkey.relay.drain() == 0
        finally:
            server.config_set("maxmemory", 0)
    assert letters([refused])[0].reason == "The broker refused it 2 times."
    due_now()
    assert valkey.relay.drain() == 1
    assert "dlo-possible-duplicate" not in ours(valkey.received(1)[0])


def test_what_the_broker_will_never_take_is_parked_at_once(valkey: Post) -> None:
    foreign = Message(b"1", AmqpProperties.build(message_id=str(uuid4())))
    [id] = valkey.requeued(replace(valkey.failed(), message=foreign))
    assert valkey.relay.drain() == 0
    assert letters([id])[0].reason.startswith("The broker will never accept it")


def test_what_was_answered_meanwhile_is_not_sent_again(valkey: Post) -> None:
    answered, silent = valkey.requeued(valkey.failed(), valkey.failed())
    assert len(outbox.claim(timedelta(seconds=-1), 10, 10**6)) == 2
    # The relay died after publishing, and the consumer's receipt was quicker than the lapse of its lease.
    told = letters([answered])[0]
    receipts.take([Receipt(answered, 1, requeue_id(answered, 1), told.changed_at, "host")])
    assert valkey.relay.drain() == 1
    assert states([answered, silent]) == ["resolved", "requeued"]
    assert set(OutboxEntry.objects.values_list("state", flat=True)) == {"sent"}
    assert ours(valkey.received(1)[0])["dlo-id"] == str(silent)


def test_what_is_held_for_undo_does_not_leave_before_its_time(valkey: Post) -> None:
    ids = valkey.parked()
    [letter] = letters(ids)
    lifecycle.requeue([Seen(letter.id, letter.version)], CLERK, hold=timedelta(minutes=1))
    assert valkey.relay.drain() == 0
    due_now()
    assert valkey.relay.drain() == 1


def test_an_undone_requeue_never_leaves(valkey: Post) -> None:
    ids = valkey.parked()
    person = User.objects.create_superuser("ada")
    [letter] = letters(ids)
    acts.requeue(person, [Seen(letter.id, letter.version)])
    assert acts.undo(person, ids).changed == ids
    assert valkey.relay.drain() == 0
    assert states(ids) == ["parked"]
    assert acts.undo(person, ids).unchanged == ids
    requeue(ids)
    assert valkey.relay.drain() == 1
    assert ours(valkey.received(1)[0])["dlo-attempt"] == "2"


def test_many_requeues_leave_in_a_few_pipelines_and_each_once(valkey: Post) -> None:
    ids = valkey.requeued(*[valkey.failed(str(at).encode()) for at in range(1_200)])
    assert valkey.relay.drain() == 1_200
    assert {ours(message)["dlo-id"] for message in valkey.received(1_200)} == {str(id) for id in ids}


def test_a_claim_takes_no_more_bytes_than_it_may_and_at_least_one_message(valkey: Post) -> None:
    valkey.requeued(*[valkey.failed(b"x" * 100) for _ in range(5)])
    taken = []
    while entries := outbox.claim(timedelta(minutes=1), 500, 150):
        taken.append(len(entries))
    assert taken == [2, 2, 1]
    assert valkey.relay.drain() == 0


@pytest.mark.django_db(transaction=True)
def test_of_an_undo_and_a_relay_that_meet_exactly_one_gets_the_requeue(valkey: Post) -> None:
    ids = valkey.requeued(*[valkey.failed() for _ in range(60)])
    ready = threading.Barrier(2)
    sent: list[int] = []
    undone: list[UUID] = []

    def drain() -> None:
        connection.ensure_connection()
        ready.wait()
        sent.append(valkey.relay.drain())

    def undo() -> None:
        connection.ensure_connection()
        ready.wait()
        for at in range(0, 60, 5):
            undone.extend(letter.id for letter in lifecycle.withdraw(ids[at : at + 5], CLERK))

    in_threads(drain, undo)
    arrived = {ours(message)["dlo-id"] for message in valkey.received(sent[0])}
    assert arrived | {str(id) for id in undone} == {str(id) for id in ids}
    assert arrived.isdisjoint(str(id) for id in undone)
    assert states(undone) == ["parked"] * len(undone)


@pytest.mark.django_db(transaction=True)
def test_several_relays_share_the_work_and_send_nothing_twice(valkey: Post, valkey_url: str) -> None:
    valkey.requeued(*[valkey.failed() for _ in range(300)])
    sent: list[int] = []

    def drain() -> None:
        with connect(valkey_url) as broker:
            sent.append(Relay(broker).drain())

    in_threads(*[drain] * 3)
    assert sum(sent) == 300
    assert len({ours(message)["dlo-requeue-id"] for message in valkey.received(300)}) == 300
