"""Who may look and who may act: refused where it is done, hidden where it is offered."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from dashboard.urls import urlpatterns
from tests.dashboard import office
from workflow_processor.models import AuditEntry, DeadLetter, State

pytestmark = pytest.mark.django_db
OPEN_TO_ALL = {"sign-in", "health"}


def addresses(letter: DeadLetter) -> dict[str, str]:
    """Every address of the office, by its name."""
    arguments: dict[str, list[object]] = {
        "group": [letter.group_id],
        "body": [letter.id, 0],
        "act": [1],
        "gate-openings": [1],
        **{name: [1] for name in (*OF_AN_OPERATION, *OF_RULES)},
        "import": [1],
        "import-confirmations": [1],
        "ticket-removals": [1],
        "quiet-periods": [letter.source_id],
        "roles": [1],
        "view-changes": [1],
        "view-deletions": [1],
        "group-questions": ["requeue"],
        **{name: [letter.group_id] for name in OF_A_GROUP},
        **{name: [letter.id] for name in OF_ONE},
    }
    names = [one.name for one in urlpatterns if isinstance(one, URLPattern) and one.name]
    return {name: reverse(name, args=arguments.get(name, [])) for name in names}


OF_AN_OPERATION = (
    "operation",
    "operation-outcomes",
    "operation-pauses",
    "operation-resumptions",
    "operation-cancellations",
    "operation-undos",
    "operation-retries",
)
OF_RULES = (
    "rule",
    "rule-edit",
    "rule-modes",
    "rule-limits",
    "rule-returns",
    "rule-acceptances",
    "dry-run",
    "dry-run-cancellations",
    "dry-run-repairs",
    "dry-run-rules",
    "message-type",
    "message-type-schemas",
    "message-type-returns",
    "message-type-coercions",
)
OF_ONE = (
    "message",
    "message-status",
    "preview",
    "message-comments",
    "message-tickets",
    "new-edit",
    "differences",
    "proposals",
    "held-releases",
    "held-discards",
)
OF_A_GROUP = ("group-comments", "group-tickets", "notes")

ACTS: dict[str, Callable[[DeadLetter], dict[str, str]]] = {
    "requeues": lambda letter: {"ids": f"{letter.id}:{letter.version}"},
    "discards": lambda letter: {"ids": f"{letter.id}:{letter.version}", "reason": "a test order"},
    "restores": lambda letter: {"ids": f"{letter.id}:{letter.version}"},
    "edits": lambda letter: {
        "id": str(letter.id),
        "version": str(letter.version),
        "base": "0",
        "body_text": "changed",
        "body_newline": "lf",
        "then": "save",
    },
}


def test_nobody_sees_anything_without_a_sign_in() -> None:
    for name, address in addresses(office.parked()).items():
        for answer in (Client().get(address), Client().post(address)):
            if name not in OPEN_TO_ALL:
                assert (name, answer.status_code) == (name, 302)
                assert answer["Location"].startswith("/sign-in/?next=")


def test_somebody_without_the_permission_to_look_sees_nothing() -> None:
    browser = office.browser(office.person("grace", "nothing"))
    for name, address in addresses(office.parked()).items():
        if name not in {*OPEN_TO_ALL, "sign-out"}:
            assert {browser.get(address).status_code, browser.post(address).status_code} <= {403, 405}, name
            assert 403 in (browser.get(address).status_code, browser.post(address).status_code), name


def test_the_page_that_refuses_says_what_to_do() -> None:
    page = office.browser(office.person("grace", "nothing")).get("/").content.decode()
    assert "Your account does not have permission to do this" in page
    assert "Ask an administrator" in page


@pytest.mark.parametrize("act", ACTS)
def test_an_act_without_its_permission_is_refused_and_changes_nothing(act: str) -> None:
    letter = office.discarded(office.parked()) if act == "restores" else office.parked()
    browser = office.browser(office.person("grace", "view"))
    answer = browser.post(reverse(act), ACTS[act](letter))
    assert answer.status_code == 403
    assert office.fresh([letter])[0].version == letter.version
    assert not AuditEntry.objects.exists()


def test_names_are_told_to_those_who_may_comment_and_are_those_of_the_staff() -> None:
    office.person("grace", "view")
    office.person("gone", "nothing")
    asking = office.browser(office.person("ada", "view", "comment"))
    said = asking.get("/comments/mentions/?q=G").content.decode()
    assert ("@grace " in said, "@gone" in said, "@ada" in said) == (True, False, False)
    assert office.browser(office.person("lin", "view")).get("/comments/mentions/?q=g").status_code == 403


def test_saving_and_sending_takes_both_permissions() -> None:
    letter = office.parked()
    browser = office.browser(office.person("grace", "view", "edit"))
    answer = browser.post(reverse("edits"), ACTS["edits"](letter) | {"then": "send"})
    assert answer.status_code == 403
    [now] = office.fresh([letter])
    assert (now.state, now.revision) == (State.PARKED, 0)


def test_taking_back_takes_the_permission_to_send() -> None:
    letter = office.requeued(office.parked())
    browser = office.browser(office.person("grace", "view"))
    assert browser.post(f"/undos/?id={letter.id}").status_code == 403
    assert office.fresh([letter])[0].state == State.REQUEUED


def test_what_somebody_may_not_do_is_not_offered() -> None:
    letter = office.parked()
    browser = office.browser(office.person("grace", "view"))
    pages = [browser.get(address).content.decode() for address in ("/messages/", f"/messages/{letter.id}/")]
    pages.append(browser.get(f"/groups/{letter.group_id}/").content.decode())
    for page in pages:
        for address in ("/requeues/", "/discards/", "/edit/"):
            assert address not in page
    everything = office.browser().get(f"/messages/{letter.id}/").content.decode()
    assert all(address in everything for address in ("/requeues/", "/discards/", "/edit/"))


def test_an_administrator_may_do_everything() -> None:
    letter = office.parked()
    administrator = office.person("root")
    administrator.user_permissions.clear()
    administrator.is_superuser = True
    administrator.save()
    answer = office.browser(administrator).post("/requeues/", ACTS["requeues"](letter))
    assert answer.status_code == 302
    assert office.fresh([letter])[0].state == State.REQUEUED


def test_a_form_of_another_site_is_refused() -> None:
    letter = office.parked()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(office.person())
    assert browser.post("/requeues/", ACTS["requeues"](letter)).status_code == 403
    assert office.fresh([letter])[0].state == State.PARKED
