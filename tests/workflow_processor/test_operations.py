"""Operations: what is frozen is done, once, by whoever may; and what became of each is known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.dashboard import office
from workflow_processor import portions
from workflow_processor.models import (
    AuditEntry,
    DeadLetter,
    Event,
    Operation,
    OperationItem,
    OutboxEntry,
    State,
)
from workflow_processor.operations import acts, outcomes, work
from workflow_processor.operations.acts import NothingToDo, Order
from workflow_processor.operations.kinds import KINDS, edit, in_time
from workflow_processor.operations.kinds.kind import Carried, Chunk
from workflow_processor.repair import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return office.person("ada")


def parked(number: int) -> list[DeadLetter]:
    return office.park(*(office.failed(f"{n}".encode()) for n in range(number)))


def planned(person: User, letters: Sequence[DeadLetter] = (), **told: Any) -> Operation:
    """An operation over these, or over all there are."""
    ids = [letter.id for letter in letters]
    wanted = DeadLetter.objects.filter(id__in=ids) if ids else DeadLetter.objects.all()
    order = {"kind": "requeue", "selection": Operation.Selection.QUERY, **told}
    return acts.plan(person, Order(**order), wanted)


def now(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def told(operation: Operation) -> dict[str, int]:
    """How many have which outcome, by the counts that are kept; they agree with the items."""
    kept = {str(outcome): n for outcome, n in outcomes.counts([operation.pk])[operation.pk].items() if n}
    items = list(outcomes.items(operation.pk).values_list("told", flat=True))
    assert kept == {outcome: items.count(outcome) for outcome in set(items)}
    return kept


def states() -> dict[str, int]:
    found = list(DeadLetter.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def test_what_was_frozen_is_sent_back_and_what_came_later_is_not(ada: User) -> None:
    parked(7)
    office.processed(office.parked())
    operation = planned(ada, reason="upstream is mended")
    late = office.parked()
    work.carry_on()
    assert now(operation).state == "finished"
    assert operation.total == 7
    assert told(operation) == {"outbox": 7}
    assert states() == {State.REQUEUED: 7, State.RESOLVED: 1, State.PARKED: 1}
    assert office.fresh([late])[0].attempt == 0
    event = Event.objects.filter(kind="requeued", person=ada).latest("id")
    assert event.text == f"Operation {operation.pk}: upstream is mended"
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.reason) == ("requeue", "upstream is mended")
    assert entry.after == {"operation": operation.pk, "messages": 7}


def test_what_changed_since_it_was_frozen_is_left_alone_and_says_why(ada: User) -> None:
    edited, gone, good = parked(3)
    operation = planned(ada)
    DeadLetter.objects.filter(id=edited.id).update(version=edited.version + 1)
    office.discarded(gone)
    work.carry_on()
    assert told(operation) == {"skipped": 2, "outbox": 1}
    why = dict(OperationItem.objects.filter(outcome="skipped").values_list("dead_letter", "why"))
    assert why == {
        edited.id: "It changed after it was selected: it is parked now.",
        gone.id: "It changed after it was selected: it is discarded now.",
    }
    assert office.fresh([good])[0].attempt == 1


def test_sent_processed_and_came_back_are_told_apart(ada: User, settings: Settings) -> None:
    settings.UNDO_SECONDS = 0
    letters = parked(5)
    operation = planned(ada)
    work.carry_on()
    assert told(operation) == {"outbox": 5}
    office.withdrawn(letters[4], ada)
    first, second, third, fourth, _ = office.fresh(letters)
    office.sent(first, second, third, fourth)
    look(operation)
    assert told(operation) == {"sent": 4, "withdrawn": 1}
    office.processed(office.fresh([first])[0])
    again = office.came_back(office.fresh([second])[0])
    office.came_back(office.fresh([third])[0])
    # One that came back and was sent again meanwhile came back all the same.
    office.processed(again)
    look(operation)
    assert told(operation) == {"processed": 1, "came back": 2, "sent": 1, "withdrawn": 1}


def test_what_has_no_queue_to_go_to_failed_and_says_so(ada: User) -> None:
    [letter] = parked(1)
    operation = planned(ada)
    work.carry_on()
    office.unroutable(letter)
    look(operation)
    assert told(operation) == {"failed": 1}
    assert "There is no queue" in OperationItem.objects.get().why


def look(operation: Operation) -> None:
    """Looks for outcomes, as the tick does once it is due."""
    Operation.objects.filter(pk=operation.pk).update(looked_at="2020-01-01T00:00:00Z")
    assert outcomes.refresh() > 0
    assert outcomes.refresh() == 0, "what was just looked at is not looked at again"


def test_the_failures_are_tried_again_as_an_operation_of_their_own(ada: User) -> None:
    good, bad, _ = letters = parked(3)
    operation = planned(ada, reason="first")
    work.carry_on()
    office.let_go(*letters)
    office.processed(office.fresh([good])[0])
    office.came_back(office.fresh([bad])[0])
    look(operation)
    retry = acts.retry(ada, operation.pk)
    assert (retry.total, retry.retry_of, retry.reason, retry.selection) == (1, operation, "first", "retry")
    work.carry_on()
    assert told(retry) == {"outbox": 1}
    assert office.fresh([bad])[0].attempt == 2
    with pytest.raises(NothingToDo):
        acts.retry(ada, retry.pk)


def test_a_discard_ends_them_for_a_reason(ada: User) -> None:
    parked(3)
    with pytest.raises(ValueError, match="needs a reason"):
        planned(ada, kind="discard", reason=" ")
    operation = planned(ada, kind="discard", reason="test orders")
    work.carry_on()
    assert told(operation) == {"done": 3}
    assert states() == {State.DISCARDED: 3}


def test_an_operation_over_nothing_is_not_made(ada: User) -> None:
    office.processed(office.parked())
    with pytest.raises(NothingToDo):
        planned(ada)
    nothing = DeadLetter.objects.filter(id__in=[])
    with pytest.raises(NothingToDo):
        acts.plan(ada, Order("requeue", Operation.Selection.QUERY), nothing)
    assert not Operation.objects.exists()
    assert not AuditEntry.objects.exists()


def test_whoever_may_not_do_it_cannot_plan_pause_or_cancel_it(ada: User) -> None:
    parked(1)
    grace = office.person("grace", "view", "discard")
    with pytest.raises(PermissionDenied):
        planned(grace)
    operation = planned(ada)
    for act in (acts.pause, acts.resume, acts.cancel, acts.undo, acts.retry):
        with pytest.raises(PermissionDenied):
            act(grace, operation.pk)
    assert now(operation).state == "planned"


def test_it_pauses_when_its_person_has_lost_the_permission_and_somebody_else_resumes_it(ada: User) -> None:
    parked(2)
    operation = planned(ada)
    ada.user_permissions.clear()
    work.carry_on()
    paused = now(operation)
    assert paused.state == "paused"
    assert paused.note == "ada no longer has the permission. Somebody who has it can resume this."
    assert states() == {State.PARKED: 2}
    acts.resume(office.person("bob"), operation.pk)
    work.carry_on()
    assert now(operation).state == "finished"
    assert now(operation).person == ada
    assert Event.objects.filter(kind="requeued").latest("id").actor == "bob"


def test_a_trial_sends_the_first_ones_and_waits_for_a_word(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)
    letters = parked(8)
    operation = planned(ada, trial=3)
    work.carry_on()
    assert (now(operation).state, told(operation)) == ("paused", {"outbox": 3, "pending": 5})
    assert "continue with the rest" in now(operation).note
    assert [letter.attempt for letter in office.fresh(letters)] == [1, 1, 1, 0, 0, 0, 0, 0]
    work.carry_on()
    assert told(operation) == {"outbox": 3, "pending": 5}
    acts.resume(ada, operation.pk)
    work.carry_on()
    assert (now(operation).state, told(operation)) == ("finished", {"outbox": 8})


def test_a_trial_as_large_as_the_whole_needs_no_word(ada: User) -> None:
    parked(2)
    operation = planned(ada, trial=2)
    work.carry_on()
    assert now(operation).state == "finished"


def test_it_goes_no_faster_than_its_rate(ada: User) -> None:
    parked(30)
    operation = planned(ada, rate=10)
    assert work._chunk()
    assert told(operation) == {"outbox": 10, "pending": 20}
    begun = now(operation)
    assert begun.running_since
    assert begun.next_at - begun.running_since == timedelta(seconds=1)
    due(operation, timedelta(minutes=1))
    assert work.carry_on() == 0


def test_what_it_was_late_by_it_catches_up_on_for_a_second_and_no_more(ada: User) -> None:
    parked(30)
    operation = planned(ada, rate=10)
    assert work._chunk()
    due(operation, -timedelta(minutes=1))
    assert work._chunk()
    assert timezone.now() - now(operation).next_at < timedelta(seconds=30)


def due(operation: Operation, wait: timedelta) -> None:
    """Its next turn is in so long."""
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now() + wait)


def test_pause_resume_and_cancel_take_effect_between_chunks(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)
    parked(8)
    operation = planned(ada)
    work.carry_on(seconds=0)
    assert work._chunk()
    assert acts.pause(ada, operation.pk)
    assert work.carry_on() == 0
    assert not acts.pause(ada, operation.pk), "it is paused"
    assert acts.resume(ada, operation.pk)
    assert work._chunk()
    assert acts.cancel(ada, operation.pk)
    assert work.carry_on() == 0
    assert not acts.resume(ada, operation.pk), "it is over"
    assert (now(operation).state, told(operation)) == ("cancelled", {"outbox": 4, "pending": 4})
    acts_told = [entry.act for entry in AuditEntry.objects.order_by("id")]
    assert acts_told == ["requeue", "pause operation", "resume operation", "cancel operation"]


def test_undo_takes_back_what_has_not_left_and_cancels_the_rest(
    ada: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UNDO_SECONDS = 300
    monkeypatch.setattr(work, "CHUNK", 3)
    monkeypatch.setattr(acts, "CHUNK", 2)
    letters = parked(9)
    operation = planned(ada)
    for _ in range(2):
        assert work._chunk()
    office.let_go(letters[0])
    assert acts.undo(ada, operation.pk) == 5
    assert now(operation).state == "cancelled"
    assert told(operation) == {"sent": 1, "withdrawn": 5, "pending": 3}
    assert states() == {State.REQUEUED: 1, State.PARKED: 8}
    assert OutboxEntry.objects.filter(state="withdrawn").count() == 5


def test_undo_leaves_alone_what_somebody_sent_again(ada: User, settings: Settings) -> None:
    settings.UNDO_SECONDS = 300
    [letter] = parked(1)
    operation = planned(ada)
    work.carry_on()
    office.requeued(office.withdrawn(letter, ada), hold=timedelta(minutes=5))
    assert acts.undo(ada, operation.pk) == 0
    assert states() == {State.REQUEUED: 1}
    assert told(operation) == {"withdrawn": 1}


def test_two_operations_over_the_same_messages_do_not_both_send_them(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)
    parked(7)
    first, second = planned(ada), planned(ada)
    work.carry_on()
    outcome = told(first), told(second)
    assert sum(one.get("outbox", 0) for one in outcome) == 7
    assert sum(one.get("skipped", 0) for one in outcome) == 7
    assert set(DeadLetter.objects.values_list("attempt", flat=True)) == {1}


def test_an_error_of_the_offices_own_pauses_it_and_leaves_the_chunk_undone(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    parked(2)
    operation, other = planned(ada), planned(ada)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(outcomes, "record", broken)
    work.carry_on()
    assert {now(one).state for one in (operation, other)} == {"paused"}
    assert "ZeroDivisionError" in now(operation).note
    assert told(operation) == {"pending": 2}
    assert states() == {State.PARKED: 2}


def test_outcomes_of_long_ago_are_forgotten_and_their_counts_are_not(ada: User) -> None:
    parked(3)
    old = planned(ada)
    work.carry_on()
    office.parked()
    new = planned(ada)
    Operation.objects.filter(pk=old.pk).update(ended_at="2020-01-01T00:00:00Z")
    yesterday = timezone.now() - timedelta(days=1)
    assert outcomes.forget(yesterday, limit=2) == 2
    assert outcomes.forget(yesterday) == 1
    assert outcomes.forget(yesterday) == 0
    assert outcomes.count(old.pk, OperationItem.Outcome.OUTBOX) == 3
    assert set(OperationItem.objects.values_list("operation", flat=True)) == {new.pk}


ORDER = b'{"shares": 1}'
SET = {
    "when": {"queue": "*"},
    "body": {"as": "json"},
    "then": [{"do": "set", "at": "shares", "value": "12", "as": "number"}],
}


def test_what_takes_long_is_done_as_far_as_there_is_time(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "SECONDS", -1.0)
    gone, *letters = office.park(*(office.failed(ORDER) for _ in range(4)))
    operation = planned(ada, kind="edit", parameters={"definition": SET})
    office.discarded(gone)
    assert work._chunk()
    assert told(operation) == {"skipped": 1, "done": 1, "pending": 2}
    assert [letter.revision for letter in office.fresh(letters)] == [1, 0, 0]
    work.carry_on()
    assert (now(operation).state, told(operation)) == ("finished", {"skipped": 1, "done": 3})


def test_a_change_is_made_again_unless_somebody_made_another_since(ada: User) -> None:
    back, changed, other = letters = office.park(*(office.failed(one) for one in (ORDER, ORDER, b"no JSON")))
    operation = planned(ada, kind="edit", parameters={"definition": SET, "send": True})
    work.carry_on()
    office.let_go(*letters[:2])
    back, changed = [office.came_back(letter) for letter in office.fresh(letters[:2])]
    office.edited(changed, b'{"shares": 15}')
    look(operation)
    assert told(operation) == {"came back": 2, "failed": 1}
    retry = acts.retry(ada, operation.pk)
    assert set(retry.items.values_list("dead_letter", flat=True)) == {back.id, other.id}


def test_a_discard_of_what_waits_besides_is_done_as_far_as_there_is_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "SECONDS", -1.0)
    monkeypatch.setattr(in_time, "PORTION", 1)
    parked(3)
    rosa = office.person("rosa", "discard", "decide_held_messages")
    operation = planned(rosa, kind="discard", reason="test orders", parameters={"held": True})
    assert work._chunk()
    assert told(operation) == {"done": 1, "pending": 2}
    work.carry_on()
    assert (now(operation).state, told(operation)) == ("finished", {"done": 3})


def test_large_bodies_are_changed_a_portion_at_a_time(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PORTION", 2 * len(ORDER))
    monkeypatch.setattr(edit, "cases", counting := Counting())
    office.park(*(office.failed(ORDER) for _ in range(5)), office.failed(b"x" * 99))
    operation = planned(ada, kind="edit", parameters={"definition": SET})
    work.carry_on()
    assert told(operation) == {"done": 5, "failed": 1}
    assert counting.looked == [2, 2, 1, 1]


class Counting:
    """How many messages are read at a time."""

    def __init__(self) -> None:
        self.looked: list[int] = []

    def look(self, ids: Sequence[UUID]) -> list[cases.Looked]:
        self.looked.append(len(ids))
        return cases.look(ids)


@pytest.mark.django_db(transaction=True)
def test_a_chunk_that_the_database_gives_up_on_is_done_again_after_others(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    parked(2)
    stuck, other = planned(ada, kind="reconsider"), planned(ada, kind="assign", parameters={"to": ada.pk})

    def killed(chunk: Chunk) -> Carried:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        raise AssertionError("it is at an end")

    monkeypatch.setitem(KINDS, "reconsider", replace(KINDS["reconsider"], carry_out=killed))
    with pytest.raises(OperationalError):
        work.carry_on()
    work.carry_on()
    assert (now(stuck).state, told(stuck)) == ("planned", {"pending": 2})
    assert (now(other).state, told(other)) == ("finished", {"done": 2})
    monkeypatch.undo()
    due(stuck, timedelta())
    work.carry_on()
    assert (now(stuck).state, told(stuck)) == ("finished", {"done": 2})
