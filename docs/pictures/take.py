"""Takes the pictures of the pages in this folder, from an office that is open.

    python docs/pictures/take.py http://127.0.0.1:8000 PASSWORD

Needs requirements-dev.txt and Debian's Chromium. The office should have run its example for some minutes.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
PAGES = {
    "overview": "/",
    "groups": "/groups/",
    "operations": "/operations/",
    "queues": "/queues/",
    "rules": "/rules/",
}
SIZE = {"width": 1440, "height": 900}
SETTLED = 3_000
"""Milliseconds until charts have their first live figures."""


def main(address: str, password: str) -> None:
    """Every page, light and dark."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, viewport=SIZE)
            sign_in(page, address, password)
            for name, path in PAGES.items():
                page.goto(address + path)
                take(page, f"{name}-{scheme}")
            page.goto(f"{address}/messages/?q=status:parked,requeued,resolved")
            page.keyboard.press("j")
            take(page, f"messages-{scheme}")
            page.goto(f"{address}/messages/?q=status:parked+error:*UnknownSymbol+body.symbol:*")
            page.keyboard.press("j")
            page.keyboard.press("Enter")
            page.wait_for_url("**/messages/*-*/**")
            take(page, f"message-{scheme}")
            page.locator("[data-key=e]").click()
            take(page, f"edit-{scheme}")
            page.get_by_role("button", name="Fields").click()
            take(page, f"fields-{scheme}")
        browser.close()


def sign_in(page: Page, address: str, password: str) -> None:
    page.goto(address)
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def take(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2])
