"""Signing in, looking around, signing out."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect

from tests.browser import hints
from tests.browser.arriving import hears_keys
from tests.browser.conftest import sign_in
from tests.dashboard import office
from tests.dashboard.busy_day import busy_day

PASSWORD = "a-long-passphrase"


def test_a_person_signs_in_and_is_led_to_the_page_that_was_asked_for(page: Page, ada: User) -> None:
    ada.set_password(PASSWORD)
    ada.save()
    office.parked()
    page.goto("/messages/?q=status:parked")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Wrong name or password")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/messages/?q=status:parked")
    expect(page.locator("[data-row]")).to_have_count(1)

    page.get_by_role("button", name="ada: theme").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page).to_have_url("/sign-in/")


def _session_ends_while_typing(page: Page) -> Locator:
    """What the page says of it."""
    page.get_by_label("Comment").fill("I asked upstream")
    Session.objects.all().delete()
    hints.changed()
    notice = page.locator(".toast", has_text="You were signed out.")
    expect(notice).to_be_visible()
    expect(page.locator("[data-live=out]")).to_be_visible()
    return notice


def test_what_was_being_typed_when_the_session_ended_is_sent_after_the_next_sign_in(
    page: Page, ada: User
) -> None:
    ada.set_password(PASSWORD)
    ada.save()
    letter = office.parked()
    enter(page, f"/messages/{letter.id}/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    notice = _session_ends_while_typing(page)
    with page.expect_popup() as other:
        notice.get_by_role("link", name="Sign in").click()
    enter(other.value)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-live=on]")).to_be_visible()
    expect(notice).to_have_count(0)
    expect(page.get_by_label("Comment")).to_have_value("I asked upstream")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#timeline")).to_contain_text("I asked upstream")


def test_what_one_person_typed_is_not_sent_as_the_next_one_s(
    page: Page, ada: User, forgiven: list[str]
) -> None:
    forgiven.append("403 (Forbidden)")
    for person in (ada, office.person("grace")):
        person.set_password(PASSWORD)
        person.save()
    letter = office.parked()
    enter(page, f"/messages/{letter.id}/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    notice = _session_ends_while_typing(page)
    enter(page.context.new_page(), name="grace")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-live=on]")).to_be_visible()
    expect(notice).to_be_visible()
    page.get_by_role("button", name="Comment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This form has expired")


def test_a_page_in_which_nothing_was_typed_asks_for_the_sign_in(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    Session.objects.all().delete()
    hints.changed()
    expect(page).to_have_url(f"/sign-in/?next=/messages/{letter.id}/")


def enter(page: Page, address: str = "/sign-in/", name: str = "ada") -> None:
    page.goto(address)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("[data-live=on]")).to_be_visible()


def test_somebody_who_may_not_look_is_told_so(page: Page, base_url: str, forgiven: list[str]) -> None:
    forgiven.append("403 (Forbidden)")
    sign_in(page.context, office.person("grace", "nothing"), base_url)
    page.goto("/")
    expect(page.get_by_role("heading")).to_contain_text("Your account does not have permission to do this")


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_and_runs_without_a_complaint(signed_in: Page, width: int, scheme: str) -> None:
    page = signed_in
    letters = busy_day(16)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    letter = letters[0]
    inside = [f"/messages/{letter.id}/", f"/messages/{letter.id}/edit/", f"/groups/{letter.group_id}/"]
    question = "/operations/new/?kind=requeue&scope=matching&q=status:parked"
    for address in ("/", "/groups/", "/messages/", "/operations/", "/queues/", "/audit/", question, *inside):
        page.goto(address)
        expect(page.locator("[data-live]")).to_have_attribute("data-live", "on")
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, address


def test_pages_are_reached_by_keys_alone(signed_in: Page) -> None:
    page = signed_in
    first, second = office.parked(text="the first"), office.parked(text="the second")
    page.goto("/")
    hears_keys(page)
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page).to_have_url("/messages/")
    hears_keys(page)
    page.keyboard.press("/")
    expect(page.get_by_label("Search messages")).to_be_focused()
    page.keyboard.type("status:parked")
    page.keyboard.press("Enter")
    expect(page).to_have_url("/messages/?q=status%3Aparked")
    hears_keys(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"/messages/{first.id}/?q=status%3Aparked")
    hears_keys(page)
    page.keyboard.press("e")
    expect(page).to_have_url(f"/messages/{first.id}/edit/?q=status%3Aparked")
    assert second.id != first.id
