"""One change to many messages: seen before it is made, made to what is as it was, told where it cannot be."""

import json
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from dashboard.editing import changes
from tests.dashboard import office
from tests.dashboard.test_operations import fields
from tests.workflow_processor import staff
from workflow_processor import portions
from workflow_processor.models import DeadLetter, Event, Operation, OperationItem, State
from workflow_processor.operations import outcomes, work
from workflow_processor.repair import cases
from workflow_processor.rules import acts as rules

pytestmark = pytest.mark.django_db
ORDER = b'{"shares": "12 SHARES", "price": 1.10, "id": 12345678901234567890}'
SET = {"change": "set", "at": "shares", "value": "12", "as": "number", "body": "json"}


@pytest.fixture
def clerk() -> Client:
    return office.browser()


def asked(clerk: Client, **change: str) -> Any:
    """The question, with a preview of the change."""
    begun = clerk.get("/operations/new/?kind=edit&scope=matching&q=status:parked").content.decode()
    return clerk.post("/operations/new/", fields(begun) | change)


def confirmed(clerk: Client, page: Any, **change: str) -> Any:
    return clerk.post("/operations/", fields(page.content.decode()) | change, follow=True)


def body(letter: DeadLetter) -> bytes:
    [now] = office.fresh([letter])
    return bytes(now.revisions.get(number=now.revision).body)


def test_a_value_is_set_in_all_that_match_and_no_other_byte_is_touched(clerk: Client) -> None:
    letters = office.park(*(office.failed(ORDER) for _ in range(3)))
    page = asked(clerk, **SET)
    text = page.content.decode()
    assert "Tried on all 3: <b>3</b> would change." in text
    assert "Edit 3</button>" in text
    assert body(letters[0]) == ORDER, "a preview changes nothing"
    confirmed(clerk, page, **SET, reason="the unit slipped in")
    work.carry_on()
    assert {body(letter) for letter in letters} == {ORDER.replace(b'"12 SHARES"', b"12")}
    [now] = office.fresh(letters[:1])
    assert (now.state, now.revision) == (State.PARKED, 1)
    told = Event.objects.get(dead_letter=now, kind="edited")
    assert (told.actor, told.text) == (
        "ada",
        f"Operation {Operation.objects.get().pk}: the unit slipped in Set shares to 12.",
    )


def test_it_is_told_to_how_many_and_why_it_cannot_be_made(clerk: Client) -> None:
    good, text = office.parked(ORDER), office.parked(b"no JSON at all")
    other = office.parked(b'{"shares": 12}')
    page = asked(clerk, **SET)
    preview = page.context["preview"]
    assert (preview.checked, preview.changed) == (3, 1)
    assert sum(number for _, number in preview.cannot) == 2
    confirmed(clerk, page, **SET)
    work.carry_on()
    operation = Operation.objects.get()
    counts = {str(key): n for key, n in outcomes.counts([operation.pk])[operation.pk].items() if n}
    assert counts == {"done": 1, "failed": 2}
    assert [office.fresh([one])[0].revision for one in (good, text, other)] == [1, 0, 0]
    assert all(item.why for item in OperationItem.objects.filter(outcome="failed"))


def test_only_some_are_tried_where_a_person_would_wait_too_long(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "PORTION", 2)
    ticks = iter([0.0, 0.0, 1.0, 9.0])
    monkeypatch.setattr(changes, "monotonic", lambda: next(ticks))
    office.park(*(office.failed(ORDER) for _ in range(7)))
    page = asked(clerk, **SET)
    assert page.context["preview"].checked == 4
    assert "Tried on the newest 4 of 7" in page.content.decode()


def test_large_bodies_are_tried_a_portion_at_a_time(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PORTION", 2 * len(ORDER))
    sizes: list[int] = []

    def counting(ids: Sequence[UUID]) -> list[cases.Looked]:
        sizes.append(len(ids))
        return look(ids)

    look = cases.look
    monkeypatch.setattr(cases, "look", counting)
    office.park(*(office.failed(ORDER) for _ in range(5)))
    assert asked(clerk, **SET).context["preview"].checked == 5
    assert sizes == [2, 2, 1]


def test_a_json_patch_is_applied_and_sent_back(clerk: Client) -> None:
    letter = office.parked(ORDER)
    patch = json.dumps([{"op": "replace", "path": "/shares", "value": 7}])
    change = {"change": "patch", "patch": patch, "send": "on"}
    confirmed(clerk, asked(clerk, **change), **change)
    work.carry_on()
    assert body(letter) == ORDER.replace(b'"12 SHARES"', b"7")
    assert office.fresh([letter])[0].state == State.REQUEUED


def test_a_column_of_delimited_lines_is_set(clerk: Client) -> None:
    letter = office.parked(b"2WE35HF6DHF,BUY,AAPL,8756 SHARES\r\n")
    change = {"change": "set", "body": "commas", "at": "4", "value": "8756", "as": "text"}
    confirmed(clerk, asked(clerk, **change), **change)
    work.carry_on()
    assert body(letter) == b"2WE35HF6DHF,BUY,AAPL,8756\r\n"


def test_a_saved_rule_is_applied_once(clerk: Client) -> None:
    letter = office.parked(b"A1,BUY,AAPL,12 SHARES")
    rule = rules.create(staff.person("rosa"), "number of shares", staff.definition())
    change = {"change": "rule", "rule": str(rule.pk)}
    confirmed(clerk, asked(clerk, **change), **change)
    work.carry_on()
    assert body(letter) == b"A1,BUY,AAPL,12"
    assert office.fresh([letter])[0].state == State.PARKED


@pytest.mark.parametrize(
    "change",
    [
        {"change": "set", "at": "a[", "value": "1"},
        {"change": "set", "at": "shares", "value": "many", "as": "number"},
        {"change": "patch", "patch": "[{]"},
        {"change": "rule", "rule": "77"},
        {"change": "nothing"},
    ],
)
def test_a_change_that_cannot_be_read_is_told_and_kept_in_the_form(
    clerk: Client, change: dict[str, str]
) -> None:
    office.parked(ORDER)
    page = asked(clerk, **change)
    assert "This change cannot be made." in page.content.decode()
    assert page.context["fields"]["change"] == change["change"]
    assert not Operation.objects.exists()


def test_what_was_changed_after_the_preview_is_shown_again_and_not_made(clerk: Client) -> None:
    office.parked(ORDER)
    page = asked(clerk, **SET)
    answer = confirmed(clerk, page, **SET | {"value": "13"})
    assert not Operation.objects.exists()
    assert answer.context["preview"].changed == 1
    assert re.search(r"<ins>13</ins>", answer.content.decode())
    confirmed(clerk, answer, **SET | {"value": "13"})
    assert Operation.objects.get().parameters["definition"]["then"][0]["value"] == "13"


def test_editing_many_takes_the_permission_and_sending_them_takes_both(clerk: Client) -> None:
    letter = office.parked(ORDER)
    grace = office.browser(office.person("grace", "view", "edit"))
    page = asked(grace, **SET)
    assert "Requeue each one" not in page.content.decode()
    change = SET | {"send": "on"}
    assert confirmed(grace, asked(clerk, **change), **change).status_code == 403
    assert asked(office.browser(office.person("vera", "view")), **SET).status_code == 403
    assert office.fresh([letter])[0].revision == 0
    assert not Operation.objects.exists()
