"""Writing in the editor as people do: `fill` would have the browser edit the editor's own markup, and bring
styles into it that the content policy refuses."""

from playwright.sync_api import Page


def retype(page: Page, text: str) -> None:
    """Puts this in the place of all that the editor holds."""
    page.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
