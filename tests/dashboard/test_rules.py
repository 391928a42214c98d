"""Rules written in the dashboard: the form, its steps, versions, modes and brakes."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ruling import tables
from dashboard.ruling.forms import RuleForm
from dashboard.views import versions
from tests.dashboard import office
from workflow_processor.models import AuditEntry, Mode, RepairRule
from workflow_processor.repair.definition import parse

pytestmark = pytest.mark.django_db

SHARES: dict[str, Any] = {
    "format": 1,
    "when": {"queue": "trades", "error_contains": "SHARES"},
    "body": {"as": "json"},
    "then": [
        {"do": "take_number", "at": "shares"},
        {"do": "map", "at": "side", "table": {"BYU": "BUY", "SLEL ": "SELL"}},
        {"do": "replace", "at": "symbol", "find": " ", "by": ""},
    ],
    "after": {"valid": True},
}
FORM = {
    "name": "shares",
    "when.queue": "trades",
    "body.as": "json",
    "then[0].do": "take_number",
    "then[0].at": "shares",
    "after.valid": "on",
}


def writer(*others: str) -> Client:
    return office.browser(office.person("ada", "view", "write_rules", *others))


def save(client: Client, **fields: str) -> Any:
    return client.post("/rules/versions/", {**FORM, "then": "save", **fields}, follow=True)


def saved() -> RepairRule:
    return RepairRule.objects.get()


def definition(rule: RepairRule) -> Any:
    return json.loads(rule.versions.get(number=rule.number).definition)


def posted(page: str) -> dict[str, str]:
    """What the form on the page would send, buttons aside."""
    form = page.split('id="rule"')[1].split("</form>")[0]
    found = dict(re.findall(r'<input[^>]* name="([^"]+)" (?:id="[^"]*" )?value="([^"]*)"', form))
    unchecked = re.findall(r'type="(?:checkbox|radio)" name="([^"]+)"(?![^>]* checked)[^>]*>', form)
    return {name: value for name, value in found.items() if name not in unchecked}


def test_a_definition_survives_the_form() -> None:
    form = RuleForm.of(SHARES)
    made, problems = form.definition()
    assert not problems
    assert parse(made) == parse(SHARES)
    assert RuleForm.of(made) == form


def test_names_of_columns_survive_the_form() -> None:
    columns = ["account", "last, first", 'so "called"']
    body = {"as": "lines", "separator": ";", "columns": columns}
    made, _ = RuleForm.of({**SHARES, "body": body}).definition()
    assert made["body"] == body


@given(st.dictionaries(st.text(), st.text()))
def test_any_table_survives_the_form(table: dict[str, str]) -> None:
    assert tables.read(tables.written(table)) == table


def test_a_rule_is_written_without_code_and_turned_on() -> None:
    client = writer("switch_rules")
    page = save(client, mode="automatic", reason="Feed 7 writes words.").content.decode()
    rule = saved()
    assert (rule.name, rule.mode, rule.number) == ("shares", Mode.AUTOMATIC, 1)
    assert definition(rule)["when"] == {"queue": "trades"}
    assert [(step["do"], step["at"]) for step in definition(rule)["then"]] == [("take_number", "shares")]
    assert "Saved as version 1 of shares." in page
    assert "take the number out of shares" in page.lower()
    assert AuditEntry.objects.get().reason == "Feed 7 writes words."
    listed = client.get("/rules/").content.decode()
    assert "shares" in listed
    assert "Automatic" in listed


def test_steps_are_added_moved_and_removed_without_a_script() -> None:
    client = writer()
    page = client.post("/rules/versions/", {**FORM, "then": "add", "step": "trim"}).content.decode()
    form = posted(page)
    assert [form[f"then[{n}].do"] for n in range(2)] == ["take_number", "trim"]
    form["then[1].at"] = "symbol"
    form = posted(client.post("/rules/versions/", {**form, "then": "up 1"}).content.decode())
    assert [(form[f"then[{n}].do"], form[f"then[{n}].at"]) for n in range(2)] == [
        ("trim", "symbol"),
        ("take_number", "shares"),
    ]
    form = posted(client.post("/rules/versions/", {**form, "then": "remove 0"}).content.decode())
    assert (form["then[0].do"], form["then[0].at"]) == ("take_number", "shares")
    assert "then[1].do" not in form
    assert not RepairRule.objects.exists()


def test_steps_about_columns_are_offered_and_what_could_not_be_done_once_is_refused() -> None:
    client = writer()
    lines = {**FORM, "body.as": "lines", "then[0].do": "remove", "then[0].at": "3"}
    page = save(client, **lines).content.decode()
    assert "Once 3 is gone, the next column is 3: name all columns" in page
    for step in ("remove", "rename", "move"):
        assert f'<option value="{step}">' in page
    assert not RepairRule.objects.exists()
    save(client, **lines, **{"body.columns": "1, 2, 3"})
    assert definition(saved())["then"] == [{"do": "remove", "at": "3"}]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"when.queue": ""}, "at least one condition"),
        ({"then[0].at": ""}, "it is empty"),
        ({"then[0].at": "lines["}, "then-0-at-said"),
        ({"when.condition": "body.shares +"}, "when-condition-said"),
        ({"when.error_matches": "("}, "when-error_matches-said"),
        ({"body.as": "lines", "body.columns": "x" * 200_000}, "cannot be read"),
        ({"then[0].do": "map", "then[0].table": "BYU"}, "line 1 has no =&gt; in it"),
        ({"name": " "}, "needs a name"),
    ],
)
def test_what_cannot_be_a_rule_is_said_at_its_field(wrong: dict[str, str], said: str) -> None:
    answer = save(writer(), **wrong)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said.lower() in page.lower()
    assert 'errors">' in page
    assert not RepairRule.objects.exists()


def test_a_change_is_a_version_with_its_difference_and_can_be_taken_back_in_one_click() -> None:
    client = writer()
    save(client)
    form = posted(client.get(f"/rules/{saved().pk}/edit/").content.decode())
    form["then[0].at"] = "quantity"
    page = client.post("/rules/versions/", {**form, "then": "save", "reason": "renamed"}, follow=True)
    assert saved().number == 2
    text = page.content.decode()
    assert re.search(r"<del>[^<]*shares[^<]*</del>", text)
    assert re.search(r"<ins>[^<]*quantity[^<]*</ins>", text)
    client.post(f"/rules/{saved().pk}/returns/", {"change": saved().change, "number": "1"})
    assert saved().number == 3
    assert definition(saved())["then"][0]["at"] == "shares"


def test_the_versions_of_a_rule_are_paged_each_with_its_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "VERSIONS", 2)
    client = writer()
    save(client)
    form = posted(client.get(f"/rules/{saved().pk}/edit/").content.decode())
    client.post("/rules/versions/", {**form, "then[0].at": "quantity", "then": "save"})
    for number in (1, 2, 1):
        client.post(f"/rules/{saved().pk}/returns/", {"change": saved().change, "number": str(number)})
    address = f"/rules/{saved().pk}/"
    pages = []
    while address:
        context = client.get(address).context
        pages.append([(one.version.number, bool(one.changes)) for one in context["versions"]])
        address = context["older_url"]
    assert pages == [[(5, True), (4, True)], [(3, True), (2, True)], [(1, False)]]


def test_a_change_of_a_rule_that_somebody_else_changed_is_kept_and_not_saved() -> None:
    client = writer()
    save(client)
    form = posted(client.get(f"/rules/{saved().pk}/edit/").content.decode())
    RepairRule.objects.update(change=7)
    form["then[0].at"] = "quantity"
    answer = client.post("/rules/versions/", {**form, "then": "save"})
    assert answer.status_code == 409
    kept = posted(answer.content.decode())
    assert kept["then[0].at"] == "quantity"
    assert saved().number == 1
    client.post("/rules/versions/", {**kept, "then": "save"})
    assert saved().number == 2


def test_its_mode_and_its_brakes_are_set_on_its_page() -> None:
    client = writer("switch_rules")
    save(client)
    rule = saved()
    client.post(f"/rules/{rule.pk}/modes/", {"change": rule.change, "mode": "suggest"})
    assert saved().mode == Mode.SUGGEST
    limits = {"change": saved().change, "priority": "5", "per_minute": "60", "come_back_percent": "10"}
    client.post(f"/rules/{rule.pk}/limits/", limits)
    assert (saved().priority, saved().per_minute, saved().come_back_percent) == (5, 60, 10)
    page = client.post(f"/rules/{rule.pk}/modes/", {"change": 1, "mode": "off"}, follow=True)
    assert "changed in the meantime" in page.content.decode()
    assert saved().mode == Mode.SUGGEST
    page = client.post(
        f"/rules/{rule.pk}/limits/", {**limits, "change": saved().change, "per_minute": "0"}, follow=True
    )
    assert "Enter a whole number" in page.content.decode()


def test_a_rule_for_a_group_begins_with_what_tells_its_messages() -> None:
    client = writer()
    letter = office.parked()
    page = client.get(f"/groups/{letter.group_id}/").content.decode()
    assert f'href="/rules/new/?group={letter.group_id}"' in page
    form = posted(client.get("/rules/new/", {"group": str(letter.group_id)}).content.decode())
    assert (form["when.queue"], form["when.error_type"]) == ("trades", "ValueError")
    assert form["when.handler"] == "trading.placement:place"


def test_a_rule_that_stopped_itself_says_so_wherever_people_look() -> None:
    client = writer()
    save(client)
    RepairRule.objects.update(stopped="4 of its 5 repairs came back.", mode=Mode.SUGGEST)
    office.parked()
    for page in ("/rules/", f"/rules/{saved().pk}/", "/"):
        text = client.get(page).content.decode()
        assert "stopped itself" in text
        assert "4 of its 5 repairs came back." in text


def test_who_may_not_turn_rules_on_is_offered_no_change_of_one_that_is_on() -> None:
    save(writer("switch_rules"))
    rule, client = saved(), office.browser(office.person("grace", "view", "write_rules"))
    offers = ("Edit <kbd", "Save limits", "Restore")
    page = client.get(f"/rules/{rule.pk}/").content.decode()
    assert all(offer in page for offer in offers)
    RepairRule.objects.update(mode=Mode.AUTOMATIC)
    page = client.get(f"/rules/{rule.pk}/").content.decode()
    assert not any(offer in page for offer in offers)
    assert "only people who can turn rules on and off can change it" in page
    assert client.get(f"/rules/{rule.pk}/edit/").status_code == 403
    assert save(client, id=str(rule.pk), change=str(rule.change)).status_code == 403
    run = client.post("/dry-runs/", {"id": rule.pk}, follow=True)
    assert "Edit rule" not in run.content.decode()


def test_who_may_only_look_sees_rules_and_changes_none() -> None:
    save(writer("switch_rules"))
    rule = saved()
    looking = office.browser(office.person("bob", "view"))
    for page in ("/rules/", f"/rules/{rule.pk}/"):
        text = looking.get(page).content.decode()
        assert "shares" in text
        assert "New rule" not in text
        assert "Save mode" not in text
    for page in ("/rules/new/", f"/rules/{rule.pk}/edit/"):
        assert looking.get(page).status_code == 403
    assert save(looking).status_code == 403
    for act, form in {"modes": {"mode": "off"}, "returns": {"number": "1"}}.items():
        answer = looking.post(f"/rules/{rule.pk}/{act}/", {"change": rule.change, **form})
        assert answer.status_code == 403
    assert saved().change == rule.change
