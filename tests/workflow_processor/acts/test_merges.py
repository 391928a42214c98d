"""Groups that are merged count as one, and are split without a loss."""

import pytest
from django.core.exceptions import PermissionDenied

from tests.workflow_processor.acts.people import person
from tests.workflow_processor.letters import assert_counted, failed, fold, in_threads, take_in
from workflow_processor import group_figures
from workflow_processor.acts.merges import merge, split
from workflow_processor.models import AuditEntry, Group, GroupEvent, Snooze, State

pytestmark = pytest.mark.django_db


def named(error: str) -> Group:
    return Group.objects.get(error_type=error)


def received(*errors: str) -> None:
    take_in(*(failed(error_type=error) for error in errors))


def counts() -> dict[str, int]:
    return {
        group.error_type: group_figures.counts_of([group.pk])[group.pk][State.RECEIVED]
        for group in Group.objects.all()
    }


def kept() -> dict[str, tuple[int, int]]:
    return {group.error_type: (group.parked, group.open) for group in Group.objects.all()}


def test_new_failures_of_either_land_in_the_merged_one_and_a_split_gives_all_back() -> None:
    ada = person("ada")
    received("A", "A", "B")
    fold()
    [moved] = merge(ada, [named("B")], into=named("A"))
    assert moved == named("B")
    assert counts() == {"A": 3, "B": 0}
    assert kept() == {"A": (0, 3), "B": (0, 0)}
    received("B", "A", "B")
    assert counts() == {"A": 6, "B": 0}
    assert group_figures.failures_of([named("A").pk])[named("A").pk][-1] == 6
    fold()
    assert kept() == {"A": (0, 6), "B": (0, 0)}
    received("B")
    assert_counted()
    split(ada, [named("B")])
    fold()
    assert counts() == {"A": 3, "B": 4}
    assert kept() == {"A": (0, 3), "B": (0, 4)}
    assert_counted()
    assert list(GroupEvent.objects.filter(group=named("B")).values_list("kind", flat=True)) == [
        "merged",
        "split",
    ]
    assert set(AuditEntry.objects.values_list("act", flat=True)) == {"merge", "split"}


def test_what_was_merged_before_comes_along() -> None:
    ada = person("ada")
    received("A", "B", "C")
    merge(ada, [named("C")], into=named("B"))
    merge(ada, [named("B")], into=named("A"))
    assert counts() == {"A": 3, "B": 0, "C": 0}
    assert {group.merged_into for group in (named("B"), named("C"))} == {named("A")}
    with pytest.raises(ValueError, match="merged into another"):
        merge(ada, [named("A")], into=named("B"))
    split(ada, [named("B")])
    assert counts() == {"A": 2, "B": 1, "C": 0}


def test_a_merge_of_a_group_into_itself_or_twice_does_nothing() -> None:
    ada = person("ada")
    received("A", "B")
    assert merge(ada, [named("A")], into=named("A")) == []
    merge(ada, [named("B")], into=named("A"))
    assert merge(ada, [named("B")], into=named("A")) == []
    assert len(split(ada, [named("B")])) == 1
    assert split(ada, [named("B")]) == []
    assert counts() == {"A": 1, "B": 1}


def test_a_merged_group_is_not_snoozed_for_itself() -> None:
    from workflow_processor.acts.snoozes import snooze

    ada = person("ada")
    received("A", "B")
    snooze(ada, [named("A"), named("B")], more=5)
    merge(ada, [named("B")], into=named("A"))
    assert Snooze.objects.get().group == named("A")
    snooze(ada, [named("B")], more=5)
    assert Snooze.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_merging_and_splitting_while_others_fold_and_take_in_counts_right() -> None:
    ada = person("ada")
    received("A", "B")

    def back_and_forth() -> None:
        for _ in range(8):
            merge(ada, [named("B")], into=named("A"))
            split(ada, [named("B")])

    def fold_often() -> None:
        for _ in range(20):
            fold()

    def take_in_often() -> None:
        for _ in range(8):
            received("A", "B")

    in_threads(back_and_forth, fold_often, take_in_often)
    fold()
    assert kept() == {"A": (0, 9), "B": (0, 9)}
    assert_counted()


def test_nobody_merges_without_the_permission() -> None:
    grace = person("grace", "view_dead_letter")
    received("A", "B")
    with pytest.raises(PermissionDenied):
        merge(grace, [named("B")], into=named("A"))
    merge(person("ada"), [named("B")], into=named("A"))
    with pytest.raises(PermissionDenied):
        split(grace, [named("B")])
