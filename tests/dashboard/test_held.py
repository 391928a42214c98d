"""What waits behind a message: seen on its page, let go ahead, or discarded."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from consumers.ordering import Keyed
from tests.workflow_processor.test_ordering import Shop, shop
from workflow_processor.models import AuditEntry, DeadLetter, HeldMessage, State

__all__ = ["shop"]


@pytest.fixture
def waiting(shop: Shop) -> DeadLetter:
    """A parked message with two behind it."""
    letter = shop.fails("ada", shop.message("1"))
    shop.gates.settle([], [Keyed("ada", shop.message("second")), Keyed("ada", shop.message("third"))])
    return letter


def browser(*permissions: str) -> Client:
    clerk = User.objects.create_user("clerk")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_dead_letter", *permissions]))
    client = Client()
    client.force_login(clerk)
    return client


def test_the_page_of_a_message_shows_what_waits_behind_it(waiting: DeadLetter) -> None:
    page = browser().get(f"/messages/{waiting.id}/").content.decode()
    assert "2 later messages of this key wait behind it" in page
    assert "second" in page
    assert "Let go ahead" not in page


def test_the_queues_page_tells_how_many_are_held(waiting: DeadLetter) -> None:
    page = browser().get("/queues/").content.decode()
    assert "Held" in page


def test_what_waits_is_let_go_ahead_of_it_and_that_is_on_record(waiting: DeadLetter) -> None:
    client = browser("decide_held_messages")
    assert "Let go ahead" in client.get(f"/messages/{waiting.id}/").content.decode()
    client.post(f"/messages/{waiting.id}/held/releases/", {"reason": "urgent"})
    released = DeadLetter.objects.exclude(id=waiting.id).get()
    assert (released.preview, released.state) == ("second", State.REQUEUED)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.reason, entry.dead_letters) == ("release held", "urgent", [str(released.id)])
    waiting.refresh_from_db()
    assert waiting.state == State.PARKED


def test_what_waits_is_discarded_for_a_reason_alone(waiting: DeadLetter) -> None:
    client = browser("decide_held_messages")
    client.post(f"/messages/{waiting.id}/held/discards/", {"reason": " "})
    assert HeldMessage.objects.count() == 2
    client.post(f"/messages/{waiting.id}/held/discards/", {"reason": "twice ordered"})
    assert not HeldMessage.objects.exists()
    assert DeadLetter.objects.filter(state=State.DISCARDED, reason="").count() == 2
    assert AuditEntry.objects.get().act == "discard held"


@pytest.mark.parametrize("what", ["releases", "discards"])
def test_somebody_without_the_permission_decides_nothing(waiting: DeadLetter, what: str) -> None:
    answer = browser("discard_dead_letter").post(f"/messages/{waiting.id}/held/{what}/", {"reason": "why"})
    assert answer.status_code == 403
    assert HeldMessage.objects.count() == 2
