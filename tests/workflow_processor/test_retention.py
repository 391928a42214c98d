"""Forgetting what has ended long ago, and nothing else."""

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from consumers.failure import Kind
from tests.workflow_processor.letters import assert_counted, failed, letters, states, take_in
from tests.workflow_processor.rules import Shares
from workflow_processor import lifecycle, retention
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, Event, FailedAttempt, OutboxEntry, Revision, State
from workflow_processor.repair import pipeline
from workflow_processor.transition import Actor

pytestmark = pytest.mark.django_db
CLERK = Actor("clerk")
NOW = timezone.now()


def ended(count: int, days_ago: float) -> list[UUID]:
    """Resolved so long ago."""
    ids = take_in(*[failed(b"A1,BUY,AAPL,1 SHARES") for _ in range(count)])
    pipeline.repair(ids, [Shares()])
    lifecycle.resolve(ids, [1] * count, ["processed"] * count)
    DeadLetter.objects.filter(id__in=ids).update(changed_at=NOW - timedelta(days=days_ago))
    return ids


def discarded(days_ago: float) -> UUID:
    ids = take_in(failed(kind=Kind.PERMANENT))
    pipeline.repair(ids, [])
    lifecycle.discard([Seen(letter.id, letter.version) for letter in letters(ids)], CLERK, "a test order")
    DeadLetter.objects.filter(id__in=ids).update(changed_at=NOW - timedelta(days=days_ago))
    return ids[0]


def forget(days: float) -> int:
    return retention.forget(NOW - timedelta(days=days))


def test_what_ended_long_ago_is_forgotten_with_all_that_belongs_to_it() -> None:
    gone = [*ended(3, days_ago=100), discarded(days_ago=91)]
    assert forget(90) == 4
    for model in (Revision, Event, FailedAttempt, OutboxEntry):
        assert not model._default_manager.filter(dead_letter_id__in=gone).exists()
    assert not DeadLetter.objects.filter(id__in=gone).exists()
    assert_counted()


def test_what_ended_lately_or_is_open_stays() -> None:
    kept = [*ended(2, days_ago=89), *take_in(failed())]
    DeadLetter.objects.filter(id=kept[-1]).update(changed_at=NOW - timedelta(days=400))
    assert forget(90) == 0
    assert states(kept) == [State.RESOLVED, State.RESOLVED, State.RECEIVED]


def test_one_that_only_follows_a_forgotten_one_stays_and_no_longer_names_it() -> None:
    [first], [second] = ended(1, days_ago=100), take_in(failed())
    DeadLetter.objects.filter(id=second).update(earlier=first)
    assert forget(90) == 1
    assert letters([second])[0].earlier_id is None


def test_it_goes_portion_by_portion_those_that_ended_first_going_first() -> None:
    old, older = ended(2, days_ago=100), ended(2, days_ago=200)
    assert retention.forget(NOW - timedelta(days=90), limit=2) == 2
    assert set(DeadLetter.objects.values_list("id", flat=True)) == set(old)
    assert not DeadLetter.objects.filter(id__in=older).exists()


def test_what_is_to_go_is_found_by_an_index() -> None:
    ended(1, days_ago=100)
    with connection.cursor() as cursor:
        for other in ("seqscan", "bitmapscan", "sort"):  # which a table of one row would tempt to
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute("EXPLAIN " + retention._ended % {"ended_before": "now()", "limit": 10})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "dead_letter_ended" in plan
    assert "Sort" not in plan


def test_the_command_counts_first_where_it_is_asked_to_and_then_forgets() -> None:
    ended(3, days_ago=100)
    said = StringIO()
    call_command("forget", "--days", "90", "--count", stdout=said)
    assert said.getvalue() == "3 dead letters ended more than 90 days ago.\n"
    call_command("forget", "--days", "90", stdout=said)
    assert said.getvalue().endswith("3 dead letters are forgotten.\n")
    assert not DeadLetter.objects.exists()
