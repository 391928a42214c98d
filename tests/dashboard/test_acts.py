"""What people do with dead letters, and what they are told of it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard.parts import toasts
from tests.dashboard import office, test_edits
from tests.workflow_processor import staff
from workflow_processor.models import AuditEntry, DeadLetter, Event, Mode, OutboxEntry, State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _time_to_undo(settings: Settings) -> None:
    settings.UNDO_SECONDS = 5


@pytest.fixture
def clerk() -> Client:
    return office.browser()


def seen(*letters: DeadLetter) -> list[str]:
    return [f"{letter.id}:{letter.version}" for letter in letters]


def states(*letters: DeadLetter) -> list[str]:
    return [letter.state for letter in office.fresh(letters)]


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def undo_of(answer: Any) -> str:
    [message] = list(answer.context["messages"])
    undo = toasts.undo(message)
    assert undo
    return undo["url"]


def test_a_selection_is_requeued_and_the_act_is_told(clerk: Client) -> None:
    first, second, other = office.parked(), office.waiting(), office.parked()
    form = {"ids": seen(first, second), "reason": "upstream is mended", "next": "/messages/?q=status:parked"}
    answer = clerk.post("/requeues/", form, follow=True)
    assert answer.redirect_chain == [("/messages/?q=status:parked", 302)]
    assert said(answer) == ["2 messages requeued."]
    assert states(first, second, other) == [State.REQUEUED, State.REQUEUED, State.PARKED]
    event = Event.objects.filter(dead_letter=first).latest("id")
    assert (event.kind, event.actor, event.text) == ("requeued", "ada", "upstream is mended")
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.act, entry.reason) == ("ada", "requeue", "upstream is mended")
    assert set(entry.dead_letters) == {str(first.id), str(second.id)}


def test_a_requeue_waits_for_the_seconds_in_which_it_can_be_undone(clerk: Client) -> None:
    letter = office.parked()
    clerk.post("/requeues/", {"ids": seen(letter)})
    left = OutboxEntry.objects.get().due_at - timezone.now()
    assert timedelta(seconds=0) < left <= timedelta(seconds=5)


def test_what_changed_in_the_meantime_is_left_alone_and_can_be_shown(clerk: Client) -> None:
    good, gone, stale = office.parked(), office.parked(), office.parked()
    form = {"ids": [*seen(good), *seen(gone), *seen(stale)]}
    office.discarded(gone)
    DeadLetter.objects.filter(id=stale.id).update(version=stale.version + 1)
    answer = clerk.post("/requeues/", form, follow=True)
    assert said(answer)[0].startswith("1 message requeued; 2 skipped (changed in the meantime")
    assert states(good, gone, stale) == [State.REQUEUED, State.DISCARDED, State.PARKED]
    link = re.search(r'<a href="(/messages/\?q=id[^"]+)">Show them</a>', answer.content.decode())
    assert link
    shown = clerk.get(link[1].replace("&amp;", "&"))
    assert {letter.id for letter in shown.context["letters"]} == {gone.id, stale.id}


def test_nothing_that_could_be_done_is_said_too(clerk: Client) -> None:
    resolved = office.processed(office.parked())
    answer = clerk.post("/requeues/", {"ids": seen(resolved)}, follow=True)
    assert said(answer) == ["Nothing requeued; 1 skipped (changed in the meantime, or not ready to send)."]
    answer = clerk.post("/requeues/", {}, follow=True)
    assert said(answer) == ["Nothing was selected, so nothing was requeued."]
    assert not AuditEntry.objects.exists()


def test_a_selection_that_makes_no_sense_is_refused(clerk: Client) -> None:
    for form in (
        {"ids": "x"},
        {"ids": f"{uuid4()}"},
        {"ids": f"{uuid4()}:x"},
    ):
        assert clerk.post("/requeues/", form).status_code == 400


def test_a_reason_that_is_longer_than_any_form_allows_is_refused_wherever_it_is_given() -> None:
    clerk = office.browser(office.person("rosa", *office.ACTS, "decide_held_messages"))
    parked, discarded = office.parked(key="A1"), office.discarded(office.parked())
    rule = staff.rule(mode=Mode.OFF)
    acts: dict[str, dict[str, Any]] = {
        "/requeues/": {"ids": seen(parked)},
        "/discards/": {"ids": seen(parked)},
        "/restores/": {"ids": seen(discarded)},
        "/edits/": test_edits.form(parked, body_text="new"),
        f"/messages/{parked.id}/held/releases/": {},
        f"/messages/{parked.id}/held/discards/": {},
        "/operations/": {"kind": "requeue", "ids": seen(parked)},
        f"/rules/{rule.pk}/modes/": {"mode": "suggest", "change": rule.change},
        "/message-types/tellings/": {"name": "a trade", "queue": "trades"},
    }
    entries = AuditEntry.objects.count()
    for address, form in acts.items():
        answer = clerk.post(address, {**form, "reason": "x" * 1_001})
        assert answer.status_code == 400, address
        assert "A reason has at most 1,000 characters; this has 1,001." in answer.content.decode()
    assert AuditEntry.objects.count() == entries
    assert states(parked, discarded) == [State.PARKED, State.DISCARDED]
    clerk.post("/requeues/", {"ids": seen(parked), "reason": "x" * 1_000})
    assert states(parked) == [State.REQUEUED]


def test_the_same_form_sent_twice_requeues_once(clerk: Client) -> None:
    letter = office.parked()
    form = {"ids": seen(letter)}
    clerk.post("/requeues/", form)
    answer = clerk.post("/requeues/", form, follow=True)
    assert said(answer)[-1].startswith("Nothing requeued; 1 skipped")
    assert OutboxEntry.objects.count() == 1


def test_an_undo_that_comes_too_late_says_so(clerk: Client) -> None:
    letters = [office.parked(), office.parked()]
    answer = clerk.post("/requeues/", {"ids": seen(*letters)}, follow=True)
    url = undo_of(answer)
    office.let_go(*letters[:1])
    answer = clerk.post(url, follow=True)
    assert said(answer)[-1] == "1 message taken back; 1 skipped (already sent)."
    assert states(*letters) == [State.REQUEUED, State.PARKED]


def test_one_message_is_undone_from_its_page(clerk: Client) -> None:
    letter = office.parked()
    clerk.post("/requeues/", {"ids": seen(letter)})
    page = clerk.get(f"/messages/{letter.id}/").content.decode()
    assert "Undo requeue" in page
    answer = clerk.post(f"/undos/?id={letter.id}", {"next": f"/messages/{letter.id}/"}, follow=True)
    assert said(answer)[-1] == "1 message taken back."
    assert states(letter) == [State.PARKED]


@pytest.mark.parametrize("url", ["/undos/", "/undos/?acts=x", "/undos/?id=7"])
def test_an_undo_that_names_nothing_is_refused(clerk: Client, url: str) -> None:
    assert clerk.post(url).status_code == 400


def test_without_seconds_to_undo_no_undo_is_offered(clerk: Client, settings: Settings) -> None:
    settings.UNDO_SECONDS = 0
    answer = clerk.post("/requeues/", {"ids": seen(office.parked())}, follow=True)
    assert 'action="/undos/?acts' not in answer.content.decode()


def test_a_discard_needs_a_reason_and_can_be_taken_back(clerk: Client) -> None:
    letter = office.parked()
    answer = clerk.post("/discards/", {"ids": seen(letter), "reason": " \0"}, follow=True)
    assert answer.status_code == 422
    assert "A discard needs a reason." in answer.content.decode()
    assert f'name="ids" value="{seen(letter)[0]}"' in answer.content.decode()
    assert states(letter) == [State.PARKED]

    answer = clerk.post("/discards/", {"ids": seen(letter), "reason": "A\0 duplicate"}, follow=True)
    assert said(answer) == ["1 message discarded."]
    [discarded] = office.fresh([letter])
    assert (discarded.state, discarded.reason) == (State.DISCARDED, "A duplicate")

    answer = clerk.post("/restores/", {"ids": seen(discarded)}, follow=True)
    assert said(answer) == ["1 message restored."]
    assert states(letter) == [State.PARKED]


def test_nobody_is_sent_to_another_site_after_an_act(clerk: Client) -> None:
    for next in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = clerk.post("/requeues/", {"ids": seen(office.parked()), "next": next})
        assert answer["Location"] == "/messages/"


def test_an_act_leads_back_to_a_page_and_to_nothing_else(clerk: Client) -> None:
    for wanted in ("no page", "9", "https://elsewhere.example/", "//elsewhere.example/"):
        answer = clerk.post("/requeues/", {"ids": seen(office.parked()), "next": wanted})
        assert answer["Location"] == "/messages/"
