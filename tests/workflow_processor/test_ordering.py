"""Order per key: who waits, who is let go, and when a gate opens. Consumers' end and the office's, on one
database."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from consumers.batch import Handled
from consumers.broker import Delivery
from consumers.envelope import Delegated, Receipt
from consumers.failure import Failure, Kind
from consumers.fields import FieldProperties
from consumers.gatekeeper import Gatekeeper
from consumers.handling import Handler
from consumers.identity import digest, requeue_id
from consumers.key_order import KeyOrder, Turn
from consumers.message import Message
from consumers.ordering import Gates, Keyed
from consumers.stopping import Stop
from tests.workflow_processor.rules import Shares
from workflow_processor import due, lifecycle, ordering, portions, tasks
from workflow_processor.intake.arrivals import Arrived, arrived
from workflow_processor.intake.catalogue import Catalogue
from workflow_processor.intake.storing import store
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, Gate, HeldMessage, OutboxEntry, Source, State
from workflow_processor.repair import cases, pipeline
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Actor

CLERK = Actor("clerk")
LONG_AGO = timezone.now() - timedelta(days=1)
QUEUE, SUBSCRIBER, ADDRESS = "orders", "billing", "orders:billing:requeue"


class Shop:
    """One ordered queue: its consumer's gates, and the office behind it."""

    def __init__(self, database: str) -> None:
        self.gates = Gates(database, QUEUE, SUBSCRIBER, ADDRESS, held_at_most=8)
        self.known = Catalogue()

    def message(self, body: str, **headers: object) -> Message:
        told = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        return Message(body.encode(), FieldProperties.build(told, message_id=f"id of {body}"))

    def fails(self, key: str, message: Message) -> DeadLetter:
        """The consumer closes the gate and delegates; the intake stores."""
        self.gates.settle([Keyed(key, message)], [])
        failure = Failure("ValueError", "no", "shop.bill")
        delegated = Delegated(message, failure, QUEUE, SUBSCRIBER, ADDRESS, key)
        [id] = store([arrived(delegated)], [], self.known)
        DeadLetter.objects.filter(id=id).update(state=State.PARKED)
        return DeadLetter.objects.get(id=id)

    def waits(self, key: str, *bodies: str) -> set[str]:
        return self.gates.settle([], [Keyed(key, self.message(body)) for body in bodies])

    def requeue(self, letter: DeadLetter) -> None:
        letter.refresh_from_db()
        assert lifecycle.requeue([Seen(letter.id, letter.version)], CLERK)

    def processed(self, letter: DeadLetter) -> None:
        """The receipt of its latest requeue."""
        letter.refresh_from_db()
        attempt = letter.attempt
        receipt = Receipt(letter.id, attempt, requeue_id(letter.id, attempt), letter.changed_at, "host")
        store([], [receipt], self.known)

    def head(self, key: str) -> DeadLetter | None:
        gate = Gate.objects.filter(key=key).first()
        return gate.head if gate else None

    def held(self, key: str) -> list[str]:
        rows = HeldMessage.objects.filter(gate__key=key).order_by("id")
        return [bytes(row.body).decode() for row in rows]

    def body(self, letter: DeadLetter | None) -> str:
        assert letter is not None
        return letter.revisions.get(number=letter.revision).message().text()


@pytest.fixture
def shop(office_database: str) -> Iterator[Shop]:
    shop = Shop(office_database)
    yield shop
    shop.gates.close()


def test_a_failure_closes_the_gate_of_its_key_and_of_no_other(shop: Shop) -> None:
    letter = shop.fails("ada", shop.message("1"))
    closed = shop.gates.closed(["ada", "bob"])
    assert set(closed) == {"ada"}
    assert closed["ada"].dead_letter == letter.id


def test_what_is_held_follows_first_in_first_out_each_after_the_receipt_of_the_one_before(shop: Shop) -> None:
    letter = shop.fails("ada", shop.message("1"))
    assert shop.waits("ada", "2", "3") == set()
    shop.waits("ada", "4")
    order = []
    shop.requeue(letter)
    while head := shop.head("ada"):
        order.append(shop.body(head))
        assert head.state == State.REQUEUED
        assert OutboxEntry.objects.filter(dead_letter=head, attempt=head.attempt).count() == 1
        shop.processed(head)
    assert order == ["1", "2", "3", "4"]
    assert not Gate.objects.exists()
    assert not HeldMessage.objects.exists()
    assert shop.gates.closed(["ada"]) == {}


def test_what_was_delivered_before_it_was_held_is_sent_as_a_possible_duplicate(shop: Shop) -> None:
    letter = shop.fails("ada", shop.message("1"))
    shop.gates.settle([], [Keyed("ada", shop.message("2"), redelivered=True)])
    shop.waits("ada", "3")
    shop.requeue(letter)
    shop.processed(letter)
    marks = []
    while head := shop.head("ada"):
        marks.append((shop.body(head), OutboxEntry.objects.get(dead_letter=head).possible_duplicate))
        shop.processed(head)
    assert marks == [("2", True), ("3", False)]


def test_a_message_that_comes_when_the_gate_has_just_opened_is_not_held(shop: Shop) -> None:
    letter = shop.fails("ada", shop.message("1"))
    shop.requeue(letter)
    shop.processed(letter)
    assert shop.waits("ada", "2") == {"ada"}
    assert not HeldMessage.objects.exists()


def test_a_released_message_that_fails_is_the_head_ahead_of_the_rest(shop: Shop) -> None:
    letter = shop.fails("ada", shop.message("1"))
    shop.waits("ada", "2", "3")
    shop.requeue(letter)
    shop.processed(letter)
    second = shop.head("ada")
    assert second is not None
    again = shop.message("2", dlo_id=second.id, dlo_attempt=1)
    failure = Failure("KeyError", "no", "shop.bill")
    failed = Delegated(again, failure, QUEUE, SUBSCRIBER, ADDRESS, "ada")
    store([arrived(failed)], [], shop.known)
    second.refresh_from_db()
    assert second.state == State.RECEIVED
    assert shop.head("ada") == second
    assert shop.held("ada") == ["3"]


def test_a_held_message_that_is_delivered_twice_waits_once(shop: Shop) -> None:
    shop.fails("ada", shop.message("1"))
    shop.waits("ada", "2", "2")
    shop.waits("ada", "2", "3")
    assert shop.held("ada") == ["2", "3"]


def test_past_the_cap_each_batch_is_waited_for_and_held_all_the_same(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    letter = shop.fails("ada", shop.message("1"))
    gatekeeper = Gatekeeper(
        Handler(QUEUE, SUBSCRIBER, print, ordering_key=lambda _: "ada"), shop.gates, Stop()
    )

    def waits_and_holds(*bodies: str) -> bool:
        """Tells whether the batch was waited for."""
        waited: list[None] = []
        held = [Handled(Delivery(shop.message(body), QUEUE, False, None), held=True) for body in bodies]
        order = gatekeeper.order([one.delivery for one in held], lambda: waited.append(None))
        assert order
        admitted = gatekeeper.admit(held, order, lambda: None)
        assert (list(admitted.settle), admitted.again) == (held, [])
        return bool(waited)

    batches = ["23456789", "x", "y", "z"]
    assert [waits_and_holds(*batch) for batch in batches] == [False, False, True, True]
    assert shop.held("ada") == list("".join(batches))
    assert caplog.text.count("more messages are held than a queue should have") == 1
    ordering.discard_held([letter.id], CLERK, "to make room")
    assert [waits_and_holds(*batch) for batch in "ab"] == [True, False]


def fails_late(shop: Shop, letter: DeadLetter, attempt: int) -> Arrived:
    """A consumer that stood still wakes up and fails at a requeue that others have seen to since."""
    again = shop.message("1", dlo_id=letter.id, dlo_attempt=attempt)
    shop.gates.settle([Keyed("ada", again)], [])
    shop.waits("ada", "2", "3")
    return arrived(
        Delegated(again, Failure("KeyError", "no", "shop.bill"), QUEUE, SUBSCRIBER, ADDRESS, "ada")
    )


def resolved(shop: Shop, attempts: int) -> DeadLetter:
    """A dead letter that was processed at this requeue of it."""
    letter = shop.fails("ada", shop.message("1"))
    for _ in range(attempts):
        DeadLetter.objects.filter(id=letter.id).update(state=State.PARKED)
        shop.requeue(letter)
    shop.processed(letter)
    assert not Gate.objects.exists()
    return letter


def test_a_gate_that_a_late_failure_closed_opens_when_the_intake_learns_that_its_head_has_ended(
    shop: Shop,
) -> None:
    letter = resolved(shop, attempts=2)
    store([fails_late(shop, letter, 1)], [], shop.known)
    letter.refresh_from_db()
    assert letter.state == State.RESOLVED
    assert (shop.body(shop.head("ada")), shop.held("ada")) == ("2", ["3"])


def test_a_late_failure_of_the_latest_requeue_is_the_head_again(shop: Shop) -> None:
    letter = resolved(shop, attempts=1)
    store([fails_late(shop, letter, 1)], [], shop.known)
    assert (shop.head("ada"), shop.held("ada")) == (letter, ["2", "3"])


def test_a_gate_whose_head_ended_as_it_was_learnt_is_found_and_opened(shop: Shop) -> None:
    letter = shop.fails("ada", shop.message("1"))
    shop.waits("ada", "2")
    other = shop.fails("bob", shop.message("of bob"))
    DeadLetter.objects.filter(id=letter.id).update(state=State.RESOLVED)
    assert ordering.advance_ended([other.id]) == []
    tasks.open_gates()
    assert shop.body(shop.head("ada")) == "2"
    assert shop.head("bob") == other


def lost(shop: Shop, *waiting: str) -> int:
    """A gate that its consumer closed long ago, before it died."""
    shop.gates.settle([Keyed("ada", shop.message("1"))], [])
    shop.waits("ada", *waiting)
    Gate.objects.update(closed_at=LONG_AGO)
    return Gate.objects.get().id


def test_a_gate_whose_head_never_came_lets_go_of_what_waits_when_it_is_told_to(shop: Shop) -> None:
    released = ordering.open_lost(lost(shop, "2", "3"))
    second = shop.head("ada")
    assert second
    assert (released, shop.body(second), shop.held("ada")) == ([second.id], "2", ["3"])
    shop.processed(second)
    assert shop.body(shop.head("ada")) == "3"


def test_a_gate_whose_head_never_came_opens_where_nothing_waits(shop: Shop) -> None:
    assert ordering.open_lost(lost(shop)) == []
    assert not Gate.objects.exists()


def test_a_gate_whose_head_has_come_or_may_still_be_on_its_way_is_left_alone(shop: Shop) -> None:
    gate = lost(shop, "2")
    Gate.objects.update(closed_at=timezone.now())
    assert ordering.open_lost(gate) is None
    Gate.objects.update(closed_at=LONG_AGO)
    letter = shop.fails("ada", shop.message("1"))
    assert ordering.open_lost(gate) is None
    assert (shop.head("ada"), shop.held("ada")) == (letter, ["2"])


def test_discarding_a_head_lets_go_of_the_next(shop: Shop) -> None:
    letter = shop.fails("ada", shop.message("1"))
    shop.waits("ada", "2", "3")
    lifecycle.discard([Seen(letter.id, letter.version)], CLERK, "of no use")
    assert shop.body(shop.head("ada")) == "2"


def test_what_waits_behind_a_head_can_be_discarded_with_it_on_record(shop: Shop) -> None:
    letter = shop.fails("ada", shop.message("1"))
    shop.waits("ada", "2", "3")
    discarded = ordering.discard_held([letter.id], CLERK, "of no use")
    lifecycle.discard([Seen(letter.id, letter.version)], CLERK, "of no use")
    letters = DeadLetter.objects.filter(id__in=[one.id for one in discarded])
    assert sorted(shop.body(one) for one in letters) == ["2", "3"]
    assert {one.state for one in letters} == {State.DISCARDED}
    assert {event.actor for one in letters for event in one.events.all()} == {"clerk"}
    assert not Gate.objects.exists()


def test_large_bodies_that_wait_are_discarded_a_portion_at_a_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "PORTION", 2)
    dropped: list[int] = []

    def dropping(rows: Sequence[Any]) -> None:
        dropped.append(len(rows))
        drop(rows)

    drop = ordering._drop
    monkeypatch.setattr(ordering, "_drop", dropping)
    letter = shop.fails("ada", shop.message("1"))
    shop.waits("ada", "2", "3", "4", "56789", "6")
    assert len(ordering.discard_held([letter.id], CLERK, "of no use")) == 5
    assert dropped == [2, 2, 1]
    assert shop.held("ada") == []


def test_a_requeue_of_another_dead_letter_of_the_key_waits_its_turn_and_goes_out_again(shop: Shop) -> None:
    head = shop.fails("ada", shop.message("1"))
    other = shop.fails("ada", shop.message("2"))
    assert shop.head("ada") == head
    edited = NewRevision(shop.message("2 edited"), ADDRESS, "mended")
    assert lifecycle.edit([Seen(other.id, other.version)], [edited], CLERK)
    shop.requeue(other)
    OutboxEntry.objects.filter(dead_letter=other).update(state="sent", tries=1)
    other.refresh_from_db()
    shop.gates.settle([], [Keyed("ada", shop.message("2 edited", dlo_id=other.id, dlo_attempt=1))])
    shop.requeue(head)
    shop.processed(head)
    assert shop.head("ada") == other
    entry = OutboxEntry.objects.get(dead_letter=other)
    assert (entry.state, entry.attempt) == ("pending", 1)
    shop.processed(other)
    assert not Gate.objects.exists()


def sent_long_ago(letter: DeadLetter) -> None:
    OutboxEntry.objects.filter(dead_letter=letter).update(state="sent", tries=1, sent_at=LONG_AGO)
    DeadLetter.objects.filter(id=letter.id).update(changed_at=LONG_AGO)


def waits_as_requeue(shop: Shop, letter: DeadLetter, body: str) -> None:
    """It was sent, and its key's gate is closed by another."""
    shop.requeue(letter)
    sent_long_ago(letter)
    shop.gates.settle([], [Keyed("ada", shop.message(body, dlo_id=letter.id, dlo_attempt=1))])


def test_a_requeue_that_waits_is_not_taken_for_processed_because_it_is_silent(shop: Shop) -> None:
    head, other = (shop.fails("ada", shop.message(body)) for body in "12")
    Source.objects.update(quiet_seconds=60)
    waits_as_requeue(shop, other, "2")
    tasks.silence()
    other.refresh_from_db()
    assert other.state == State.REQUEUED
    shop.requeue(head)
    shop.processed(head)
    assert shop.head("ada") == other


def test_a_requeue_that_was_silent_until_it_came_to_its_gate_is_not_taken_for_processed(shop: Shop) -> None:
    head, other = (shop.fails("ada", shop.message(body)) for body in "12")
    Source.objects.update(quiet_seconds=60)
    shop.requeue(other)
    sent_long_ago(other)
    silent = due.silent()
    shop.gates.settle([], [Keyed("ada", shop.message("2", dlo_id=other.id, dlo_attempt=1))])
    assert silent == ([other.id], [1])
    assert lifecycle.resolve_by_silence(*silent) == []
    shop.requeue(head)
    shop.processed(head)
    assert shop.head("ada") == other  # on its way once more
    assert lifecycle.resolve_by_silence(*silent) == []


def test_a_requeue_that_waits_and_was_taken_for_processed_goes_out_on_its_own(shop: Shop) -> None:
    head, other = (shop.fails("ada", shop.message(body)) for body in "12")
    shop.requeue(other)
    OutboxEntry.objects.filter(dead_letter=other).update(state="sent", tries=1)
    assert lifecycle.resolve_by_silence([other.id], [1])
    shop.gates.settle([], [Keyed("ada", shop.message("2", dlo_id=other.id, dlo_attempt=1))])
    shop.requeue(head)
    shop.processed(head)
    released = shop.head("ada")
    assert released
    assert (shop.body(released), released.earlier, released.possible_duplicate) == ("2", other, True)


def test_a_message_with_the_headers_of_another_requeue_waits_as_itself(shop: Shop) -> None:
    head, other = (shop.fails("ada", shop.message(body)) for body in "12")
    waits_as_requeue(shop, other, "made of 2")
    shop.requeue(head)
    shop.processed(head)
    assert shop.body(shop.head("ada")) == "made of 2"
    assert OutboxEntry.objects.get(dead_letter=other).state == "sent"


def test_a_message_with_the_headers_of_another_requeue_is_discarded_as_itself(shop: Shop) -> None:
    head, other = (shop.fails("ada", shop.message(body)) for body in "12")
    waits_as_requeue(shop, other, "made of 2")
    [discarded] = ordering.discard_held([head.id], CLERK, "of no use")
    assert shop.body(DeadLetter.objects.get(id=discarded.id)) == "made of 2"
    other.refresh_from_db()
    assert other.state == State.REQUEUED


def test_a_message_that_waits_and_comes_as_a_requeue_too_waits_once_and_goes_out_as_that(shop: Shop) -> None:
    head, other = (shop.fails("ada", shop.message(body)) for body in "12")
    shop.waits("ada", "2", "3")
    waits_as_requeue(shop, other, "2")
    shop.waits("ada", "2")
    assert shop.held("ada") == ["2", "3"]
    shop.requeue(head)
    shop.processed(head)
    assert shop.head("ada") == other
    assert OutboxEntry.objects.get(dead_letter=other).state == "pending"


def test_a_held_requeue_whose_dead_letter_went_another_way_stands_in_nobodys_way(shop: Shop) -> None:
    head = shop.fails("ada", shop.message("1"))
    other = shop.fails("ada", shop.message("2"))
    shop.gates.settle([], [Keyed("ada", shop.message("2", dlo_id=other.id, dlo_attempt=1))])
    shop.waits("ada", "3")
    shop.requeue(head)
    shop.processed(head)
    assert shop.body(shop.head("ada")) == "3"
    assert other.events.order_by("id").values_list("kind", flat=True).last() == "seen again"


def test_a_held_requeue_is_parked_again_when_what_waits_is_discarded(shop: Shop) -> None:
    head = shop.fails("ada", shop.message("1"))
    other = shop.fails("ada", shop.message("2"))
    shop.requeue(other)
    shop.gates.settle([], [Keyed("ada", shop.message("2", dlo_id=other.id, dlo_attempt=1))])
    shop.waits("ada", "3")
    assert len(ordering.discard_held([head.id], CLERK, "of no use")) == 1
    other.refresh_from_db()
    assert (other.state, shop.held("ada")) == (State.PARKED, [])


def test_a_released_message_that_was_never_handled_is_decided_about_when_a_person_asks(shop: Shop) -> None:
    head = shop.fails("ada", shop.message("1")).id
    shop.waits("ada", "2 SHARES", "3 of them")
    for _ in range(2):
        [head] = ordering.advance([head])
        lifecycle.unsendable([head], [1], ["There is no such queue."], [False])
    waited = DeadLetter.objects.filter(failures=0).order_by("id")
    seen = [Seen(letter.id, letter.version) for letter in waited]
    assert lifecycle.reconsider(seen, CLERK, "It was about time.")
    assert pipeline.repair([letter.id for letter in waited], [Shares()]) == 2
    mended, parked = waited.all()
    assert (mended.state, shop.body(mended)) == (State.REQUEUED, "2")
    assert (parked.state, parked.reason) == (State.PARKED, "No rule recognises this fault.")
    [looked] = cases.look([parked.id])
    told = looked.case.failed.failure
    assert (told.error_type, told.kind, told.tries) == ("Waited behind another message", Kind.UNKNOWN, 0)


def test_the_head_is_known_by_its_bytes_until_the_office_has_stored_it(shop: Shop) -> None:
    message = shop.message("1")
    shop.gates.settle([Keyed("ada", message)], [])
    head = shop.gates.closed(["ada"])["ada"]
    assert (head.dead_letter, head.identity) == (None, digest(QUEUE, SUBSCRIBER, message))


@pytest.mark.parametrize("few", [0, 1, 2])
def test_closed_gates_are_found_be_they_few_or_many(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("consumers.ordering.FEW", few)
    for key in ("ada", "bob"):
        shop.fails(key, shop.message(f"first of {key}"))
    messages = [shop.message(key) for key in ("ada", "cy", "bob", "cy")]
    handler = Handler(QUEUE, SUBSCRIBER, print, ordering_key=Message.text)
    order = KeyOrder(handler, shop.gates, messages)
    hold, handle = Turn.HOLD, Turn.HANDLE
    assert [order.turn(message) for message in messages] == [hold, handle, hold, handle]


def test_keys_are_read_from_the_first_closed_gate_on_and_no_sooner(shop: Shop) -> None:
    read = []

    def key_of(message: Message) -> str:
        read.append(message.text())
        return "ada"

    first, failed, last = (shop.message(body) for body in ("1", "2", "3"))
    order = KeyOrder(
        Handler(QUEUE, SUBSCRIBER, print, ordering_key=key_of), shop.gates, [first, failed, last]
    )
    assert order.turn(first) is Turn.HANDLE
    assert read == []
    order.failed(failed)
    assert order.turn(last) is Turn.HOLD
    assert read == ["2", "3"]


def test_a_failure_whose_consumer_keeps_no_gates_closes_its_gate_at_the_intake(shop: Shop) -> None:
    failure = Failure("ValueError", "no", "shop.bill")
    [id] = store(
        [arrived(Delegated(shop.message("1"), failure, QUEUE, SUBSCRIBER, ADDRESS, "ada"))], [], shop.known
    )
    assert shop.gates.closed(["ada"])["ada"].dead_letter == id


def test_many_gates_advance_in_one_go(shop: Shop) -> None:
    letters = [shop.fails(f"key {n}", shop.message(f"first of {n}")) for n in range(4)]
    for n in range(2):
        shop.waits(f"key {n}", f"second of {n}")
    new: list[UUID] = ordering.advance([letter.id for letter in letters])
    assert sorted(shop.body(DeadLetter.objects.get(id=id)) for id in new) == ["second of 0", "second of 1"]
    assert sorted(Gate.objects.values_list("key", flat=True)) == ["key 0", "key 1"]
