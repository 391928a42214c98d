"""A seeded office is one that could have come about: figures, timelines and messages agree."""

import pytest
from django.core.management import CommandError, call_command

from tests.workflow_processor.letters import assert_counted, behind
from workflow_processor.models import DeadLetter, Event, Group, OutboxEntry, Revision, Searchable, State

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_seeded_office_is_one_that_could_have_come_about() -> None:
    call_command("seed", "3000", verbosity=0)
    assert DeadLetter.objects.count() == Searchable.objects.count() == 3_000
    assert behind() == 0
    assert_counted()
    states = set(DeadLetter.objects.values_list("state", flat=True))
    assert states == {State.PARKED, State.WAITING, State.REQUEUED, State.RESOLVED, State.DISCARDED}
    letter = DeadLetter.objects.filter(state=State.RESOLVED, revision=1).order_by("id")[0]
    message = Revision.objects.get(dead_letter=letter, number=1).message()
    assert (message.message_id, len(message.body)) == (letter.message_id, letter.size)
    assert Event.objects.filter(dead_letter=letter).order_by("at").last().kind == "processed"  # type: ignore[union-attr]
    assert OutboxEntry.objects.filter(dead_letter=letter, state="sent", attempt=letter.attempt).exists()
    assert Searchable.objects.get(dead_letter=letter).headers
    assert DeadLetter.objects.exclude(error_text="").count() == 3_000
    busiest = Group.objects.order_by("-parked")[0]
    assert busiest.parked == DeadLetter.objects.filter(group=busiest, state=State.PARKED).count()
    with pytest.raises(CommandError, match="Only an empty one"):
        call_command("seed", "10", verbosity=0)
