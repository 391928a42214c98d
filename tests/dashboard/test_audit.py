"""What an act was about is one click away."""

import re

import pytest

from tests.dashboard import office
from tests.workflow_processor.staff import definition, seen
from workflow_processor.acts.comments import comment
from workflow_processor.acts.people import change_standing, standing
from workflow_processor.acts.sources import set_quiet_period
from workflow_processor.models import AuditEntry, DeadLetter, Mode, Operation, RepairRule, Source
from workflow_processor.operations import acts as operations
from workflow_processor.operations.acts import Order
from workflow_processor.rules import acts, message_types
from workflow_processor.rules.message_types import Told
from workflow_processor.subjects import Subject

pytestmark = pytest.mark.django_db


def links(page: str) -> dict[str, str]:
    """Where the words lead."""
    return {text: url for url, text in re.findall(r'<a href="([^"]+)">([^<]+)</a>', page)}


def test_what_an_act_was_about_is_a_link_to_its_page() -> None:
    ada, grace = office.person("ada"), office.person("grace")
    letter = office.parked(message_id="order-7")
    rule = acts.create(ada, "Shares in <words>", definition())
    acts.set_mode(ada, seen(rule), Mode.SUGGEST)
    kind = message_types.create(ada, "order", Told("trades"))
    comment(ada, Subject(dead_letter=letter.id), "A test order?")
    comment(ada, Subject(group=letter.group_id), "All of them.")
    order = Order("requeue", Operation.Selection.QUERY)
    operation = operations.plan(ada, order, DeadLetter.objects.filter(id=letter.id))
    change_standing(ada, grace, standing(grace)._replace(active=False), seen=standing(grace))
    source = Source.objects.get()
    set_quiet_period(ada, source, 60)
    browser = office.browser(ada)
    found = links(browser.get("/audit/").content.decode())
    for text, url in {
        "Rule Shares in &lt;words&gt;": f"/rules/{rule.pk}/",
        "Message type order": f"/message-types/{kind.pk}/",
        "order-7": f"/messages/{letter.id}/",
        f"Group {letter.group_id}": f"/groups/{letter.group_id}/",
        f"Operation {operation.pk}, 1 message": f"/operations/{operation.pk}/",
        "Person grace": f"/settings/#person-{grace.pk}",
        f"Source {source}": f"/settings/#source-{source.pk}",
    }.items():
        assert found[text] == url
        assert browser.get(url).status_code == 200
        if "#" in url:
            assert f'id="{url.partition("#")[2]}"' in browser.get("/settings/").content.decode()
    turned = AuditEntry.objects.get(act="switch to suggest")
    assert "Rule Shares in &lt;words&gt;" in links(browser.get(f"/audit/{turned.pk}/").content.decode())


def test_what_is_no_more_is_told_without_a_link() -> None:
    ada = office.person("ada")
    letter = office.parked()
    comment(ada, Subject(dead_letter=letter.id), "A test order?")
    acts.create(ada, "Shares", definition())
    RepairRule.objects.all().delete()
    AuditEntry.objects.filter(act="comment").update(dead_letters=["00000000-0000-7000-8000-000000000000"])
    page = office.browser(ada).get("/audit/").content.decode()
    assert "Rule Shares" in page
    assert "Rule Shares" not in links(page)
    assert links(page)["1 message"] == f"/audit/{AuditEntry.objects.get(act='comment').pk}/"
