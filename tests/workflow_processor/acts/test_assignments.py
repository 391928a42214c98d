"""Dead letters and groups are somebody's."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from tests.workflow_processor.acts.people import person
from tests.workflow_processor.letters import failed, letters, take_in, timeline
from workflow_processor.acts.assignments import assign, assign_groups
from workflow_processor.models import AuditEntry, Event, Group, GroupEvent, Notification

pytestmark = pytest.mark.django_db


def test_dead_letters_are_given_to_somebody_who_is_told_once() -> None:
    ada, grace = person("ada"), person("grace")
    ids = take_in(failed(), failed(), failed())
    outcome = assign(ada, [*ids, gone := uuid4()], grace)
    assert (set(outcome.changed), outcome.unchanged) == (set(ids), [gone])
    assert {letter.assignee for letter in letters(ids)} == {grace}
    assert timeline(ids[0]) == ["received", "assigned"]
    assert Event.objects.filter(kind="assigned").values_list("text", "actor").distinct().get() == (
        "To grace.",
        "ada",
    )
    entry = AuditEntry.objects.get(act="assign")
    assert (entry.act, entry.after, len(entry.dead_letters)) == ("assign", {"assignee": "grace"}, 3)
    [told] = Notification.objects.all()
    assert (told.person, told.kind, told.text, told.read) == (grace, "assigned", "3 messages", False)


def test_what_is_theirs_already_is_left_alone() -> None:
    ada = person("ada")
    [id] = take_in(failed())
    assign(ada, [id], ada)
    assert assign(ada, [id], ada).unchanged == [id]
    assert AuditEntry.objects.count() == 1
    assert not Notification.objects.exists()  # nobody is told what they did themselves
    assert assign(ada, [id], None).changed == [id]
    assert letters([id])[0].assignee is None


def test_an_assignment_changes_nothing_that_an_act_holds_for() -> None:
    ada = person("ada")
    [id] = take_in(failed())
    before = letters([id])[0]
    assign(ada, [id], ada)
    now = letters([id])[0]
    assert (now.version, now.state, now.changed_at) == (before.version, before.state, before.changed_at)


@pytest.mark.parametrize("active", [True, False])
def test_only_people_who_work_here_are_given_anything(active: bool) -> None:
    ada = person("ada")
    other = person("grace") if not active else User.objects.create_user("visitor")
    other.is_active = active
    other.save()
    [id] = take_in(failed())
    with pytest.raises(ValueError, match="has no active account with access"):
        assign(ada, [id], other)
    with pytest.raises(ValueError, match="has no active account with access"):
        assign_groups(ada, [Group.objects.get()], other)
    assert letters([id])[0].assignee is None


def test_a_group_is_given_to_somebody() -> None:
    ada, grace = person("ada"), person("grace")
    take_in(failed(), failed(error_type="KeyError"))
    groups = list(Group.objects.all())
    assign_groups(ada, groups, grace)
    assign_groups(ada, groups, grace)
    assert set(Group.objects.values_list("assignee__username", flat=True)) == {"grace"}
    assert GroupEvent.objects.filter(kind="assigned", text="To grace.").count() == 2
    assert AuditEntry.objects.filter(act="assign", group=groups[0]).get().after == {"assignee": "grace"}
    assert Notification.objects.filter(person=grace, group__in=groups).count() == 2


def test_nobody_assigns_without_the_permission() -> None:
    grace = person("grace", "view_dead_letter")
    [id] = take_in(failed())
    with pytest.raises(PermissionDenied):
        assign(grace, [id], grace)
    with pytest.raises(PermissionDenied):
        assign_groups(grace, [Group.objects.get()], grace)
    assert not AuditEntry.objects.exists()
