"""What a rule suggests for a message: beside the message itself, and accepted with one act."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from tests.dashboard import office
from workflow_processor.models import AuditEntry, DeadLetter, Mode, RepairRule, State
from workflow_processor.repair import pipeline
from workflow_processor.repair.definition import parse
from workflow_processor.rules import acts

pytestmark = pytest.mark.django_db
DEFINITION = {"when": {"queue": "trades"}, "then": [{"do": "take_number", "at": "shares"}]}


@pytest.fixture
def suggested() -> DeadLetter:
    """A parked message for which a rule of staff suggests a repair."""
    boss = User.objects.create_superuser("boss")
    acts.create(boss, "shares", parse(json.dumps(DEFINITION)), mode=Mode.SUGGEST)
    [letter] = office.take_in(office.failed(b'{"shares": "8756 SHARES"}'))
    pipeline.repair([letter.id], ())
    return office.fresh([letter])[0]


def accept(client: Client, letter: DeadLetter) -> str:
    form = {"ids": f"{letter.id}:{letter.version}", "next": f"/messages/{letter.id}/"}
    return str(client.post("/acceptances/", form, follow=True).content.decode())


def test_the_repaired_text_is_shown_beside_its_own(suggested: DeadLetter) -> None:
    assert suggested.state == State.PARKED
    page = office.browser().get(f"/messages/{suggested.id}/").content.decode()
    assert "shares suggests a repair" in page
    assert "Suggested" in page
    assert 'data-key="y"' in page


def test_one_act_accepts_it_in_the_name_of_the_rule(suggested: DeadLetter, settings: Settings) -> None:
    settings.UNDO_SECONDS = 5
    page = accept(office.browser(), suggested)
    assert "1 message repaired as suggested." in page
    [letter] = office.fresh([suggested])
    assert letter.state == State.REQUEUED
    revision = letter.revisions.get(number=1)
    assert (bytes(revision.body), revision.author) == (b'{"shares": 8756}', "rule shares 1")
    assert AuditEntry.objects.latest("pk").act == "accept suggestion"


def test_a_suggestion_for_what_has_changed_since_is_not_accepted(suggested: DeadLetter) -> None:
    suggested.version += 1
    assert "skipped" in accept(office.browser(), suggested)
    assert office.fresh([suggested])[0].state == State.PARKED


def test_who_may_only_look_sees_it_and_does_not_accept_it(suggested: DeadLetter) -> None:
    looking = office.browser(office.person("bob", "view"))
    page = looking.get(f"/messages/{suggested.id}/").content.decode()
    assert "shares suggests a repair" in page
    assert 'data-key="y"' not in page
    form = {"ids": f"{suggested.id}:{suggested.version}"}
    assert looking.post("/acceptances/", form).status_code == 403


def test_all_that_a_rule_suggests_is_accepted_on_its_page(suggested: DeadLetter) -> None:
    [other] = office.take_in(office.failed(b'{"shares": "1 SHARES"}'))
    pipeline.repair([other.id], ())
    clerk, rule = office.browser(), RepairRule.objects.get()
    page = clerk.get(f"/rules/{rule.pk}/").content.decode()
    assert "Accept all 2" in page
    assert f"/messages/{other.id}/" in page
    page = clerk.post(f"/rules/{rule.pk}/acceptances/", follow=True).content.decode()
    assert "2 messages repaired as suggested." in page
    assert "Open suggestions" not in page
    assert {letter.state for letter in office.fresh([suggested, other])} == {State.REQUEUED}
