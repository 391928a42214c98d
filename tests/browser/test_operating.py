"""Many messages at once: chosen, confirmed, tried, watched, taken back."""

import csv
from pathlib import Path

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser import hints
from tests.browser.arriving import hears_keys
from tests.dashboard import office
from workflow_processor.models import DeadLetter, Operation, State
from workflow_processor.operations import acts, outcomes, work


def test_all_that_match_are_tried_first_then_sent_and_watched_until_they_are_processed(
    signed_in: Page, tmp_path: Path
) -> None:
    page = signed_in
    letters = office.park(*(office.failed(f"{number}".encode()) for number in range(60)))
    office.parked(queue="orders")
    page.goto("/messages/?q=queue:trades")
    page.get_by_label("Select all on this page").check()
    expect(page.locator(".bulk-bar")).to_contain_text("50 selected")
    page.get_by_label("all 60 that match").check()
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1)).to_have_text("Requeue 60 messages?")
    page.get_by_label("Trial").fill("2")
    page.get_by_role("textbox", name="Reason").fill("upstream is mended")
    page.get_by_role("button", name="Requeue 60").click()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "0")
    page.evaluate("window.same = true")

    worked(page)
    expect(page.locator("main")).to_contain_text("2 of 60")
    expect(page.locator(".notice")).to_contain_text("Trial complete.")
    office.let_go(*letters[:2])
    office.processed(office.fresh(letters)[0])
    office.came_back(office.fresh(letters)[1])
    looked()
    outcome = page.get_by_role("navigation", name="Outcomes")
    expect(outcome).to_contain_text("Processed 1")
    expect(outcome).to_contain_text("Came back 1")
    assert page.evaluate("window.same"), "the page moves by itself"

    page.get_by_role("button", name="Continue with the rest").click()
    worked(page)
    expect(page.locator("main")).to_contain_text("60 of 60")
    expect(outcome).to_contain_text("In the outbox 58")
    outcome.get_by_role("link", name="Came back").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "outcomes.csv")
    rows = list(csv.DictReader((tmp_path / "outcomes.csv").read_text().splitlines()))
    assert [(row["dead letter"], row["outcome"]) for row in rows] == [(str(letters[1].id), "came back")]


def test_an_operation_is_taken_back_before_it_leaves(signed_in: Page) -> None:
    page = signed_in
    letters = [office.parked(), office.parked()]
    office.parked(error_type="KeyError")
    page.goto(f"/groups/{letters[0].group_id}/")
    page.get_by_role("link", name="Requeue all 2 parked").click()
    expect(page.locator("main")).to_contain_text(f"group:{letters[0].group_id} status:parked")
    page.get_by_role("button", name="Requeue 2").click()
    expect(page.locator(".toast")).to_contain_text("s to undo")
    worked(page)
    expect(page.locator("main")).to_contain_text("2 of 2")
    assert {letter.state for letter in office.fresh(letters)} == {State.REQUEUED}
    page.get_by_role("main").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("2 taken back before they were sent.")
    assert set(DeadLetter.objects.values_list("state", flat=True)) == {State.PARKED}


def test_a_hint_behind_the_one_that_brought_it_to_rest_leaves_one_page(signed_in: Page, ada: User) -> None:
    page = signed_in
    letter = office.parked()
    order = acts.Order("discard", Operation.Selection.QUERY, "status:parked", "Test orders.")
    plan = acts.plan(ada, order, DeadLetter.objects.filter(id=letter.id))
    page.goto(f"/operations/{plan.pk}/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    work.carry_on()
    page.evaluate("""() => {
        const page = document.documentElement;
        page.dataset.answers = "";
        document.addEventListener("htmx:afterSwap", () => { page.dataset.answers += "I"; });
        for (let hint = 0; hint < 2; hint += 1) document.dispatchEvent(new CustomEvent("live:changed"));
    }""")
    expect(page.locator("html[data-answers^=II]")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("1 of 1")


def test_one_change_is_seen_on_a_sample_before_it_is_made_to_all(signed_in: Page) -> None:
    page = signed_in
    letters = [office.parked(b'{"shares": "12 SHARES"}'), office.parked(b"12 SHARES")]
    page.goto("/messages/?q=status:parked")
    for letter in letters:
        page.locator(f"#row-{letter.id} input[name=ids]").check()
    page.locator(".bulk-bar").get_by_role("button", name="Edit").click()
    page.get_by_label("JSON Patch", exact=True).check()
    expect(page.get_by_role("textbox", name="Path")).to_be_hidden()
    page.get_by_label("A value at a path").check()
    page.get_by_role("textbox", name="Path").fill("shares")
    page.get_by_role("textbox", name="Value").fill("12")
    page.get_by_label("Written as").select_option("number")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("main")).to_contain_text("Tried on all 2: 1 would change")
    expect(page.locator(".diff tr.added")).to_contain_text('{"shares": 12}')
    page.get_by_role("button", name="Edit 2").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    worked(page)
    outcome = page.get_by_role("navigation", name="Outcomes")
    expect(outcome).to_contain_text("Done 1")
    expect(outcome).to_contain_text("Failed 1")


def test_an_operation_is_found_paused_and_cancelled_with_the_keyboard(signed_in: Page) -> None:
    page = signed_in
    office.parked()
    page.goto("/operations/new/?kind=requeue&scope=matching&q=")
    page.get_by_role("button", name="Requeue 1").press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    hears_keys(page)
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text("Operations")
    hears_keys(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.locator(".toast")).to_contain_text("paused.")
    page.get_by_role("button", name="Cancel the rest").press("Enter")
    expect(page.locator(".toast").last).to_contain_text("cancelled.")
    assert Operation.objects.get().state == "cancelled"


def worked(page: Page) -> None:
    """A worker's turn, of which the page is told."""
    assert work.carry_on()
    expect(page.locator("[data-live=on]")).to_be_visible()
    hints.changed()


def looked() -> None:
    """What the next tick finds out."""
    assert outcomes.look(Operation.objects.get().pk)
    hints.changed()
