"""Groups put away, merged and shared out; people who tell each other what they found."""

import re
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Page, expect

from tests.browser import hints
from tests.dashboard import office
from workflow_processor.acts.comments import comment
from workflow_processor.acts.snoozes import snooze
from workflow_processor.models import DeadLetter, Group, Notification
from workflow_processor.subjects import Subject


def test_a_group_is_taken_discussed_and_linked_to_a_ticket(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/groups/{letter.group_id}/")
    page.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_text("ada (you)")).to_be_visible()
    page.get_by_label("Comment").fill("The feed sends units.\nI asked them.")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".timeline")).to_contain_text("The feed sends units.")
    page.get_by_text("Link a ticket").click()
    page.get_by_label("Address").fill("https://tickets.example/OPS-7")
    page.get_by_label("Name (optional)").fill("OPS-7")
    page.get_by_role("button", name="Link", exact=True).click()
    link = page.get_by_role("link", name="OPS-7")
    expect(link).to_have_attribute("href", "https://tickets.example/OPS-7")
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    page.get_by_role("button", name="Remove the link to OPS-7").click()
    expect(page.locator(".toast")).to_contain_text("Link removed.")
    expect(page.locator(".timeline > li").first).to_contain_text("Ticket link removed")


def test_a_colleague_is_named_from_suggestions_by_keyboard(signed_in: Page) -> None:
    page = signed_in
    for name in ("grace", "greta", "mcgregor"):
        office.person(name)
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    field = page.get_by_label("Comment")
    field.click()
    page.keyboard.type("ask @gr")
    listed = page.get_by_role("listbox", name="Colleagues").get_by_role("option")
    expect(listed).to_have_text(["grace", "greta", "mcgregor"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(listed.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "mention-2")
    page.keyboard.press("Enter")
    expect(field).to_have_value("ask @greta ")
    expect(listed).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.type("or @")
    expect(listed).to_have_text(["ada", "grace", "greta", "mcgregor"])
    page.keyboard.press("Escape")
    expect(listed).to_have_count(0)
    page.keyboard.type("mc")
    listed.filter(has_text="mcgregor").click()
    expect(field).to_have_value("ask @greta \nor @mcgregor ")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".timeline")).to_contain_text("or @mcgregor")
    told = Notification.objects.order_by("person__username").values_list("person__username", flat=True)
    assert list(told) == ["greta", "mcgregor"]


def test_selected_groups_are_merged_and_split_again(signed_in: Page) -> None:
    page = signed_in
    office.park(office.failed(error_type="First"), office.failed(error_type="First"))
    office.parked(error_type="Second")
    page.goto("/groups/")
    page.get_by_label("Select First").check()
    page.get_by_label("Select Second").check()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator(".toast")).to_contain_text("Merged into group")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row] .count")).to_contain_text("3")
    page.locator("[data-row] [data-open]").click()
    page.get_by_role("button", name="Split off Second").click()
    expect(page.locator(".toast")).to_contain_text("Split off again")
    expect(page.get_by_role("link", name="Requeue all 2 parked")).to_be_visible()


def test_groups_are_snoozed_from_the_list_by_keys_and_brought_back(signed_in: Page) -> None:
    page = signed_in
    office.parked()
    page.goto("/groups/")
    page.keyboard.press("j")
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Or wake early after").fill("25")
    dialog.get_by_role("button", name="Snooze").click()
    expect(page.locator(".toast")).to_contain_text("1 group snoozed.")
    expect(page.locator("main")).to_contain_text("Nothing is open")
    page.get_by_role("link", name="Snoozed").click()
    page.locator("[data-row] [data-open]").click()
    expect(page.get_by_label("Snoozed")).to_contain_text("Comes back after 25 more failures, or in")
    page.get_by_role("button", name="Wake now").click()
    expect(page.locator(".toast")).to_contain_text("1 group woken.")
    page.goto("/groups/")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert Group.objects.get().back == ""


def test_a_note_that_somebody_else_changed_meanwhile_is_not_overwritten(
    signed_in: Page, forgiven: list[str]
) -> None:
    forgiven.append("422 (Unprocessable")
    page = signed_in
    letter = office.parked()
    page.goto(f"/groups/{letter.group_id}/")
    page.get_by_text("Add a note about this cause").click()
    page.get_by_role("textbox", name="Note").fill("The feed of desk 7")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".said")).to_have_text("The feed of desk 7")
    page.get_by_text("Edit the note").click()
    Group.objects.update(note="It is desk 8")
    page.get_by_role("textbox", name="Note").fill("The feed of desk 9")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".errors")).to_contain_text("Somebody else changed the note")
    expect(page.locator(".said")).to_have_text("It is desk 8")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("The feed of desk 9")
    page.get_by_role("textbox", name="Note").fill("The feeds of desks 8 and 9")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".said")).to_have_text("The feeds of desks 8 and 9")


def test_a_mention_rings_the_bell_of_an_open_page_and_leads_to_the_message(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto("/queues/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(mention, office.person("grace"), letter).result()
    expect(page.get_by_role("link", name="Notifications, 1 unread")).to_be_visible()
    page.get_by_role("link", name="Notifications").click()
    page.get_by_role("button", name="grace mentioned you").click()
    expect(page).to_have_url(f"/messages/{letter.id}/")
    expect(page.locator("#timeline")).to_contain_text("@ada can you look?")
    expect(page.get_by_role("link", name="Notifications", exact=True)).to_be_visible()


def test_a_mention_that_comes_while_nobody_looks_rings_the_bell_on_return(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto("/queues/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    page.evaluate("document.addEventListener('live:notified', () => { window.heard = true; })")
    look(page, away=True)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(mention, office.person("grace"), letter).result()
    page.wait_for_function("window.heard")
    expect(page.get_by_role("link", name="Notifications", exact=True)).to_be_visible()
    look(page, away=False)
    expect(page.get_by_role("link", name="Notifications, 1 unread")).to_be_visible()


def test_a_notification_that_comes_does_not_move_the_one_that_is_pointed_at(signed_in: Page) -> None:
    page = signed_in
    letter, grace = office.parked(), office.person("grace")
    comment(grace, Subject(dead_letter=letter.id), "@ada can you look?")
    page.goto("/notifications/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    rows = page.locator("#results li.row")
    rows.hover()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(mention, grace, letter).result()
    expect(page.get_by_role("link", name="Notifications, 2 unread")).to_be_visible()
    expect(rows).to_have_count(1)
    page.mouse.move(0, 0)
    expect(rows).to_have_count(2)


def look(page: Page, *, away: bool) -> None:
    """At another tab, or at this one again."""
    page.evaluate(
        """away => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => away });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        away,
    )


def test_an_open_group_shows_what_came_meanwhile_and_keeps_what_is_being_written(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/groups/{letter.group_id}/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    page.get_by_label("Comment").fill("I am on it")
    page.get_by_role("link", name="Requeue all 1 parked").focus()
    office.parked()
    hints.changed()
    expect(page.get_by_role("link", name="Requeue all 2 parked")).to_be_focused()
    expect(page.locator("#cause")).to_contain_text("2 parked")
    expect(page.get_by_label("Comment")).to_have_value("I am on it")


def test_an_open_group_shows_the_latest_message_its_error_the_note_and_the_snooze(
    signed_in: Page, ada: User
) -> None:
    page = signed_in
    group = Group.objects.get(id=fails_at("first.py").group_id)
    page.goto(f"/groups/{group.pk}/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    error = page.get_by_role("region", name="Latest error")
    folded = error.locator("details:not([open])").count()
    assert folded
    error.locator("details:not([open]) summary").first.click()
    rows = page.get_by_role("region", name="Latest messages").locator("li.row")
    expect(rows).to_have_count(1)
    fails_at("second.py")
    hints.changed()
    expect(rows).to_have_count(2)
    expect(error).to_contain_text("second.py")
    Group.objects.update(note="It is desk 7")
    hints.changed()
    expect(page.locator("#known")).to_have_text("It is desk 7")
    snooze(ada, [group], more=7)
    hints.changed()
    expect(page.get_by_role("region", name="Snoozed")).to_contain_text("by ada")
    expect(error.locator("details:not([open])")).to_have_count(folded - 1)


def fails_at(place: str) -> DeadLetter:
    """With one frame of its own, below those of a library."""
    frames = [("/usr/lib/python3/site-packages/library.py", 7), (f"/srv/{place}", 12)]
    lines = "".join(f'  File "{file}", line {line}, in place\n    place(it)\n' for file, line in frames)
    return office.parked(traceback=f"Traceback (most recent call last):\n{lines}ValueError: no\n")


def mention(person: User, letter: DeadLetter) -> None:
    """As another process would."""
    try:
        comment(person, Subject(dead_letter=letter.id), "@ada can you look?")
    finally:
        connection.close()
