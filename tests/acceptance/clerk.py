"""A person at the dashboard, in a real browser, who brings parked trades to their end."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from consumers.trading.trades import Order, Way
from tests.browser.retyping import retype

PATIENCE = 60_000
"""Milliseconds."""

MENDED: dict[Way, Callable[[str], str]] = {
    Way.UNKNOWN_SYMBOL: lambda body: re.sub("APPL|MSTF|GOOGEL", "AAPL", body),
    Way.MISSING_ACCOUNT: lambda body: re.sub(r'^(?=,)|(?<="account": ")(?=")', "12654A87FR4", body),
    Way.QUANTITY_IN_WORDS: lambda body: re.sub('"?(one hundred|two thousand)"?', "100", body),
    Way.NOT_UTF8: lambda body: body,
}
"""What a clerk makes of the text of each; a message of a broken release only has to be sent again."""


def sign_in(page: Page, address: str, password: str) -> None:
    page.goto(f"{address}/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=PATIENCE)


def fix_and_requeue(page: Page, address: str, order: Order) -> None:
    """Finds the order, mends what is wrong with it and sends it back; sees it processed."""
    page.goto(f"{address}/messages/?q=message:{order.message_id}")
    page.locator("[data-row] [data-open]").first.click()
    page.wait_for_url(re.compile(r"/messages/[0-9a-f-]{36}/"))
    its_page = page.url
    if mended := order.way and MENDED.get(order.way):
        page.get_by_role("link", name="Edit").click()
        if order.way is Way.NOT_UTF8:
            page.get_by_role("link", name="Western European").click()
        retype(page, mended(order.body.decode("latin-1")))
        page.get_by_role("button", name="Save and requeue").click()
    else:
        page.get_by_role("button", name="Requeue").or_(page.get_by_role("link", name="Requeue")).first.click()
        dialog = page.get_by_role("dialog")
        if dialog.is_visible():
            dialog.get_by_role("button", name="Requeue").click()
    expect(page.locator(".toast")).to_contain_text("requeued")
    page.goto(its_page)
    expect(page.get_by_text("Resolved").first).to_be_visible(timeout=PATIENCE)
