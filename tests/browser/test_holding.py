"""What waits behind a message: seen, let go ahead, and decided about when its head is discarded."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from consumers.ordering import Keyed
from tests.browser import hints
from tests.workflow_processor.test_ordering import Shop, shop
from workflow_processor.models import HeldMessage

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = ["shop"]


@pytest.fixture
def deciding(signed_in: Page, ada: "User") -> Page:
    """Ada decides about held messages too."""
    from django.contrib.auth.models import Permission

    ada.user_permissions.add(Permission.objects.get(codename="decide_held_messages"))
    return signed_in


def test_what_waits_is_seen_to_come_is_let_go_and_ends_with_its_head(deciding: Page, shop: Shop) -> None:
    page = deciding
    letter = shop.fails("ada", shop.message("1"))
    page.goto(f"/messages/{letter.id}/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    expect(page.get_by_text("of this key are held")).to_have_count(0)
    shop.gates.settle([], [Keyed("ada", shop.message(body)) for body in ("second", "third", "fourth")])
    hints.changed()
    panel = page.get_by_role("region", name="3 later messages of this key are held behind it")
    expect(panel.locator("tbody code")).to_have_text(["second", "third", "fourth"])

    page.goto("/queues/")
    expect(page.get_by_role("row", name="orders › billing")).to_contain_text("Not measured")
    expect(page.get_by_role("row", name="orders › billing").locator("[data-label=Held]")).to_have_text("3")

    page.goto(f"/messages/{letter.id}/")
    page.get_by_role("button", name="Release now").click()
    page.get_by_role("dialog").get_by_role("button", name="Release now").click()
    expect(page.locator(".toast")).to_contain_text("The first message was released")
    expect(page.get_by_text("wait behind it")).to_have_count(0)  # they wait for the one that went ahead
    second = shop.head("ada")
    assert second
    assert second != letter


def test_a_head_is_discarded_with_what_waits_by_choice(deciding: Page, shop: Shop) -> None:
    page = deciding
    letter = shop.fails("ada", shop.message("1"))
    shop.waits("ada", "second", "third")
    page.goto(f"/messages/{letter.id}/")
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Release them one by one")).to_be_checked()
    dialog.get_by_label("Discard them too").check()
    dialog.get_by_label("Reason").fill("The account is closed.")
    dialog.get_by_role("button", name="Discard").click()
    expect(page.locator(".toast")).to_contain_text("3 messages discarded.")
    assert not HeldMessage.objects.exists()

    other = shop.fails("bob", shop.message("4"))
    shop.waits("bob", "fifth")
    page.goto("/messages/?q=status:parked")
    page.locator(f"#row-{other.id} input[name=ids]").check()
    page.keyboard.press("d")
    dialog.get_by_label("Discard them too").check()
    dialog.get_by_label("Reason").fill("The account is closed.")
    dialog.get_by_role("button", name="Discard").click()
    expect(page.locator(".toast")).to_contain_text("2 messages discarded.")
