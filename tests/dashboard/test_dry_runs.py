"""Trying a rule from the dashboard, and what it leads to."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.dashboard import office
from tests.dashboard.test_rules import FORM
from workflow_processor.models import DeadLetter, DryRun, Mode, Operation, RepairRule, State
from workflow_processor.operations import work
from workflow_processor.repair import pipeline
from workflow_processor.rules import dry_running

pytestmark = pytest.mark.django_db
DEFINITION = {"when": {"queue": "trades"}, "then": [{"do": "take_number", "at": "shares"}]}


@pytest.fixture
def clerk() -> Client:
    return office.browser()


@pytest.fixture
def parked() -> list[DeadLetter]:
    office.parked(b'{"shares": "many"}')
    return [office.parked(b'{"shares": "%d SHARES"}' % number) for number in range(3)]


def tried(client: Client, **form: str) -> DryRun:
    """A dry run that a worker has gone through."""
    client.post("/dry-runs/", form or {"definition": json.dumps(DEFINITION)})
    run = DryRun.objects.latest("pk")
    dry_running.carry_on(run.pk)
    return run


def page(client: Client, run: DryRun, **query: str) -> Any:
    return client.get(f"/dry-runs/{run.pk}/", query).content.decode()


def test_what_would_be_repaired_and_what_left_is_shown_message_by_message(
    clerk: Client, parked: list[DeadLetter]
) -> None:
    run = tried(clerk)
    shown = page(clerk, run)
    assert "Would repair 3 messages" in shown
    assert parked[0].message_id in shown
    assert "<ins>" in shown or "<del>" in shown
    left = page(clerk, run, outcome="left")
    assert "many" in left
    assert parked[0].message_id not in left
    assert {letter.state for letter in office.fresh(parked)} == {State.PARKED}


def test_a_column_that_would_go_is_shown_gone(clerk: Client) -> None:
    office.parked(b"account;note;shares\r\nA1;urgent;7\r\n")
    steps = [{"do": "remove", "at": "note"}]
    body = {"as": "lines", "separator": ";", "header": True}
    shown = page(
        clerk, tried(clerk, definition=json.dumps({"when": {"queue": "trades"}, "body": body, "then": steps}))
    )
    assert "Would repair 1 message" in shown
    assert "<del>note;</del>" in shown
    assert "<del>urgent;</del>" in shown


def test_the_form_of_a_rule_is_tried_before_it_is_saved_and_can_be_gone_back_to(
    clerk: Client, parked: list[DeadLetter]
) -> None:
    run = tried(clerk, **FORM, then="try", days="0")
    assert "Would repair 3 messages" in page(clerk, run)
    assert not RepairRule.objects.exists()
    form = clerk.get("/rules/new/", {"dry-run": str(run.pk)}).content.decode()
    assert 'value="take_number"' in form
    refused = clerk.post("/dry-runs/", {**FORM, "then": "try", "then[0].at": ""})
    assert refused.status_code == 422
    assert "It is empty" in refused.content.decode()


def test_it_is_saved_as_a_rule_and_those_that_are_parked_are_decided_about_again(
    clerk: Client, parked: list[DeadLetter]
) -> None:
    run = tried(clerk)
    form = {"name": "shares", "mode": "automatic", "parked": "on", "reason": "Feed 7"}
    clerk.post(f"/dry-runs/{run.pk}/rules/", form)
    assert RepairRule.objects.get().mode == Mode.AUTOMATIC
    work.carry_on()
    assert {letter.state for letter in office.fresh(parked)} == {State.RECEIVED}
    assert "Reconsider" in clerk.get(f"/operations/{Operation.objects.get().pk}/").content.decode()


def test_a_name_that_is_taken_is_refused_and_nothing_else_happens(
    clerk: Client, parked: list[DeadLetter]
) -> None:
    run = tried(clerk)
    form = {"name": "shares", "mode": "suggest"}
    clerk.post(f"/dry-runs/{run.pk}/rules/", form)
    answer = clerk.post(f"/dry-runs/{run.pk}/rules/", {**form, "parked": "on"})
    assert answer.status_code == 422
    assert "There is already a rule named shares." in answer.content.decode()
    assert not Operation.objects.exists()


def test_these_are_repaired_once_without_a_rule(clerk: Client, parked: list[DeadLetter]) -> None:
    run = tried(clerk)
    answer = clerk.post(f"/dry-runs/{run.pk}/repairs/", follow=True)
    work.carry_on()
    letters = office.fresh(parked)
    assert {letter.state for letter in letters} == {State.REQUEUED}
    assert [letter.preview for letter in letters] == [f'{{"shares": {number}}}' for number in range(3)]
    assert "Repair 3 messages" in answer.content.decode()
    assert not RepairRule.objects.exists()


def test_a_rule_that_is_on_repairs_what_was_parked_before_it(clerk: Client, parked: list[DeadLetter]) -> None:
    clerk.post(f"/dry-runs/{tried(clerk).pk}/rules/", {"name": "shares", "mode": "automatic"})
    run = tried(clerk, id=str(RepairRule.objects.get().pk), days="0")
    assert "Reconsider 3 messages" in page(clerk, run)
    clerk.post(f"/dry-runs/{run.pk}/repairs/")
    work.carry_on()
    pipeline.repair([letter.id for letter in parked], ())
    [letter, *_] = office.fresh(parked)
    assert letter.state == State.REQUEUED
    assert letter.revisions.get(number=1).author == "rule shares 1"


def test_one_that_goes_on_can_be_cancelled(clerk: Client, parked: list[DeadLetter]) -> None:
    clerk.post("/dry-runs/", {"definition": json.dumps(DEFINITION)})
    run = DryRun.objects.get()
    assert "Cancel" in page(clerk, run)
    clerk.post(f"/dry-runs/{run.pk}/cancellations/")
    assert DryRun.objects.get().state == DryRun.State.CANCELLED
    assert "Cancelled" in page(clerk, run)


def test_who_may_only_look_tries_nothing(parked: list[DeadLetter]) -> None:
    looking = office.browser(office.person("bob", "view"))
    answer = looking.post("/dry-runs/", {"definition": json.dumps(DEFINITION)})
    assert answer.status_code == 403
    assert not DryRun.objects.exists()
