"""The intake: whatever comes is stored, once, and only then acknowledged."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers import brokers
from consumers.broker import Broker, Outgoing
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER, Delegated, Place, Receipt
from consumers.failure import Failure, Kind
from consumers.identity import requeue_id, uuid7
from consumers.message import Message
from consumers.stopping import Stop
from workflow_processor import lifecycle, live, tasks
from workflow_processor.beginning import Earlier, latest
from workflow_processor.intake import desk as desk_module
from workflow_processor.intake import filing
from workflow_processor.intake.arrivals import Arrived, read
from workflow_processor.intake.desk import Desk
from workflow_processor.intake.tray import PAUSE, Tray
from workflow_processor.lifecycle import Seen
from workflow_processor.management.commands.intake import _hand_on
from workflow_processor.models import (
    DeadLetter,
    Event,
    FailedAttempt,
    Gate,
    Group,
    Revision,
    State,
    StateCount,
)
from workflow_processor.transition import Actor

pytestmark = pytest.mark.django_db

CLERK = Actor("clerk")


class Office:
    """An intake on a broker in memory, and the means to send to it."""

    def __init__(self) -> None:
        self.broker: Broker = brokers.connect(f"memory://{uuid4()}")
        self.handed_on: list[UUID] = []
        self.stop = Stop()
        self.desk = Desk(self.broker, self.handed_on.extend, self.stop, wait=0)
        self.queue = self.broker.subscribe(INTAKE_QUEUE, INTAKE_SUBSCRIBER)

    def failed(
        self, body: bytes = b"{}", *, id: str | None = "m-1", text: str = "no", **failure: object
    ) -> Delegated:
        error_type = str(failure.pop("error_type", "ValueError"))
        message = self.broker.message(body, {"desk": "7"}, message_id=id, correlation_id="c-1")
        told = Failure(error_type, text, "shop.bill", **failure)  # type: ignore[arg-type]
        return Delegated(message, told, "orders", "billing", "orders:billing:requeue")

    def send(self, *arrivals: Delegated | Receipt | Message) -> None:
        messages = [a if isinstance(a, Message) else a.wrapped(self.broker) for a in arrivals]
        self.broker.publish([Outgoing(INTAKE_QUEUE, message) for message in messages])

    def take(self, *arrivals: Delegated | Receipt | Message) -> None:
        self.send(*arrivals)
        self.desk.take(self.queue)

    @property
    def unsettled(self) -> tuple[int | None, int | None]:
        figures = self.broker.measure(INTAKE_QUEUE, INTAKE_SUBSCRIBER)
        return figures.ready, figures.unacknowledged


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.queue.close()
    counted = {row["state"]: row["n"] for row in StateCount.objects.values("state").annotate(n=Sum("change"))}
    for state in State:
        assert counted.get(state, 0) == DeadLetter.objects.filter(state=state).count(), state


def requeued(letter: DeadLetter) -> Delegated:
    """The latest requeue of a parked dead letter, failing."""
    DeadLetter.objects.filter(id=letter.id, state=State.RECEIVED).update(state=State.PARKED)
    there = {"group": letter.group, "source": letter.source}
    StateCount.objects.create(**there, state=State.RECEIVED, change=-1)
    StateCount.objects.create(**there, state=State.PARKED, change=1)
    letter.refresh_from_db()
    [moved] = lifecycle.requeue([Seen(letter.id, letter.version)], CLERK)
    message = letter.revisions.get(number=moved.revision).message()
    headers = {"dlo-id": str(letter.id), "dlo-attempt": str(moved.attempt)}
    return Delegated(
        message.with_headers(headers), Failure("KeyError", "gone", "shop.bill"), "orders", "billing", "r"
    )


def kinds(letter: DeadLetter) -> list[str]:
    return list(letter.events.order_by("id").values_list("kind", flat=True))


def receipt(letter: DeadLetter, attempt: int) -> Receipt:
    return Receipt(letter.id, attempt, requeue_id(letter.id, attempt), datetime.now(UTC), "host")


def test_a_failure_becomes_a_dead_letter_with_its_exact_bytes(office: Office) -> None:
    body = b'{"shares": "8756 SHARES",\r\n "n": 1.10}\x00\xff'
    delegated = office.failed(body, text="bad \x00 text", kind=Kind.TRANSIENT, traceback="line\x00")
    office.take(delegated)
    letter = DeadLetter.objects.get()
    assert (letter.state, letter.message_id, letter.correlation_id) == (State.RECEIVED, "m-1", "c-1")
    assert letter.revisions.get().message() == delegated.message
    assert letter.revisions.get().return_address == "orders:billing:requeue"
    assert str(letter.source) == "orders › billing"
    assert letter.failed_attempts.get().kind == "transient"
    assert kinds(letter) == ["received"]
    assert office.handed_on == [letter.id]
    assert office.unsettled == (0, 0)


def test_a_failure_of_what_was_delivered_before_is_a_possible_duplicate(office: Office) -> None:
    office.take(office.failed(id="m-1"), replace(office.failed(id="m-2"), redelivered=True))
    letters = {letter.message_id: letter for letter in DeadLetter.objects.all()}
    assert {id: letter.possible_duplicate for id, letter in letters.items()} == {"m-1": False, "m-2": True}
    # Its requeue fails when the broker delivers it once more: it may have been processed before that.
    office.take(replace(requeued(letters["m-1"]), redelivered=True))
    assert DeadLetter.objects.get(message_id="m-1").possible_duplicate


def test_failures_of_one_cause_are_one_group(office: Office) -> None:
    texts = ["no account '12A'", "no account '77B'", "no symbol 'X'"]
    office.take(*(office.failed(id=f"m-{i}", text=text) for i, text in enumerate(texts)))
    assert sorted(group.dead_letters.count() for group in Group.objects.all()) == [1, 2]


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        (["no account '12A'", "no account '77B'"], "no account …"),
        (["'SELL'", "'BUY'"], "'SELL' and the like"),
        ([" ", ""], ""),
    ],
)
def test_a_group_is_named_by_what_its_texts_share_or_by_the_first_of_them(
    office: Office, texts: list[str], named: str
) -> None:
    for i, text in enumerate(texts):
        office.take(office.failed(id=f"m-{i}", text=text))
    assert Group.objects.get().text == named


def test_a_failure_that_the_broker_delivers_twice_is_recorded_once(office: Office) -> None:
    delegated = office.failed()
    office.take(delegated, delegated)
    office.take(delegated)
    assert kinds(DeadLetter.objects.get()) == ["received"]
    assert FailedAttempt.objects.count() == 1


def test_a_message_that_fails_again_while_its_dead_letter_is_open_joins_it(office: Office) -> None:
    office.take(office.failed(), office.failed())
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    assert letter.failures == 3
    assert kinds(letter) == ["received", "seen again", "seen again"]
    assert FailedAttempt.objects.count() == 3
    assert office.handed_on == [letter.id]


def test_a_message_that_fails_again_after_its_end_begins_a_new_one_linked_and_marked(office: Office) -> None:
    office.take(office.failed())
    first = DeadLetter.objects.get()
    back = requeued(first)
    office.take(receipt(first, 1))
    office.take(office.failed())
    second = DeadLetter.objects.exclude(id=first.id).get()
    assert (second.earlier_id, second.possible_duplicate) == (first.id, True)
    assert back.message.body == b"{}"


def test_a_dead_letter_that_another_intake_has_just_begun_is_joined(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.take(office.failed(id="m-1"))
    looks: list[dict[bytes, Earlier]] = [{}]
    monkeypatch.setattr(filing, "latest", lambda digests: looks.pop() if looks else latest(digests))
    office.take(office.failed(id="m-1"), office.failed(id="m-2"))
    letters = {letter.message_id: letter for letter in DeadLetter.objects.all()}
    assert {id: letter.failures for id, letter in letters.items()} == {"m-1": 2, "m-2": 1}
    assert office.handed_on[0] == letters["m-1"].id
    assert kinds(letters["m-1"]) == ["received", "seen again"]


def test_an_id_used_again_for_another_body_is_another_message(office: Office) -> None:
    office.take(office.failed(b"one"), office.failed(b"two"))
    assert DeadLetter.objects.count() == 2


def test_two_equal_messages_without_an_id_are_two_dead_letters(office: Office) -> None:
    office.take(office.failed(id=None), office.failed(id=None))
    office.take(office.failed(id=None))
    assert [letter.message_id_derived for letter in DeadLetter.objects.all()] == [True] * 3
    assert DeadLetter.objects.filter(possible_duplicate=True).count() == 1


def test_a_requeue_that_fails_reopens_its_own_dead_letter(office: Office) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    office.take(requeued(letter))
    letter.refresh_from_db()
    assert (letter.state, letter.attempt, letter.failures) == (State.RECEIVED, 1, 2)
    assert (letter.error_type, letter.group.error_type) == ("KeyError", "KeyError")
    assert kinds(letter)[-1] == "came back"
    office.desk._tray.pass_on(now=True)  # where it came close upon the first
    assert office.handed_on == [letter.id, letter.id]


def test_an_earlier_requeue_that_comes_back_late_changes_no_state(office: Office) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    first = requeued(letter)
    office.take(first)
    requeued(DeadLetter.objects.get())
    office.take(Delegated(first.message, Failure("KeyError", "late", "shop.bill"), "orders", "billing", "r"))
    letter.refresh_from_db()
    assert (letter.state, letter.attempt, letter.failures) == (State.REQUEUED, 2, 3)
    assert kinds(letter)[-1] == "seen again"


def test_a_failure_that_names_an_unknown_dead_letter_is_kept_as_a_new_one(office: Office) -> None:
    delegated = office.failed()
    message = delegated.message.with_headers({"dlo-id": str(uuid7()), "dlo-attempt": "3"})
    office.take(Delegated(message, delegated.failure, "orders", "billing", "r"))
    letter = DeadLetter.objects.get()
    assert letter.revisions.get().message() == message
    assert letter.possible_duplicate


def passed_on(
    back: Delegated, body: bytes, queue: str = "invoices", subscriber: str = "invoicing"
) -> Delegated:
    """What a handler made of a requeue and published with its headers, failing."""
    message = back.message.with_body(body)
    return Delegated(message, Failure("KeyError", "no", "shop.invoice"), queue, subscriber, queue)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"an invoice", ("invoices", "invoicing")),
        (b"{}", ("invoices", "invoicing")),
        (b"a part of it", ("orders", "billing")),
    ],
)
def test_a_message_that_a_handler_gave_the_headers_of_a_requeue_is_one_of_its_own(
    office: Office, body: bytes, place: tuple[str, str]
) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    other = passed_on(requeued(letter), body, *place)
    office.take(other, other)
    office.take(replace(other, failure=Failure("KeyError", "again", "shop.invoice")))
    letter.refresh_from_db()
    assert (letter.state, letter.failures) == (State.REQUEUED, 1)
    begun = DeadLetter.objects.exclude(id=letter.id).get()
    assert begun.revisions.get().message() == other.message
    assert (begun.state, begun.attempt, begun.failures) == (State.RECEIVED, 0, 2)
    assert begun.possible_duplicate
    assert set(begun.failed_attempts.values_list("attempt", flat=True)) == {0}
    # Its own requeue is known by its own name.
    office.take(replace(requeued(begun), queue=place[0], subscriber=place[1]))
    begun.refresh_from_db()
    assert (begun.state, begun.attempt, begun.failures) == (State.RECEIVED, 1, 3)


def test_a_requeue_that_was_sent_elsewhere_reopens_its_dead_letter_from_there(office: Office) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    back = requeued(letter)
    letter.requeues.update(queue="invoices:invoicing:requeue")
    office.take(passed_on(back, back.message.body))
    letter.refresh_from_db()
    assert letter.state == State.REQUEUED  # another queue than it was sent to
    DeadLetter.objects.exclude(id=letter.id).delete()
    StateCount.objects.filter(source__queue="invoices").delete()
    elsewhere = passed_on(back, back.message.body)
    office.take(replace(elsewhere, return_address="invoices:invoicing:requeue"))
    letter.refresh_from_db()
    assert (letter.state, letter.failures) == (State.RECEIVED, 2)


def test_a_bare_message_with_the_headers_of_a_requeue_is_stored(office: Office) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    bare = requeued(letter).message.with_body(b"by hand")
    office.take(bare)
    assert DeadLetter.objects.exclude(id=letter.id).get().revisions.get().message() == bare


def test_the_receipt_of_a_message_with_the_headers_of_a_requeue_resolves_nothing(office: Office) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    requeued(letter)
    office.take(replace(receipt(letter, 1), place=Place("invoices", "invoicing", "invoices")))
    letter.refresh_from_db()
    assert kinds(letter) == ["received", "requeued"]
    office.take(replace(receipt(letter, 1), place=Place("invoices", "invoicing", "orders:billing:requeue")))
    letter.refresh_from_db()
    assert letter.state == State.RESOLVED


def test_the_receipt_of_the_latest_requeue_resolves(office: Office) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    requeued(letter)
    told = replace(receipt(letter, 1), place=Place("orders", "billing", "orders:billing:requeue"))
    office.take(told, told)
    office.take(told)
    letter.refresh_from_db()
    assert letter.state == State.RESOLVED
    assert kinds(letter) == ["received", "requeued", "processed"]


def test_pages_are_told_of_receipts_though_nothing_is_to_be_repaired(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(live, "announce", told.append)
    monkeypatch.setattr(tasks.repair, "apply_async", lambda *_, **__: None)
    tray = Tray(_hand_on, batch=3)
    tray.pass_on(now=True)
    assert told == []
    office.desk._tray = tray
    office.take(office.failed())
    told.clear()
    requeued(letter := DeadLetter.objects.get())
    office.take(receipt(letter, 1))
    tray.pass_on(now=True)
    assert told == ["changed"]


def test_the_receipt_of_an_earlier_requeue_is_noted_and_resolves_nothing(office: Office) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    office.take(requeued(letter))
    requeued(letter)
    office.take(receipt(letter, 1))
    letter.refresh_from_db()
    assert letter.state == State.REQUEUED
    assert kinds(letter)[-1] == "processed late"


def told(**changes: object) -> dict[str, bytes | str]:
    """The headers of a delegated failure, with some of what they tell changed."""
    failure = Failure("ValueError", "no", "shop.bill").as_record()
    envelope: dict[str, object] = {
        "queue": "q",
        "subscriber": "s",
        "return_address": "r",
        "ordering_key": None,
    }
    for name, value in changes.items():
        (envelope if name in envelope else failure)[name] = value
    record = orjson.dumps(envelope | {"failure": failure})
    return {"dlo-failure": record, "dlo-properties": b"", "dlo-format": "fields"}


def word(**changes: object) -> dict[str, bytes | str]:
    """The headers of a receipt, with some of what they tell changed."""
    receipt = Receipt(uuid7(), 1, uuid7(), datetime.now(UTC), "host", Place("q", "s", "r"))
    return {"dlo-receipt": orjson.dumps(asdict(receipt) | changes)}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FAILURE = ("kind", "tries", "retry_after", "occurred_at", "failure_id", "error_type", "text", "host")
ENVELOPE = ("queue", "subscriber", "return_address", "ordering_key")
RECEIPT = ("dead_letter", "attempt", "requeue_id", "processed_at", "host", "place")


def parts(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.sampled_from(names), JSON, max_size=2)


ANYTHING = (
    parts(FAILURE + ENVELOPE).map(lambda changes: told(**changes))
    | parts(RECEIPT).map(lambda changes: word(**changes))
    | st.dictionaries(st.sampled_from([*told(), *word(), "dlo-front", "dlo-id"]), JSON.map(orjson.dumps))
    | st.builds(
        lambda format, raw: told() | {"dlo-format": format, "dlo-properties": raw},
        st.sampled_from(["fields", "amqp"]),
        st.binary(max_size=60),
    )
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(ANYTHING, min_size=1, max_size=3))
def test_whatever_comes_does_not_stop_the_intake(office: Office, batch: list[dict[str, bytes | str]]) -> None:
    before = DeadLetter.objects.count()
    messages = [office.broker.message(b"body", headers) for headers in batch]
    failed = [arrival for message in messages if isinstance(arrival := read(message), Arrived)]
    office.take(*messages)
    assert office.unsettled == (0, 0)
    assert DeadLetter.objects.count() - before == len(failed)
    assert all(letter.last_failed_at for letter in DeadLetter.objects.all())


@pytest.mark.parametrize(
    "headers",
    [
        told(error_type=5),
        told(traceback=None),
        told(tries=-1),
        told(tries=1 << 31),
        told(tries="once"),
        told(retry_after="soon"),
        told(occurred_at="2026-01-01T00:00:00"),
        told(occurred_at="0001-01-01T00:00:00+14:00"),
        told(occurred_at="9999-12-31T23:59:59-14:00"),
        told(queue=5),
        told(ordering_key=5),
        {"dlo-failure": b"not json", "dlo-properties": b"", "dlo-format": "fields"},
        {"dlo-failure": b"{}", "dlo-properties": b"\x01", "dlo-format": "fields"},
        {"dlo-failure": b"{}"},
        {"dlo-front": "5 99999", "dlo-format": "fields"},
        {"dlo-receipt": b"[]"},
        word(attempt="1"),
        word(attempt={}),
        word(attempt=True),
        word(attempt=-1),
        word(attempt=1 << 31),
        word(host=5),
        word(dead_letter=5),
        word(processed_at="soon"),
        word(place=[]),
        word(place={"queue": "q", "subscriber": None, "return_address": "r"}),
        {"hello": "there"},
        {},
    ],
)
def test_what_nobody_can_read_is_stored_all_the_same(office: Office, headers: dict[str, bytes | str]) -> None:
    message = office.broker.message(b"\x00\xff body", headers)
    office.take(message, office.failed())
    assert Revision.objects.filter(dead_letter__source__queue=INTAKE_QUEUE).get().message() == message
    assert DeadLetter.objects.count() == 2


def test_a_failure_whose_record_cannot_be_stored_belongs_where_it_belongs(office: Office) -> None:
    office.take(office.failed())
    letter = DeadLetter.objects.get()
    back = replace(requeued(letter), ordering_key="a\0b", redelivered=True)
    office.take(back)
    office.take(back)
    letter.refresh_from_db()
    assert (letter.state, letter.error_type, letter.failures) == (State.RECEIVED, "Unstorable record", 2)
    assert letter.possible_duplicate
    gate = Gate.objects.get()
    assert (gate.queue, gate.subscriber, gate.key, gate.head) == ("orders", "billing", "a\ufffdb", letter)


def test_what_a_broker_dead_lettered_keeps_the_address_it_failed_at(office: Office) -> None:
    headers = {"x-first-death-queue": "orders", "x-first-death-reason": "rejected"}
    office.take(office.broker.message(b"1", headers))
    letter = DeadLetter.objects.get()
    assert (letter.source.queue, letter.revisions.get().return_address) == ("orders", "orders")
    assert letter.failed_attempts.get().host == ""  # and not the intake's, where nothing failed


def test_nothing_is_acknowledged_that_is_not_committed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> list[UUID]:
        seen.append(office.unsettled)
        office.stop.request()
        raise OperationalError("the database is away")

    seen: list[tuple[int | None, int | None]] = []
    monkeypatch.setattr(desk_module, "store", down)
    monkeypatch.setattr(BaseDatabaseWrapper, "close", lambda _: None)
    office.take(office.failed())
    assert seen == [(0, 1)]
    assert office.unsettled == (0, 1)
    assert office.handed_on == []


def test_why_the_database_cannot_be_used_is_in_the_log(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*_: object) -> list[UUID]:
        office.stop.request()
        cause = psycopg.OperationalError("connection failed: Connection refused")
        raise OperationalError(str(cause)) from cause

    monkeypatch.setattr(desk_module, "store", down)
    monkeypatch.setattr(BaseDatabaseWrapper, "close", lambda _: None)
    office.take(office.failed())
    assert "connection failed: Connection refused" in caplog.text


def test_a_large_mixed_batch_is_stored_in_one_go(
    office: Office, django_assert_max_num_queries: object
) -> None:
    delegated: Sequence[Delegated] = [office.failed(id=f"m-{i}", text=f"row {i}") for i in range(500)]
    office.send(*delegated)
    assert office.desk.take(office.queue) == 500
    assert DeadLetter.objects.count() == FailedAttempt.objects.count() == Revision.objects.count() == 500
    assert Event.objects.count() == 500
    assert Group.objects.count() == 1


def test_what_comes_after_a_pause_is_handed_on_at_once_and_what_comes_close_upon_it_together() -> None:
    handed_on: list[list[UUID]] = []
    tray = Tray(lambda letters: handed_on.append(list(letters)), batch=3)
    first, second, third, *rest = (uuid7() for _ in range(5))
    tray.put([first])
    tray.pass_on()
    tray.put([second])
    tray.pass_on()
    assert handed_on == [[first]]
    assert tray.patience(10.0) <= PAUSE
    tray.put([third])
    tray.pass_on(now=True)
    assert handed_on == [[first], [second, third]]
    tray.put([*rest, first])
    tray.pass_on()
    assert handed_on[2] == [*rest, first]
    assert tray.patience(10.0) == 10.0
