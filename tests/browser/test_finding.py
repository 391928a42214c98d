"""Finding messages: by groups, by facets, by a search; and being told of new ones."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser import hints
from tests.browser.retyping import retype
from tests.dashboard import office
from tests.workflow_processor.letters import in_threads


def test_a_person_goes_from_the_overview_over_a_group_to_a_message(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked(text="no symbol 'APPL' is listed")
    page.goto("/")
    page.get_by_role("link", name="no symbol").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ValueError")
    page.get_by_role("link", name="no symbol").click()
    expect(page).to_have_url(f"/messages/{letter.id}/?q=group%3A{letter.group_id}")
    expect(page.locator("#payload-text")).to_contain_text("8756 SHARES")
    expect(page.get_by_text("The consumer sent no traceback")).to_be_visible()


def test_a_search_is_narrowed_by_facets_and_widened_by_chips(signed_in: Page) -> None:
    page = signed_in
    for queue in ("trades", "trades", "orders"):
        office.parked(queue=queue)
    office.processed(office.parked(queue="orders"))
    page.goto("/messages/")
    page.locator("#facets").get_by_role("link", name="orders").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.locator("#facets").get_by_role("link", name="Parked").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.get_by_label("Search messages")).to_have_value("queue:orders status:parked")
    page.get_by_role("link", name="Remove the filter queue orders").click()
    expect(page.locator("[data-row]")).to_have_count(3)


def test_a_search_that_cannot_be_read_shows_where(signed_in: Page, forgiven: list[str]) -> None:
    forgiven.append("400 (Bad Request)")
    page = signed_in
    page.goto("/messages/")
    page.get_by_label("Search messages").fill("status:parked age:soon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("age:>2h")
    expect(page.locator("mark")).to_have_text("soon")
    expect(page.get_by_label("Search messages")).to_have_value("status:parked age:soon")


def test_new_messages_wait_to_be_let_in_and_no_row_moves(signed_in: Page) -> None:
    page = signed_in
    office.parked(text="the first")
    page.goto("/messages/?q=status:parked")
    expect(page.locator("[data-live=on]")).to_be_visible()
    office.parked(text="the second")
    office.waiting(text="another")
    hints.changed()
    button = page.get_by_role("button", name="1 new")
    expect(button).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(1)
    button.click()
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator("[data-row]").first).to_contain_text("the second")
    expect(button).to_be_hidden()


def test_a_list_gone_back_to_after_an_edit_completes_itself_once_the_message_is_indexed(
    signed_in: Page,
) -> None:
    page = signed_in
    letter = office.parked(b"12345,BUY", key="K-1")
    office.searchable()
    page.goto("/messages/?q=body:BUY+key:K-1")
    page.locator("[data-open]").first.click()
    page.get_by_role("link", name="Edit").first.click()
    retype(page, "12346,BUY")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(f"/messages/{letter.id}/"))
    page.goto("/messages/?q=key:K-1")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.goto("/messages/?q=body:BUY+key:K-1")
    expect(page.get_by_text("1 message is still being indexed.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing found yet")).to_be_visible()
    expect(page.locator("#summary")).to_have_text("0 of 0, newest first")
    expect(page.locator("[data-live=on]")).to_be_visible()
    page.evaluate("window.kept = true")
    office.searchable()
    hints.searchable()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.get_by_text("still being indexed")).to_have_count(0)
    expect(page.locator("#summary")).to_have_text("1 of 1, newest first")
    expect(page.locator(".bulk-bar")).to_be_attached()
    assert page.evaluate("window.kept"), "nothing was loaded anew but the list"


def test_an_empty_list_and_its_count_agree(signed_in: Page) -> None:
    page = signed_in
    office.parked(b"12345,BUY")

    def index_meanwhile(route: Route) -> None:
        in_threads(office.searchable)  # a connection made here would stay open
        route.continue_()

    page.route("**/messages/counts/**", index_meanwhile, times=1)
    page.goto("/messages/?q=body:BUY")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("#summary")).to_have_text("1 of 1, newest first")


def test_a_search_is_saved_changed_and_found_again(signed_in: Page) -> None:
    page = signed_in
    for queue in ("trades", "trades", "orders"):
        office.parked(queue=queue)
    page.goto("/messages/?q=status:parked")
    page.get_by_text("Save as a view").click()
    page.get_by_role("textbox", name="Name").fill("What waits")
    page.get_by_label("For everyone").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="What waits")).to_have_attribute("aria-current", "true")
    page.locator("#facets").get_by_role("link", name="orders").click()
    expect(page.locator(".views")).to_contain_text("Changed")
    page.get_by_role("button", name="Save to What waits").click()
    expect(page.locator(".views")).not_to_contain_text("Changed")
    page.goto("/messages/")
    page.get_by_role("link", name="What waits").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_text("This view").click()
    page.get_by_role("button", name="Delete view").click()
    expect(page.locator(".toast")).to_contain_text("What waits was deleted.")
    expect(page.get_by_role("link", name="What waits")).to_have_count(0)


def test_a_search_is_written_from_suggestions_by_keyboard(signed_in: Page) -> None:
    page = signed_in
    office.parked(queue="trades")
    office.parked(queue="orders")
    page.goto("/messages/")
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search messages")
    expect(field).to_be_focused()
    page.keyboard.type("que")
    option = page.get_by_role("option", name="queue:")
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(field).to_have_value("queue:")
    expect(page.get_by_role("option")).to_have_text(["orders", "trades"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(field).to_have_value("queue:trades ")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page).to_have_url("/messages/?q=queue%3Atrades+")
    expect(page.locator("[data-row]")).to_have_count(1)
    field.click()
    field.fill("sta")
    page.get_by_role("option", name="status").click()
    expect(page.get_by_role("option", name="parked")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("status:")
