"""Sending back, one and many, taking back, discarding."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser import hints
from tests.dashboard import office
from workflow_processor.models import DeadLetter, OutboxEntry, State


def test_a_requeue_is_seen_to_leave_to_arrive_and_to_be_processed(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    page.evaluate("window.same = true")
    page.get_by_role("button", name="Requeue").click()
    expect(page.locator(".toast")).to_contain_text("1 message requeued.")
    expect(page.locator(".way")).to_contain_text("Sending in")
    page.evaluate("window.same = true")
    [letter] = office.let_go(letter)
    hints.changed()
    expect(page.locator(".way")).to_contain_text("Sent and confirmed")
    expect(page.locator(".way")).to_contain_text("No answer yet")
    office.processed(letter)
    hints.changed()
    expect(page.locator(".way")).to_contain_text("Processed")
    expect(page.locator("#timeline")).to_contain_text("Processed")
    expect(page.locator("#standing .badge").first).to_have_text("Resolved")
    assert page.evaluate("window.same")


def test_a_requeue_that_fails_again_is_seen_to_come_back(signed_in: Page) -> None:
    page = signed_in
    letter = office.requeued(office.parked())
    page.goto(f"/messages/{letter.id}/")
    office.came_back(letter, text="still no number")
    hints.changed()
    expect(page.locator(".way")).to_contain_text("Came back")
    expect(page.locator(".cause")).to_contain_text("still no number")
    notice = page.locator(".notice", has_text="This message failed again while you had it open.")
    notice.get_by_role("link").click()
    expect(page.get_by_role("region", name="Error")).to_contain_text("All 2 failures")
    expect(notice).to_have_count(0)
    expect(page.get_by_role("button", name="Requeue")).to_be_visible()


def _requeued(page: Page, letter: DeadLetter) -> Locator:
    """What its page says of it, with the time that is left to undo it."""
    page.goto(f"/messages/{letter.id}/")
    page.keyboard.press("r")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("s to undo")
    return toast


def test_a_requeue_is_undone_in_time(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    toast = _requeued(page, letter)
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("1 message taken back.")
    assert office.fresh([letter])[0].state == State.PARKED
    assert OutboxEntry.objects.get().state == "withdrawn"


def test_a_toast_says_when_the_time_to_undo_is_over_and_no_more(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    toast = _requeued(page, letter)
    toast.evaluate("toast => { toast.dataset.seconds = 1; }")
    expect(toast).to_contain_text("The time to undo is over.")
    expect(toast.get_by_role("button", name="Undo")).to_have_count(0)


def test_a_toast_comes_into_its_region_after_the_page_so_that_it_is_read_aloud(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    page.add_init_script("""addEventListener("DOMContentLoaded", () => {
        const count = (records) => records.forEach((one) => { window.came = one.addedNodes.length; });
        new MutationObserver(count).observe(document.getElementById("toasts"), { childList: true });
    })""")
    page.keyboard.press("r")
    expect(page.locator("[role=status] .toast")).to_contain_text("1 message requeued.")
    page.wait_for_function("window.came > 0")


def test_a_double_click_requeues_once_and_offers_the_undo(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Requeue").dblclick()
    expect(page.locator(".toast")).to_contain_text("1 message requeued.")
    expect(page.locator(".toast").get_by_role("button", name="Undo")).to_be_visible()
    assert len(sent) == 1


def test_a_form_can_be_sent_again_after_the_way_back(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    page.get_by_role("button", name="Requeue").click()
    expect(page.locator(".toast")).to_contain_text("1 message requeued.")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("1 message taken back.")
    page.go_back()
    requeue = page.get_by_role("button", name="Requeue")
    expect(requeue).not_to_have_attribute("aria-disabled", "true")
    requeue.click()
    expect(page.locator(".toast")).to_be_visible()


def test_an_undo_that_comes_too_late_says_so(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    page.get_by_role("button", name="Requeue").click()
    expect(page.locator(".toast")).to_be_visible()
    office.let_go(letter)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Nothing taken back; 1 skipped (already sent).")


def test_selected_messages_are_discarded_with_a_reason_and_restored(signed_in: Page) -> None:
    page = signed_in
    letter, other = office.parked(), office.parked()
    page.goto("/messages/?q=status:parked")
    page.locator(f"#row-{letter.id} input[name=ids]").check()
    page.get_by_role("button", name=re.compile("^Discard")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog.get_by_label("Reason")).to_be_focused()  # the browser asks for it
    dialog.get_by_label("Reason").fill("A test order.")
    dialog.get_by_role("button", name="Discard").click()
    expect(page.locator(".toast")).to_contain_text("1 message discarded.")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert office.fresh([letter, other])[1].state == State.PARKED

    page.goto(f"/messages/{letter.id}/")
    expect(page.locator("#timeline")).to_contain_text("A test order.")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".toast")).to_contain_text("1 message restored.")
    assert office.fresh([letter])[0].state == State.PARKED


def test_one_message_is_discarded_from_its_page(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Placed by telephone.")
    hints.changed()  # somebody else's news does not take the dialog away
    dialog.get_by_role("button", name="Discard").click()
    expect(page.locator(".toast")).to_contain_text("1 message discarded.")
    expect(page.locator("#standing")).to_contain_text("Discarded: Placed by telephone.")
