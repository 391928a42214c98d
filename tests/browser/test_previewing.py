"""A message beside the list, where there is room for it; and rows of one line or two."""

from playwright.sync_api import Page, expect

from tests.browser import hints
from tests.dashboard import office
from workflow_processor.models import DeadLetter


def test_a_row_is_looked_at_beside_the_list_and_then_opened(signed_in: Page) -> None:
    page = signed_in
    page.set_viewport_size({"width": 1440, "height": 900})
    old, new = office.parked(text="the old one"), office.parked(b"the new body", text="the new one")
    page.goto("/messages/?q=status:parked")
    pane = page.get_by_role("complementary", name="Preview")
    expect(pane).to_contain_text("Click a message")
    page.get_by_role("link", name="the new one").click()
    expect(pane).to_contain_text("the new body")
    expect(page).to_have_url(f"/messages/?q=status%3Aparked&selected={new.id}")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(pane).to_contain_text("the old one")
    expect(page.locator("[data-row] [aria-current=true]")).to_contain_text("the old one")
    page.reload()
    expect(pane).to_contain_text("the old one")
    pane.get_by_role("button", name="Requeue").click()
    expect(page.locator(".toast")).to_contain_text("1 message requeued")
    expect(pane).to_contain_text("Requeued")
    assert DeadLetter.objects.get(id=old.id).state == "requeued"
    expect(page.locator("[data-live=on]")).to_be_visible()
    office.processed(DeadLetter.objects.get(id=old.id))
    hints.changed()
    expect(pane).to_contain_text("Resolved")
    page.get_by_role("link", name="the new one").click()
    expect(pane).to_contain_text("the new body")
    page.get_by_role("link", name="the new one").first.click()
    expect(page).to_have_url(f"/messages/{new.id}/?q=status%3Aparked")


def test_on_a_narrow_screen_a_row_is_a_link(signed_in: Page) -> None:
    page = signed_in
    page.set_viewport_size({"width": 320, "height": 640})
    letter = office.parked()
    page.goto("/messages/")
    expect(page.locator("#preview")).to_be_hidden()
    page.locator("[data-row] [data-open]").click()
    expect(page).to_have_url(f"/messages/{letter.id}/?q=")


def test_how_many_lines_a_row_has_is_remembered(signed_in: Page) -> None:
    page = signed_in
    office.parked()
    page.goto("/messages/")
    row = page.locator("[data-row]")
    assert row.bounding_box()["height"] > 50  # type: ignore[index]
    page.get_by_text("One", exact=True).click()
    assert row.bounding_box()["height"] < 50  # type: ignore[index]
    page.reload()
    assert row.bounding_box()["height"] < 50  # type: ignore[index]
    expect(page.get_by_role("radio", name="One")).to_be_checked()
