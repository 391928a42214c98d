"""What people are told of inside the dashboard."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.dashboard import office
from workflow_processor import notifying
from workflow_processor.acts.assignments import assign
from workflow_processor.acts.comments import comment
from workflow_processor.models import DeadLetter, Notification
from workflow_processor.subjects import Subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def grace() -> User:
    return office.person("grace")


@pytest.fixture
def letter(ada: User, grace: User) -> DeadLetter:
    """Ada is told of it twice."""
    letter = office.parked()
    comment(grace, Subject(dead_letter=letter.id), "@ada look <b>here</b>")
    assign(grace, [letter.id], ada)
    return letter


def bell(browser: Client) -> str:
    return browser.get("/notifications/bell/").content.decode()


def test_a_person_sees_their_own_the_latest_first_and_how_many_are_unread(
    ada: User, grace: User, letter: DeadLetter
) -> None:
    browser = office.browser(ada)
    page = browser.get("/notifications/").content.decode()
    assert page.index("grace assigned you a message") < page.index("grace mentioned you")
    assert "@ada look &lt;b&gt;here&lt;/b&gt;" in page
    assert "2 unread" in page
    assert "2 unread" in bell(browser)
    assert "unread" not in bell(office.browser(grace))
    assert "No notifications yet" in office.browser(grace).get("/notifications/").content.decode()


def test_reading_one_leads_to_what_it_speaks_of(ada: User, letter: DeadLetter) -> None:
    browser = office.browser(ada)
    one = Notification.objects.order_by("id")[0]
    assert browser.post("/notifications/readings/", {"id": one.pk})["Location"] == f"/messages/{letter.id}/"
    assert "1 unread" in bell(browser)
    assert browser.post("/notifications/readings/")["Location"] == "/notifications/"
    assert "unread" not in bell(browser)


def test_nobody_marks_what_others_are_told_of(grace: User, letter: DeadLetter) -> None:
    browser = office.browser(grace)
    browser.post("/notifications/readings/", {"id": Notification.objects.order_by("id")[0].pk})
    browser.post("/notifications/readings/")
    assert Notification.objects.filter(read=False).count() == 2


def test_very_many_are_told_as_many_and_paged(ada: User, letter: DeadLetter) -> None:
    Notification.objects.bulk_create(
        Notification(person=ada, kind="mentioned", actor="grace", dead_letter=letter) for _ in range(120)
    )
    browser = office.browser(ada)
    assert "99+ unread" in bell(browser)
    first = browser.get("/notifications/")
    assert len(first.context["notifications"]) == 50
    second = browser.get(first.context["older_url"])
    assert second.context["notifications"][0].pk < first.context["notifications"][-1].pk


def test_what_people_were_told_long_ago_is_forgotten(letter: DeadLetter) -> None:
    Notification.objects.filter(kind="mentioned").update(at=timezone.now() - notifying.KEPT)
    notifying.forget()
    assert Notification.objects.get().kind == "assigned"
