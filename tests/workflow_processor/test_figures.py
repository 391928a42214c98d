"""Figures: sums that agree with the rows, however often and by however many they are folded."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from consumers.failure import Kind
from tests.workflow_processor.letters import assert_counted, failed, fold, in_threads, letters, take_in
from tests.workflow_processor.rules import Shares
from workflow_processor import figures, group_figures, lifecycle
from workflow_processor.figures import Minute
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, Flow, Group, GroupHour, MinuteFlow, State, StateCount
from workflow_processor.repair import pipeline
from workflow_processor.transition import Actor

pytestmark = pytest.mark.django_db
CLERK = Actor("clerk")


def repaired_and_parked() -> None:
    """Two that a rule repaired, one of them resolved; three that are parked, for another reason."""
    ids = take_in(
        *[failed(b"A1,BUY,AAPL,1 SHARES") for _ in range(2)],
        *[failed(b"A1", Kind.PERMANENT, error_type="KeyError") for _ in range(3)],
    )
    pipeline.repair(ids, [Shares()])
    lifecycle.resolve(ids[:1], [1], ["processed"])


def test_counts_are_known_by_state_and_by_group() -> None:
    repaired_and_parked()
    wanted = {State.PARKED: 3, State.REQUEUED: 1, State.RESOLVED: 1}
    assert figures.counts() == {state: wanted.get(state, 0) for state in State}
    values, keys = (Group.objects.get(error_type=name).id for name in ("ValueError", "KeyError"))
    by_group = group_figures.counts_of([values, keys, keys + 1])
    assert by_group[keys][State.PARKED] == 3
    assert by_group[values][State.REQUEUED] == by_group[values][State.RESOLVED] == 1
    assert set(by_group[keys + 1].values()) == {0}


def test_what_happened_is_known_by_the_minute() -> None:
    repaired_and_parked()
    minutes = figures.flow(60)
    assert len(minutes) == 60
    assert [later.at - earlier.at for earlier, later in pairwise(minutes)] == [timedelta(minutes=1)] * 59
    assert minutes[-1]._replace(at=minutes[0].at) == Minute(
        minutes[0].at, failed=5, repaired=2, resolved=1, parked=3
    )
    Flow.objects.update(minute=minutes[-1].at - timedelta(minutes=7))
    assert [minute.failed for minute in figures.flow(10)] == [0, 0, 5, 0, 0, 0, 0, 0, 0, 0]


def test_a_minutes_figures_are_the_same_before_and_after_every_fold() -> None:
    for times in (1, 2):
        repaired_and_parked()
        told = figures.flow(3), figures.pace(), figures.headlines().repaired_today
        fold()
        assert (figures.flow(3), figures.pace(), figures.headlines().repaired_today) == told
        assert not Flow.objects.filter(folded=False).exists()
        failed = MinuteFlow.objects.filter(kind=Flow.Kind.FAILED).aggregate(number=Sum("count"))
        assert failed == {"number": 5 * times}


def test_a_groups_failures_are_known_by_the_hour_of_the_clock() -> None:
    repaired_and_parked()
    group = Group.objects.get(error_type="KeyError").id
    assert group_figures.failures_of([group]) == {group: [0] * 23 + [3]}
    this = Flow.objects.latest("minute").minute.replace(minute=0)
    for back, shown in ((0, 23), (5, 18), (23, 0), (24, None), (30, None)):
        for minute in (0, 59 if back else 0):
            Flow.objects.update(minute=this - timedelta(hours=back) + timedelta(minutes=minute))
            wanted = [3 if hour == shown else 0 for hour in range(group_figures.HOURS)]
            assert group_figures.failures_of([group]) == {group: wanted}


def test_a_groups_hours_are_the_same_before_and_after_every_fold_and_agree_with_the_minutes() -> None:
    for back in (0, 2, 0, 26):
        repaired_and_parked()
        now = Flow.objects.latest("minute").minute  # the database's, which stands still in a transaction
        Flow.objects.filter(folded=False).update(minute=now - timedelta(hours=back))
        groups = list(Group.objects.values_list("id", flat=True))
        told = group_figures.failures_of(groups)
        assert told == {group: hours(group, now) for group in groups}
        fold()
        assert group_figures.failures_of(groups) == told
        fold()
        assert group_figures.failures_of(groups) == told


def hours(group: int, now: datetime) -> list[int]:
    """Its failures of the last hours, from every row that there is."""
    found = [0] * group_figures.HOURS
    this = now.replace(minute=0)
    for row in Flow.objects.filter(group=group, kind=Flow.Kind.FAILED):
        back = (this - row.minute.replace(minute=0)) // timedelta(hours=1)
        if back < group_figures.HOURS:
            found[-1 - back] += row.count
    return found


def test_the_pace_runs_out_within_a_minute_or_two() -> None:
    repaired_and_parked()
    assert figures.pace()["failed"] == 5
    this = Flow.objects.latest("minute").minute
    Flow.objects.update(minute=this - timedelta(minutes=1))
    assert 0 <= figures.pace()["failed"] <= 5
    Flow.objects.update(minute=this - timedelta(minutes=2))
    assert set(figures.pace().values()) == {0}


def test_the_first_pages_five_figures() -> None:
    assert figures.headlines() == (0, 0, None, 0, None)
    repaired_and_parked()
    DeadLetter.objects.filter(state=State.PARKED).update(first_failed_at=timezone.now() - timedelta(hours=2))
    told = figures.headlines()
    assert (told.parked, told.failed_last_hour, told.repaired_today) == (3, 5, 2)
    assert told.oldest_parked_seconds == pytest.approx(7200, abs=60)
    assert told.median_seconds_to_resolve is not None
    assert 0 <= told.median_seconds_to_resolve < 60
    assert figures.shown()["parked"] == 3


def test_folding_changes_no_sum_and_leaves_a_row_a_kind() -> None:
    for _ in range(3):
        repaired_and_parked()
    counts, flow = figures.counts(), figures.flow()[-1]
    fold()
    assert figures.counts() == counts
    assert figures.flow()[-1] == flow
    assert StateCount.objects.count() == len({(row.group_id, row.state) for row in StateCount.objects.all()})
    assert not StateCount.objects.filter(change=0).exists()
    before = list(StateCount.objects.order_by("id").values())
    fold()
    assert list(StateCount.objects.order_by("id").values()) == before
    assert_counted()


@pytest.mark.django_db(transaction=True)
def test_folding_while_others_add_loses_and_invents_nothing() -> None:
    ids = take_in(*[failed() for _ in range(40)])
    pipeline.repair(ids, [])

    def move(which: list[DeadLetter]) -> None:
        for letter in which:
            [edited] = lifecycle.requeue([Seen(letter.id, letter.version)], CLERK)
            lifecycle.resolve([edited.id], [edited.attempt], ["processed"])

    def fold_often() -> None:
        for _ in range(15):
            fold()

    parked = letters(ids)
    in_threads(lambda: move(parked[:20]), lambda: move(parked[20:]), fold_often, fold_often)
    fold()
    assert figures.counts()[State.RESOLVED] == 40
    assert sum(minute.resolved for minute in figures.flow(3)) == 40
    assert GroupHour.objects.aggregate(number=Sum("count")) == {"number": 40}
    assert_counted()


@pytest.mark.django_db(transaction=True)
def test_what_is_added_and_not_committed_yet_is_neither_folded_nor_lost() -> None:
    repaired_and_parked()
    with transaction.atomic():
        repaired_and_parked()
        in_threads(fold)
    assert figures.counts()[State.PARKED] == 6
    assert_counted()


def test_flow_of_long_ago_is_forgotten() -> None:
    repaired_and_parked()
    group = Group.objects.order_by("id")[0]
    long_ago = timezone.now() - figures.KEPT - timedelta(hours=1)
    Flow.objects.create(minute=long_ago, group=group, kind=Flow.Kind.FAILED, count=1)
    fold()
    figures.forget()
    for kept in (Flow, MinuteFlow):
        assert kept.objects.filter(minute__lt=timezone.now() - figures.KEPT).count() == 0
    assert figures.flow()[-1].failed == 5
    assert GroupHour.objects.filter(hour__lt=timezone.now() - figures.HOURS_KEPT).count() == 0
    assert GroupHour.objects.count() == 2
