"""Every page for everybody: no breach of WCAG 2.2 AA that axe can find, light and dark, wide and narrow."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import BUSY, EMPTY, OUTSIDE, Day, Place
from tests.dashboard import office
from tests.dashboard.busy_day import busy_day
from workflow_processor import acts

AXE = Path(__file__).parent / "vendor" / "axe.js"
Rules = dict[str, str | list[str]]
STANDARD: Rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLOURS: Rules = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules of the standard that go by colours, which are all that a theme changes."""
WIDE, NARROW = 1440, 320
WHOLE = {(WIDE, "dark"), (NARROW, "light")}
"""How a page is looked at by all rules: both widths and both themes, in half of the time that all
four take. Colours are looked at in all four."""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RUN = """async (rules) => {
  // Until a new theme is drawn.
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  const { violations } = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""
WIDTH = "() => document.documentElement.scrollWidth"


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """axe tries out other text spacing with styles that the pages' policy forbids."""
    return {**browser_context_args, "bypass_csp": True}


@pytest.mark.parametrize("name", BUSY)
def test_a_page_of_a_busy_office(signed_in: Page, ada: Any, forgiven: list[str], name: str) -> None:
    forgiven += ["404 (Not Found)", "400 (Bad Request)", "422 (Unprocessable"]
    day = busy_day(16)
    acts.requeue(ada, [office.seen(office.parked())], "Upstream is mended.")
    assert_fit(signed_in, BUSY[name], day)


@pytest.mark.parametrize("name", EMPTY)
def test_a_page_of_an_empty_office(signed_in: Page, name: str) -> None:
    assert_fit(signed_in, EMPTY[name])


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_page_before_the_sign_in(page: Page, name: str) -> None:
    assert_fit(page, OUTSIDE[name])


def test_a_breach_is_found(page: Page, base_url: str) -> None:
    page.goto("/sign-in/")
    page.locator("form").evaluate("form => { form.innerHTML = '<input>'; form.style.width = '400px'; }")
    assert any(found.startswith("label:") for found in breaches(page))
    page.set_viewport_size({"width": NARROW, "height": 800})
    assert page.evaluate(WIDTH) > NARROW


def assert_fit(page: Page, place: Place, day: Day = ()) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(place) if isinstance(place, str) else place(page, day)
    expect(page.locator(".htmx-request")).to_have_count(0)
    found = {}
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            found[f"{width} {theme}"] = breaches(page, STANDARD if (width, theme) in WHOLE else COLOURS)
        if (wide := page.evaluate(WIDTH)) > width:
            found[f"{width} scrolls"] = [f"It is {wide} pixels wide."]
    assert {how: what for how, what in found.items() if what} == {}


def breaches(page: Page, rules: Rules = STANDARD) -> list[str]:
    """What axe finds against these rules, each with its place."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN, rules)
    return found
