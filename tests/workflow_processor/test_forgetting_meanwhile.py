"""What comes for a dead letter at the moment at which it is forgotten: nothing of it is left alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from consumers.message import ATTEMPT, DEAD_LETTER
from tests.workflow_processor.letters import failed, take_in
from tests.workflow_processor.overlapping import Overlapping
from tests.workflow_processor.rules import Shares
from workflow_processor import lifecycle, retention, transition
from workflow_processor.intake.arrivals import arrived
from workflow_processor.intake.catalogue import Catalogue
from workflow_processor.intake.storing import store
from workflow_processor.models import DeadLetter, Event, FailedAttempt, OutboxEntry, Revision
from workflow_processor.repair import pipeline

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two() -> Iterator[Overlapping]:
    overlapping = Overlapping()
    yield overlapping
    overlapping.close()


@pytest.fixture
def ended() -> UUID:
    """Resolved a year ago."""
    ids = take_in(failed())
    pipeline.repair(ids, [Shares()])
    lifecycle.resolve(ids, [1], ["processed"])
    DeadLetter.objects.filter(id__in=ids).update(changed_at=timezone.now() - timedelta(days=365))
    return ids[0]


def forget() -> None:
    retention.forget(timezone.now() - timedelta(days=90))


def comes_back(letter: UUID) -> None:
    """Its requeue fails after all."""
    again = failed()
    message = again.message.with_headers({DEAD_LETTER: str(letter), ATTEMPT: "1"})
    store([arrived(replace(again, message=message))], [], Catalogue())


def noted(letter: UUID) -> None:
    transition.tell(Event.Kind.COMMENTED, [letter], ["A word on it."], transition.INTAKE)


def orphans() -> int:
    there = DeadLetter.objects.values("id")
    models = (Revision, Event, FailedAttempt, OutboxEntry)
    return sum(model._default_manager.exclude(dead_letter_id__in=there).count() for model in models)


ACTS: dict[str, Callable[[UUID], None]] = {"it comes back": comes_back, "it is noted on": noted}


def both(two: Overlapping, act: Callable[[], None], *, forgetting_first: bool) -> None:
    first, second = (forget, act) if forgetting_first else (act, forget)
    two.run(first, second, uncommitted=transaction.atomic)


@pytest.mark.parametrize("what", ACTS)
@pytest.mark.parametrize("forgetting_first", [True, False])
def test_nothing_belongs_to_a_dead_letter_that_is_gone(
    two: Overlapping, ended: UUID, what: str, *, forgetting_first: bool
) -> None:
    both(two, lambda: ACTS[what](ended), forgetting_first=forgetting_first)
    assert orphans() == 0


@pytest.mark.parametrize("forgetting_first", [True, False])
def test_a_failure_that_comes_for_it_is_not_lost(
    two: Overlapping, ended: UUID, *, forgetting_first: bool
) -> None:
    both(two, lambda: comes_back(ended), forgetting_first=forgetting_first)
    letter = DeadLetter.objects.exclude(state="resolved").get()
    assert Revision.objects.filter(dead_letter=letter).exists()
    assert FailedAttempt.objects.filter(dead_letter=letter).exists()
