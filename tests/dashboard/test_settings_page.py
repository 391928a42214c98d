"""Sources, people and roles."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client

from dashboard.management.commands import add_person
from tests.dashboard import office
from workflow_processor import roles
from workflow_processor.models import AuditEntry, Source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _roles() -> None:
    roles.establish()


@pytest.fixture
def ada() -> User:
    """An administrator."""
    return member("ada", "administrator")


def member(name: str, role: str) -> User:
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get(name=role))
    return user


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def may(role: str) -> set[str]:
    return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))


def test_each_role_may_do_what_the_one_before_it_may_and_the_last_one_everything() -> None:
    assert may("viewer") < may("clerk") < may("engineer") < may("administrator")
    assert may("administrator") == set(roles.permissions())
    assert may("engineer") == set(roles.ENGINEER)  # each of them is a permission that there is


def test_establishing_again_mends_the_roles_and_keeps_who_has_them(ada: User) -> None:
    Group.objects.get(name="clerk").permissions.clear()
    roles.establish()
    assert "edit_dead_letter" in may("clerk")
    assert ada.groups.get().name == "administrator"


@pytest.mark.parametrize(("role", "acts"), [("viewer", 403), ("clerk", 302)])
def test_a_role_lets_people_do_what_it_says(role: str, acts: int) -> None:
    letter = office.parked()
    browser = office.browser(member("grace", role))
    assert browser.get("/messages/").status_code == 200
    answer = browser.post("/requeues/", {"ids": f"{letter.id}:{letter.version}"})
    assert answer.status_code == acts


def test_a_quiet_period_is_set_and_taken_away(ada: User) -> None:
    browser, source = office.browser(ada), office.parked().source
    address = f"/settings/sources/{source.pk}/quiet-periods/"
    browser.post(address, {"seconds": "90"})
    assert "nothing has come back for 1 min 30 s" in browser.get("/settings/").content.decode()
    assert "from a second to 30 days" in said(browser.post(address, {"seconds": "9999999"}, follow=True))
    assert browser.post(address, {"seconds": "x"}).status_code == 400
    browser.post(address, {"seconds": ""})
    assert Source.objects.get().quiet_seconds is None
    entries = AuditEntry.objects.order_by("id").values_list("act", "subject", "after__quiet_seconds")
    name = "source trades › placement"
    assert list(entries) == [("set quiet period", name, 90), ("set quiet period", name, None)]


def test_roles_are_given_and_taken_by_somebody_else_alone(ada: User) -> None:
    browser, grace = office.browser(ada), member("grace", "viewer")
    address = f"/settings/people/{grace.pk}/roles/"
    both = {"roles": ["clerk", "engineer"]}
    seen = {"seen-roles": ["viewer"], "seen-active": "on"}
    browser.post(address, {**both, "active": "on", **seen})
    assert set(grace.groups.values_list("name", flat=True)) == {"clerk", "engineer"}
    entry = AuditEntry.objects.get()
    assert (entry.subject, entry.before) == ("person grace", {"roles": ["viewer"]})
    assert entry.after == {"roles": ["clerk", "engineer"]}
    browser.post(address, {**both, "seen-roles": both["roles"], "seen-active": "on"})
    assert not User.objects.get(username="grace").is_active
    own = browser.post(f"/settings/people/{ada.pk}/roles/", {"roles": [], "next": "/settings/"}, follow=True)
    assert "change your own roles" in said(own)
    assert ada.groups.get().name == "administrator"
    wrong = {"roles": ["emperor"], "active": "on", "next": "/settings/"}
    assert "no role emperor" in said(browser.post(address, wrong, follow=True))


def test_a_form_that_was_drawn_before_somebody_was_shut_out_does_not_let_them_in_again(ada: User) -> None:
    grace = member("grace", "viewer")
    browser, address = office.browser(ada), f"/settings/people/{grace.pk}/roles/"
    page = browser.get("/settings/").content.decode()
    assert '<input type="hidden" name="seen-roles" value="viewer">' in page
    drawn = {"seen-roles": ["viewer"], "seen-active": "on", "next": "/settings/"}
    browser.post(address, {**drawn, "roles": ["viewer"]})
    late = browser.post(address, {**drawn, "roles": ["clerk"], "active": "on"}, follow=True)
    assert "Nothing was changed. The permissions of grace changed in the meantime." in said(late)
    grace.refresh_from_db()
    assert (grace.is_active, grace.groups.get().name) == (False, "viewer")


def test_what_somebody_may_not_change_is_shown_and_not_offered(ada: User) -> None:
    source = office.parked().source
    browser = office.browser(member("grace", "clerk"))
    page = browser.get("/settings/").content.decode()
    assert "ada" in page
    assert "send dead letters back" in page
    assert 'action="/settings/' not in page
    assert browser.post(f"/settings/people/{ada.pk}/roles/", {"roles": []}).status_code == 403
    assert browser.post(f"/settings/sources/{source.pk}/quiet-periods/", {"seconds": 9}).status_code == 403
    assert not AuditEntry.objects.exists()


def add(monkeypatch: pytest.MonkeyPatch, name: str, password: str) -> None:
    monkeypatch.setattr(add_person, "getpass", lambda prompt: password)
    call_command("add_person", name, role=["clerk"])


def test_a_person_is_added_at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "grace", "a-long-passphrase")
    client = Client()
    assert client.login(username="grace", password="a-long-passphrase")
    assert client.get("/messages/").status_code == 200
    with pytest.raises(CommandError, match="already"):
        add(monkeypatch, "grace", "another-passphrase")
    with pytest.raises(CommandError, match="short"):
        add(monkeypatch, "joan", "short")
    with pytest.raises(CommandError, match="valid username"):
        add(monkeypatch, "not a name!", "a-long-passphrase")
