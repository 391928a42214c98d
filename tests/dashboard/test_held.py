"""What waits behind a message: seen on its page, let go ahead, or discarded."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from consumers.ordering import Keyed
from dashboard.queries import health, queues
from tests.dashboard import office
from tests.workflow_processor.test_ordering import Shop, shop, waits_as_requeue
from workflow_processor.models import (
    AuditEntry,
    DeadLetter,
    Gate,
    HeldMessage,
    OperationItem,
    State,
)
from workflow_processor.operations import work

__all__ = ["shop"]


@pytest.fixture
def waiting(shop: Shop) -> DeadLetter:
    """A parked message with two behind it."""
    letter = shop.fails("ada", shop.message("1"))
    shop.gates.settle([], [Keyed("ada", shop.message("second")), Keyed("ada", shop.message("third"))])
    return letter


def browser(*permissions: str, name: str = "clerk") -> Client:
    clerk = User.objects.create_user(name)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_dead_letter", *permissions]))
    client = Client()
    client.force_login(clerk)
    return client


def test_the_page_of_a_message_shows_what_waits_behind_it(waiting: DeadLetter) -> None:
    page = browser().get(f"/messages/{waiting.id}/").content.decode()
    assert "2 later messages of this key are held behind it" in page
    assert "second" in page
    assert "Release now" not in page


def held_requeue(shop: Shop) -> DeadLetter:
    """One that was sent back while its key's gate is closed by another message."""
    letter = shop.fails("ada", shop.message("2"))
    waits_as_requeue(shop, letter, "2")
    return letter


def test_the_page_of_a_requeue_that_is_held_leads_to_the_message_that_comes_first(shop: Shop) -> None:
    head = shop.fails("ada", shop.message("1"))
    letter = held_requeue(shop)
    seen = browser()
    page = seen.get(f"/messages/{letter.id}/").content.decode()
    assert "Waiting for its turn" in page
    assert f'<a href="/messages/{head.id}/">Another failed message of its key</a> comes first' in page
    shop.requeue(head)
    shop.processed(head)
    page = seen.get(f"/messages/{letter.id}/").content.decode()
    assert "Waiting for its turn" not in page
    assert "comes first" not in page


def test_the_page_of_a_held_requeue_tells_of_one_that_has_not_come_to_the_office_too(shop: Shop) -> None:
    shop.gates.settle([Keyed("ada", shop.message("1"))], [])
    letter = held_requeue(shop)
    page = browser().get(f"/messages/{letter.id}/").content.decode()
    assert "Another failed message of its key comes first" in page


def test_a_queue_with_nearly_as_many_held_as_it_may_have_is_an_alert(
    waiting: DeadLetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[str, str]:
        [thing] = [thing for thing in health.of_queues(queues.queues()) if thing.name == "orders › billing"]
        return thing.state, thing.note

    assert told()[0] == "unknown"
    for module in (queues, health):
        monkeypatch.setattr(module, "HELD_AT_MOST", 2)
    assert told() == ("nearly full", "2 held; its consumer slows at 2")
    assert "2 held; its consumer slows at 2" in browser().get("/").content.decode()


@pytest.fixture
def stuck(shop: Shop) -> Gate:
    """A key whose first message failed and never came to the office, with one behind it."""
    shop.gates.settle([Keyed("ada", shop.message("1"))], [Keyed("ada", shop.message("second"))])
    Gate.objects.update(closed_at=timezone.now() - timedelta(hours=1))
    return Gate.objects.get()


def test_a_key_that_waits_for_what_never_came_is_an_alert(stuck: Gate) -> None:
    office.parked()
    [thing] = [thing for thing in health.of_queues(queues.queues()) if thing.state == "stuck"]
    assert thing.name == "orders › billing"
    assert "1 key waits for a message that never reached the office" in browser().get("/").content.decode()
    assert "Release</button>" not in browser(name="bob").get("/queues/").content.decode()


def test_a_key_that_waits_for_what_never_came_is_let_go_for_a_reason_and_that_is_on_record(
    stuck: Gate,
) -> None:
    client = browser("decide_held_messages")
    assert "Release</button>" in client.get("/queues/").content.decode()
    client.post(f"/queues/gates/{stuck.id}/openings/", {"reason": " "})
    assert not DeadLetter.objects.exists()
    client.post(f"/queues/gates/{stuck.id}/openings/", {"reason": "processed on another host"})
    released = DeadLetter.objects.get()
    assert (released.preview, released.state) == ("second", State.REQUEUED)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.subject) == ("open gate", "gate orders › billing › ada")
    assert (entry.reason, entry.dead_letters) == ("processed on another host", [str(released.id)])
    again = client.post(f"/queues/gates/{stuck.id}/openings/", {"reason": "once more"}, follow=True)
    assert "has reached the office, or has ended" in again.content.decode()
    assert "Release</button>" not in client.get("/queues/").content.decode()


def test_somebody_without_the_permission_lets_go_of_no_key(stuck: Gate) -> None:
    answer = browser("discard_dead_letter").post(f"/queues/gates/{stuck.id}/openings/", {"reason": "why"})
    assert answer.status_code == 403
    assert HeldMessage.objects.count() == 1


def test_what_waits_is_let_go_ahead_of_it_and_that_is_on_record(waiting: DeadLetter) -> None:
    client = browser("decide_held_messages")
    assert "Release now" in client.get(f"/messages/{waiting.id}/").content.decode()
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


def discard(client: Client, letter: DeadLetter, **form: str) -> Any:
    told = {"ids": f"{letter.id}:{letter.version}", "reason": "twice ordered", **form}
    return client.post("/discards/", told, follow=True)


def test_discarding_a_head_lets_go_of_what_waits_unless_that_is_to_end_too(waiting: DeadLetter) -> None:
    discard(browser("discard_dead_letter"), waiting)
    assert HeldMessage.objects.count() == 1
    assert list(DeadLetter.objects.exclude(id=waiting.id).values_list("state", flat=True)) == [State.REQUEUED]
    assert AuditEntry.objects.get().after == {}


def test_discarding_a_head_with_all_that_waits_is_one_act(waiting: DeadLetter) -> None:
    client = browser("discard_dead_letter", "decide_held_messages")
    answer = discard(client, waiting, held="discard")
    assert "3 messages discarded." in answer.content.decode()
    assert not Gate.objects.exists()
    assert set(DeadLetter.objects.values_list("state", flat=True)) == {State.DISCARDED}
    behind = {str(id) for id in DeadLetter.objects.exclude(id=waiting.id).values_list("id", flat=True)}
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.reason) == ("discard", "twice ordered")
    assert set(entry.dead_letters) == {str(waiting.id), *behind}
    assert set(entry.after["waited behind them"]) == behind


def test_what_waits_is_not_discarded_with_a_head_that_changed_in_the_meantime(waiting: DeadLetter) -> None:
    client = browser("discard_dead_letter", "decide_held_messages")
    waiting.version += 1
    discard(client, waiting, held="discard")
    assert HeldMessage.objects.count() == 2
    assert not AuditEntry.objects.exists()


def test_without_the_permission_a_head_is_not_discarded_with_what_waits(waiting: DeadLetter) -> None:
    client = browser("discard_dead_letter")
    assert "Discard them too" not in client.get(f"/messages/{waiting.id}/").content.decode()
    assert discard(client, waiting, held="discard").status_code == 403
    assert HeldMessage.objects.count() == 2


def test_the_page_before_a_discard_asks_about_what_waits_where_anything_does(waiting: DeadLetter) -> None:
    client = browser("discard_dead_letter", "decide_held_messages")
    other = office.parked()
    asked = client.get(f"/operations/new/?kind=discard&ids={waiting.id}:1&ids={other.id}:1").content.decode()
    assert "Discard them too" in asked
    asked = client.get(f"/operations/new/?kind=discard&ids={other.id}:1").content.decode()
    assert "Discard them too" not in asked
    asked = client.get("/operations/new/?kind=discard&scope=matching&q=queue:orders").content.decode()
    assert "Discard them too" in asked


def test_an_operation_that_discards_ends_what_waits_too_where_a_person_may(waiting: DeadLetter) -> None:
    form = {
        "kind": "discard",
        "ids": f"{waiting.id}:{waiting.version}",
        "reason": "a test",
        "held": "discard",
    }
    client = browser("discard_dead_letter")
    assert client.post("/operations/", form).status_code == 403
    clerk = User.objects.get(username="clerk")
    clerk.user_permissions.add(Permission.objects.get(codename="decide_held_messages"))
    assert client.post("/operations/", form).status_code == 302
    work.carry_on()
    assert set(DeadLetter.objects.values_list("state", flat=True)) == {State.DISCARDED}
    assert DeadLetter.objects.count() == 3
    assert OperationItem.objects.get().outcome == "done"


@pytest.mark.parametrize("what", ["releases", "discards"])
def test_somebody_without_the_permission_decides_nothing(waiting: DeadLetter, what: str) -> None:
    answer = browser("discard_dead_letter").post(f"/messages/{waiting.id}/held/{what}/", {"reason": "why"})
    assert answer.status_code == 403
    assert HeldMessage.objects.count() == 2


@pytest.mark.parametrize("kind", ["releases", "discards"])
def test_a_message_that_only_waited_has_its_pages_like_any_other(waiting: DeadLetter, kind: str) -> None:
    client = office.browser()
    clerk = User.objects.get(username="ada")
    clerk.user_permissions.add(Permission.objects.get(codename="decide_held_messages"))
    client.post(f"/messages/{waiting.id}/held/{kind}/", {"reason": "urgent"})
    letter = DeadLetter.objects.exclude(id=waiting.id).order_by("id")[0]
    for page in ("", "status/", "preview/", "differences/?before=0&after=0"):
        answer = client.get(f"/messages/{letter.id}/{page}")
        assert answer.status_code == 200, page
    page = client.get(f"/messages/{letter.id}/").content.decode()
    assert "Waited behind another message: It did not fail" in page, "what is copied for a ticket"
    assert "The consumer sent no traceback" not in page
    assert client.get(f"/groups/{letter.group_id}/").status_code == 200


def test_what_was_discarded_while_it_waited_is_restored_and_edited_on_its_page(waiting: DeadLetter) -> None:
    client = office.browser()
    clerk = User.objects.get(username="ada")
    clerk.user_permissions.add(Permission.objects.get(codename="decide_held_messages"))
    client.post(f"/messages/{waiting.id}/held/discards/", {"reason": "twice ordered"})
    letter = DeadLetter.objects.filter(state=State.DISCARDED).order_by("id")[0]
    address = f"/messages/{letter.id}/"
    assert "Restore</button>" in client.get(address).content.decode()
    form = {"ids": f"{letter.id}:{letter.version}", "next": address}
    assert client.post("/restores/", form, follow=True).status_code == 200
    letter.refresh_from_db()
    assert letter.state == State.PARKED
    assert client.get(f"{address}edit/").status_code == 200
