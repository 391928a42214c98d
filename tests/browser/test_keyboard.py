"""With a keyboard alone: find, edit, requeue, and on to the next."""

from playwright.sync_api import Page, expect

from tests.browser.arriving import hears_keys
from tests.dashboard import office
from workflow_processor.models import State


def test_find_edit_requeue_and_the_next_without_a_mouse(signed_in: Page) -> None:
    page, keyboard = signed_in, signed_in.keyboard
    oldest, older, newest = (office.parked(b'{"n": %d}' % number, queue="orders") for number in range(3))
    office.parked(b"another queue's")
    page.goto("/")
    keyboard.press("/")
    keyboard.type("status:parked queue:orders")
    keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(3)
    hears_keys(page)
    keyboard.press("j")
    keyboard.press("j")
    expect(page.locator("[data-current]")).to_have_attribute("id", f"row-{older.id}")
    keyboard.press("e")
    expect(page.locator(".cm-content")).to_be_focused()
    keyboard.press("ControlOrMeta+a")
    keyboard.insert_text('{"n": 7}')
    keyboard.press("ControlOrMeta+Enter")
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision and requeued.")
    expect(page.locator(".crumbs").first).to_contain_text(oldest.message_id)
    hears_keys(page)
    keyboard.press("k")
    expect(page.locator(".crumbs").first).to_contain_text(newest.message_id)
    hears_keys(page)
    keyboard.press("j")
    expect(page.locator(".crumbs").first).to_contain_text(oldest.message_id)
    hears_keys(page)
    keyboard.press("r")
    expect(page.locator(".toast")).to_contain_text("1 message requeued.")
    expect(page.get_by_label("Search messages")).to_have_value("status:parked queue:orders")
    expect(page.locator("[data-row]")).to_have_count(1)
    states = [letter.state for letter in office.fresh([oldest, older, newest])]
    assert states == [State.REQUEUED, State.REQUEUED, State.PARKED]
    assert bytes(older.revisions.latest("number").body) == b'{"n": 7}'


def test_rows_are_selected_and_discarded_and_pages_reached_by_keys(signed_in: Page) -> None:
    page, keyboard = signed_in, signed_in.keyboard
    letter = office.parked()
    page.goto("/groups/")
    keyboard.press("g")
    keyboard.press("m")
    expect(page.locator("[data-row]")).to_have_count(1)
    hears_keys(page)
    keyboard.press("j")
    keyboard.press("z")  # a key that nothing listens to
    expect(page.locator(".bulk-bar")).to_be_hidden()
    keyboard.press("x")
    expect(page.locator(".bulk-bar")).to_contain_text("1 selected")
    keyboard.press("d")
    keyboard.type("A test order.")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("1 message discarded.")
    assert office.fresh([letter])[0].state == State.DISCARDED


def test_a_key_that_is_held_acts_once_and_is_typed_nowhere(signed_in: Page) -> None:
    page, keyboard = signed_in, signed_in.keyboard
    older, newer = office.parked(), office.parked()
    page.goto(f"/messages/{newer.id}/?q=status:parked")
    keyboard.down("r")
    expect(page.locator(".crumbs").first).to_contain_text(older.message_id)
    hears_keys(page)
    keyboard.down("r")
    keyboard.up("r")
    keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert [letter.state for letter in office.fresh([older, newer])] == [State.PARKED, State.REQUEUED]

    page.goto("/messages/?q=status:parked")
    keyboard.press("j")
    for _ in range(3):
        keyboard.down("d")
    keyboard.up("d")
    keyboard.type("dd it")
    expect(page.get_by_role("dialog").get_by_label("Reason")).to_have_value("dd it")


def test_a_held_key_walks_the_rows(signed_in: Page) -> None:
    page, keyboard = signed_in, signed_in.keyboard
    letters = [office.parked() for _ in range(3)]
    page.goto("/messages/")
    for _ in range(3):
        keyboard.down("j")
    expect(page.locator("[data-current]")).to_have_attribute("id", f"row-{letters[0].id}")


def test_a_key_that_is_held_while_typing_types(signed_in: Page) -> None:
    page = signed_in
    page.goto("/messages/")
    page.keyboard.press("/")
    for _ in range(3):
        page.keyboard.down("r")
    expect(page.get_by_label("Search messages")).to_have_value("rrr")


def test_all_single_keys_can_be_switched_off(signed_in: Page) -> None:
    page, keyboard = signed_in, signed_in.keyboard
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    keyboard.press("?")
    page.get_by_role("dialog").get_by_label("Single-key shortcuts").uncheck()
    keyboard.press("Escape")
    page.reload()
    for key in ("r", "d", "e", "?", "/"):
        keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Search messages")).not_to_be_focused()
    expect(page).to_have_url(f"/messages/{letter.id}/")
    assert office.fresh([letter])[0].state == State.PARKED
