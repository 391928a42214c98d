"""A snoozed group comes back by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone

from tests.workflow_processor.acts.people import person
from tests.workflow_processor.letters import failed, take_in
from workflow_processor import snoozes
from workflow_processor.acts.assignments import assign_groups
from workflow_processor.acts.merges import merge
from workflow_processor.acts.snoozes import LONGEST, snooze, wake
from workflow_processor.models import AuditEntry, Flow, Group, GroupEvent, Notification, Snooze

pytestmark = pytest.mark.django_db


def group() -> Group:
    return Group.objects.get(error_type="ValueError")


def test_it_comes_back_when_its_time_has_come_and_says_why() -> None:
    ada, grace = person("ada"), person("grace")
    take_in(failed())
    assign_groups(ada, [group()], grace)
    snooze(ada, [group()], until=timezone.now() + timedelta(hours=1))
    assert snoozes.wake() == 0
    Snooze.objects.update(until=timezone.now() - timedelta(minutes=1))
    assert snoozes.wake() == 1
    assert group().back == "Its snooze was over."
    assert not Snooze.objects.exists()
    event = GroupEvent.objects.get(kind="woken")
    assert (event.text, event.actor, event.person) == ("Its snooze was over.", "clock", None)
    told = Notification.objects.filter(kind="woken").values_list("person__username", flat=True)
    assert set(told) == {"ada", "grace"}
    assert snoozes.wake() == 0


def test_it_comes_back_after_so_many_failures_more_of_it_or_what_was_merged_into_it() -> None:
    ada = person("ada")
    take_in(failed(), failed(), failed(), failed(error_type="KeyError"))
    merge(ada, [Group.objects.get(error_type="KeyError")], into=group())
    snooze(ada, [group()], more=3)
    take_in(failed(), failed())
    assert snoozes.wake() == 0
    take_in(failed(error_type="TypeError"))
    assert snoozes.wake() == 0
    take_in(failed(error_type="KeyError"))
    assert snoozes.wake() == 1
    assert group().back == "It failed 3 more times."


def test_failures_before_it_do_not_end_it_however_wrong_the_clock_of_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = person("ada")
    take_in(failed(), failed())
    Flow.objects.update(minute=F("minute") - timedelta(minutes=3))
    behind = timezone.now() - timedelta(minutes=5)
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: behind)
        snooze(ada, [group()], more=1)
    assert snoozes.wake() == 0
    take_in(failed())
    assert snoozes.wake() == 1


def test_the_longest_snooze_is_a_month() -> None:
    ada = person("ada")
    take_in(failed())
    for told in ({"more": 10}, {"until": timezone.now() + timedelta(days=400)}):
        snooze(ada, [group()], **told)
        [kept] = Snooze.objects.all()
        assert abs(kept.until - kept.since - LONGEST) < timedelta(hours=1)


@pytest.mark.parametrize(
    "told", [{}, {"more": 0}, {"more": -1}, {"more": 10**10}, {"until": timezone.now() - timedelta(1)}]
)
def test_a_snooze_has_an_end(told: dict[str, Any]) -> None:
    take_in(failed())
    with pytest.raises(ValueError, match="A snooze needs an end"):
        snooze(person("ada"), [group()], **told)
    assert not Snooze.objects.exists()


def test_a_person_brings_it_back() -> None:
    ada = person("ada")
    take_in(failed())
    snooze(ada, [group()], more=1)
    wake(ada, [group()])
    wake(ada, [group()])
    assert list(AuditEntry.objects.order_by("id").values_list("act", "group")) == [
        ("snooze", group().pk),
        ("wake", group().pk),
    ]
    assert group().back == ""


def test_nobody_snoozes_without_the_permission() -> None:
    grace = person("grace", "view_dead_letter")
    take_in(failed())
    for act in (lambda: snooze(grace, [group()], more=1), lambda: wake(grace, [group()])):
        with pytest.raises(PermissionDenied):
            act()
