"""The first page: of an office that has heard of nothing, and of one that has."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from consumers.consumer import Consumer
from dashboard.queries import health
from dashboard.views import newcomer
from tests.dashboard import office
from workflow_processor.acts.comments import comment
from workflow_processor.models import AuditEntry
from workflow_processor.subjects import Subject

pytestmark = pytest.mark.django_db


def test_what_a_newcomer_copies_is_a_consumer(settings: Settings) -> None:
    settings.BROKER_URL = "valkey://office:s3cret@127.0.0.1:4000/0"
    steps = newcomer.first_steps()
    names: dict[str, object] = {}
    exec(steps["example"], names)
    consumer = names["consumer"]
    assert isinstance(consumer, Consumer)
    assert [(one.queue, one.subscriber) for one in consumer.handlers] == [("orders", "billing")]
    compile(steps["loop"], "loop.py", "exec")
    assert steps["command"].endswith("--broker valkey://office:PASSWORD@127.0.0.1:4000/0")
    assert "s3cret" not in "".join(steps.values())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("amqp://guest:guest@rabbit:5672/v", "amqp://guest:PASSWORD@rabbit:5672/v"),
        ("valkey://:p%40ss@host/0", "valkey://:PASSWORD@host/0"),
        ("valkey://127.0.0.1:6379/0", "valkey://127.0.0.1:6379/0"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert newcomer.shown(address) == shown


def test_what_failed_in_the_last_hour_is_behind_its_number() -> None:
    old, late = office.parked(), office.came_back(office.parked())
    for letter, hours in ((old, 2), (late, 30)):
        office.aged(letter, timedelta(hours=hours))
    came_back = office.came_back(office.parked())
    clerk = office.browser()
    listed = clerk.get(clerk.get("/").context["failed_url"])
    assert [letter.id for letter in listed.context["letters"]] == [came_back.id]


def test_an_empty_office_and_every_list_of_it_say_that_nothing_is_connected() -> None:
    clerk = office.browser()
    assert "python -m consumers billing:consumer" in clerk.get("/").content.decode()
    for address in ("/groups/", "/messages/", "/messages/?q=status:parked", "/queues/", "/settings/"):
        assert 'class="empty amber"' in clerk.get(address).content.decode(), address


def test_each_source_tells_whether_it_fails_now() -> None:
    for queue, minutes in (("a quiet one", 120), ("hourly", 30)):
        office.aged(office.parked(queue=queue), timedelta(minutes=minutes))
    office.parked(queue="trades")
    assert [(one.name, one.state) for one in health.sources()] == [
        ("trades › placement", "failing"),
        ("hourly › placement", "failed lately"),
        ("a quiet one › placement", "quiet"),
    ]
    page = office.browser().get("/").content.decode()
    assert 'href="/messages/?q=queue%3A%22a%20quiet%20one%22"' in page
    assert "last failed 30 min ago" in page


def test_an_act_tells_what_was_before_and_after() -> None:
    ada = office.person("ada")
    letter = office.parked()
    comment(ada, Subject(group=letter.group_id), "The feed is mended.")
    clerk = office.browser(ada)
    assert f'href="/groups/{letter.group_id}/"' in clerk.get("/audit/").content.decode()
    assert "The feed is mended." in clerk.get(f"/audit/{AuditEntry.objects.get().pk}/").content.decode()
    assert "No action of this person" in clerk.get("/audit/?person=grace").content.decode()
