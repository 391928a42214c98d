"""Rules written without code: the form, what it would do, and turning it on."""

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.browser import hints
from tests.browser.retyping import retype
from tests.dashboard import office

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def tried(page: Page) -> None:
    """A worker's turn at the dry run, of which the page is told."""
    from workflow_processor.models import DryRun
    from workflow_processor.rules import dry_running

    dry_running.carry_on(DryRun.objects.get().pk)
    expect(page.locator("[data-live=on]")).to_be_visible()
    hints.changed()


def test_what_is_still_being_asked_keeps_no_other_button_from_working(signed_in: Page) -> None:
    page = signed_in
    page.goto("/rules/new/")
    page.get_by_label("Name", exact=True).fill("Shares in words")
    page.get_by_label("Queue").fill("trades")
    page.get_by_label("Step to add").select_option("take_number")
    page.get_by_role("button", name="Add step").click()
    page.get_by_label("Where", exact=True).fill("shares")
    page.route("**/*", lambda route: None if "hx-request" in route.request.headers else route.continue_())
    page.get_by_role("button", name="Refresh").click()
    page.get_by_role("button", name="Dry run").click()
    page.wait_for_url("**/dry-runs/**")
    page.unroute_all(behavior="ignoreErrors")


def test_a_rule_is_written_tried_and_saved_without_code(signed_in: Page) -> None:
    from workflow_processor.models import RepairRule

    page = signed_in
    office.park(*(office.failed(b'{"shares": "%d SHARES", "side": "BYU"}' % n) for n in range(3)))
    office.parked(b'{"shares": "many", "side": "BUY"}')
    page.goto("/rules/")
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Name", exact=True).fill("Shares in words")
    page.get_by_label("Queue").fill("trades")
    page.get_by_label("Step to add").select_option("take_number")
    page.get_by_role("button", name="Add step").click()
    first = page.get_by_role("group", name="1. Take the number")
    first.get_by_label("Where", exact=True).fill("shares")
    page.get_by_label("Step to add").select_option("map")
    page.get_by_role("button", name="Add step").click()
    second = page.get_by_role("group", name="2. Replace by a table")
    second.get_by_label("Where", exact=True).fill("side")
    second.get_by_label("Table").fill("BYU")
    page.get_by_role("button", name="Refresh").click()
    expect(second).to_contain_text("Line 1 has no => in it")
    second.get_by_label("Table").fill("BYU => BUY")
    page.get_by_role("button", name="Move up Replace by a table").click()
    expect(
        page.get_by_role("group", name="1. Replace by a table").get_by_label("Where", exact=True)
    ).to_have_value("side")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Shares in words")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("region", name="In words")).to_contain_text("Take the number out of shares")

    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Would repair 0 messages")
    tried(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Would repair 3 messages")
    expect(page.locator(".diff").first).to_contain_text('"0 SHARES"')
    page.get_by_role("link", name="Would be left 1").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("many")

    page.get_by_role("link", name="Edit rule").click()
    expect(page.get_by_role("group", name="1. Replace by a table").get_by_label("Table")).to_have_value(
        "BYU => BUY"
    )
    page.get_by_label("Name", exact=True).fill("Shares in words")
    page.get_by_label("Automatic").check()
    page.get_by_role("button", name="Save rule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shares in words")
    expect(page.locator(".page-head .badge")).to_have_text("Automatic")
    assert RepairRule.objects.get().mode == "automatic"


def test_a_form_that_is_on_its_way_takes_no_other_act_until_it_is_answered(signed_in: Page) -> None:
    page = signed_in
    page.goto("/rules/new/")
    steps = page.locator("fieldset", has=page.get_by_role("button", name="Remove"))
    page.get_by_role("button", name="Add step").click()
    expect(steps).to_have_count(1)
    page.evaluate("""() => {
        document.querySelector("button[value='add']").click();
        document.querySelector("button[value='remove 0']").click();
    }""")
    expect(steps).to_have_count(2)
    page.get_by_role("button", name="Remove").first.click()
    expect(steps).to_have_count(1)


def test_one_repair_by_hand_becomes_a_rule_and_fifty_more_repair_themselves(signed_in: Page) -> None:
    from workflow_processor.models import DeadLetter, State
    from workflow_processor.operations import work
    from workflow_processor.repair import pipeline

    def body(number: int) -> bytes:
        return b'{"account": "A%d", "shares": "%d SHARES", "price": 1.10}' % (number, 8756 + number)

    page = signed_in
    [letter, *others] = office.park(*(office.failed(body(number)) for number in range(51)))
    page.goto(f"/messages/{letter.id}/edit/")
    retype(page, body(0).decode().replace('"8756 SHARES"', "8756"))
    page.get_by_role("button", name="Save and requeue").click()
    panel = page.get_by_role("region", name="Rules from the edit")
    expect(panel.locator("li").first).to_contain_text("Take the number out of shares")
    panel.get_by_role("button", name="See what it would repair").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Would repair 0 messages")
    tried(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Would repair 50 messages")
    expect(page.locator(".diff").first).to_contain_text('"8757 SHARES"')
    page.get_by_label("Name").fill("Shares in words")
    page.get_by_label("Automatic").check()
    page.get_by_role("button", name="Save rule").click()
    expect(page.locator(".page-head .badge")).to_have_text("Automatic")

    work.carry_on()
    pipeline.repair([other.id for other in others], ())
    assert {one.state for one in office.fresh(others)} == {State.REQUEUED}
    sent = DeadLetter.objects.get(id=others[0].id).revisions.get(number=1)
    assert bytes(sent.body) == body(1).replace(b'"8757 SHARES"', b"8757")
    page.goto(f"/messages/{others[0].id}/")
    expect(page.locator("#timeline")).to_contain_text("by rule Shares in words 1")
    page.goto("/rules/")
    row = page.get_by_role("row", name="Shares in words")
    expect(row.locator("[data-label=Repaired]")).to_have_text("50")


def test_what_a_rule_suggests_is_accepted_with_one_key(signed_in: Page, ada: "User") -> None:
    from workflow_processor.models import Mode, State
    from workflow_processor.repair import pipeline
    from workflow_processor.repair.definition import parse
    from workflow_processor.rules import acts

    page = signed_in
    steps = [{"do": "take_number", "at": "shares"}]
    acts.create(ada, "Shares", parse({"when": {"queue": "trades"}, "then": steps}), mode=Mode.SUGGEST)
    [letter] = office.take_in(office.failed(b'{"shares": "8756 SHARES"}'))
    pipeline.repair([letter.id], ())
    page.goto(f"/messages/{letter.id}/")
    panel = page.get_by_role("region", name="Shares suggests a repair")
    expect(panel.locator("del").first).to_be_visible()
    page.keyboard.press("y")
    expect(page.locator(".toast")).to_contain_text("1 message repaired as suggested.")
    assert office.fresh([letter])[0].state == State.REQUEUED
