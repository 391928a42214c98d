"""Pressing keys as people do, who look at a page first. One that is drawn and has not run its scripts yet
hears none."""

from playwright.sync_api import Page, expect


def hears_keys(page: Page) -> None:
    """Waits until the page has run its scripts, of which the last connects it."""
    expect(page.locator("[data-live=on]")).to_be_visible()
