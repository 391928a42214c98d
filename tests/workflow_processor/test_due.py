"""What the clock makes due, and nothing before its time."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone

from consumers.failure import Kind
from tests.dashboard.plans import plans
from tests.workflow_processor.letters import assert_counted, failed, letters, states, take_in, timeline
from tests.workflow_processor.rules import Shares
from workflow_processor import due, lifecycle, outbox, tasks
from workflow_processor.models import DeadLetter, OutboxEntry, Source
from workflow_processor.repair import pipeline

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=1)


def received_long_ago(*ids: UUID) -> None:
    DeadLetter.objects.filter(id__in=ids).update(changed_at=LONG_AGO)


def sent(ids: list[UUID], seconds_ago: float) -> None:
    """Their requeues left so long ago."""
    outbox.sent(outbox.claim(timedelta(minutes=1), 500, 10**6))
    at = timezone.now() - timedelta(seconds=seconds_ago)
    OutboxEntry.objects.filter(dead_letter_id__in=ids).update(sent_at=at)
    DeadLetter.objects.filter(id__in=ids).update(changed_at=at)


def test_what_has_just_been_received_is_left_to_its_task() -> None:
    take_in(failed())
    assert list(due.left()) == []


def test_what_was_received_and_lies_there_is_taken_up_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "BATCH", 2)
    ids = take_in(*[failed() for _ in range(5)])
    received_long_ago(*ids)
    batches = list(due.left())
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert sorted(id for batch in batches for id in batch) == sorted(ids)


def test_what_was_cut_off_is_taken_up_alone_and_after_the_others() -> None:
    ids = take_in(*[failed() for _ in range(4)])
    lifecycle.claim(ids[:2], timedelta(seconds=-1))
    assert sorted(due.lapsed()) == sorted(ids[:2])
    lifecycle.lapse(due.lapsed())
    received_long_ago(*ids)
    first, *alone = due.left()
    assert sorted(first) == sorted(ids[2:])
    assert sorted(alone) == sorted([id] for id in ids[:2])


def test_what_was_cut_off_too_often_is_taken_up_first() -> None:
    ids = take_in(*[failed() for _ in range(3)])
    DeadLetter.objects.filter(id=ids[1]).update(lapses=2)
    received_long_ago(*ids)
    first, others = due.left()
    assert (first, set(others)) == ([ids[1]], {ids[0], ids[2]})


def test_a_claim_is_lapsed_only_when_its_lease_has_run_out() -> None:
    lifecycle.claim(take_in(failed()), timedelta(minutes=1))
    assert due.lapsed() == []


def test_a_retry_is_due_when_its_wait_is_over() -> None:
    ids = take_in(failed(kind=Kind.TRANSIENT))
    pipeline.repair(ids, [])
    assert due.waiting() == []
    DeadLetter.objects.update(due_at=LONG_AGO)
    assert due.waiting() == ids
    assert [letter.id for letter in lifecycle.wake(due.waiting())] == ids
    assert timeline(ids[0])[-2:] == ["retry scheduled", "requeued"]
    entry = OutboxEntry.objects.get()
    assert (entry.revision, entry.attempt) == (0, 1)
    assert_counted()


def test_silence_resolves_only_sources_with_a_quiet_period_and_only_what_was_sent_that_long_ago() -> None:
    early, late, unsent = take_in(*[failed() for _ in range(3)])
    pipeline.repair([early, late], [Shares()])
    sent([early], seconds_ago=3600)
    pipeline.repair([unsent], [Shares()])
    assert due.silent() == ([], [])
    Source.objects.update(quiet_seconds=60)
    assert due.silent() == ([early], [1])
    lifecycle.resolve_by_silence(*due.silent())
    assert states([early, late, unsent]) == ["resolved", "requeued", "requeued"]
    assert letters([early])[0].by_silence
    assert_counted()


@pytest.mark.django_db(transaction=True)
def test_silence_looks_at_what_was_requeued_long_enough_ago_and_at_nothing_else() -> None:
    call_command("seed", "3000", verbosity=0)
    source = DeadLetter.objects.filter(state="requeued").order_by("changed_at")[0].source
    Source.objects.filter(pk=source.pk).update(quiet_seconds=3600)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    long_ago = DeadLetter.objects.filter(state="requeued", source=source, changed_at__lt=an_hour_ago).count()
    assert 0 < long_ago < DeadLetter.objects.filter(state="requeued").count()
    with plans() as found:
        due.silent()
    [plan] = found
    assert "dead_letter_in_flight" in plan.indexes
    assert plan.read(frozenset(["dead_letter"])) <= long_ago


def test_a_task_of_a_few_messages_does_the_work_of_the_tasks_behind_it() -> None:
    told, untold = take_in(failed(kind=Kind.PERMANENT), failed(kind=Kind.PERMANENT))
    tasks.repair([str(told)])
    assert states([told, untold]) == ["parked", "parked"]
