"""Editing in the browser: what is saved is exactly what was typed, and nothing else."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.retyping import retype
from tests.dashboard import office
from workflow_processor.models import DeadLetter, OutboxEntry, State

BODY = b'{"price": 1.10, "reference": 12345678901234567890, "shares": "8756 SHARES"}'


def body(letter: DeadLetter) -> bytes:
    return bytes(letter.revisions.latest("number").body)


def test_a_body_is_edited_looked_at_saved_and_sent(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked(BODY, content_type="application/json")
    page.goto(f"/messages/{letter.id}/")
    page.get_by_role("link", name="Edit").click()
    expect(page.locator(".editor-foot")).to_contain_text("Valid JSON")
    mended = BODY.decode().replace('"8756 SHARES"', "8756")
    retype(page, mended)
    expect(page.locator(".editor-foot")).to_contain_text("Changed")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#difference .added")).to_contain_text("8756")
    page.get_by_label("Reason").fill("The unit does not belong there.")
    page.get_by_role("button", name="Save and requeue").click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision and requeued.")
    expect(page.locator("#timeline")).to_contain_text("The unit does not belong there.")
    expect(page.locator("#differences")).to_contain_text("SHARES")
    assert body(letter) == mended.encode()
    assert OutboxEntry.objects.get().revision == 1


@pytest.mark.parametrize("original", [BODY, b"a\r\nb\r\n", b"a\rb\r", b"\n\na", b"", b"a\r\nb\nc", b"\xdc\0"])
def test_a_body_nobody_touched_is_not_changed(signed_in: Page, original: bytes) -> None:
    page = signed_in
    letter = office.parked(original)
    page.goto(f"/messages/{letter.id}/edit/")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Nothing was changed, so no revision was made.")
    assert body(letter) == original


@pytest.mark.parametrize(
    ("original", "expected"),
    [(b"a\r\nb\r\n", b"one\r\ntwo\r\n"), (b"a\rb", b"one\rtwo\r"), (b"a", b"one\ntwo\n")],
)
def test_lines_end_as_they_did(signed_in: Page, original: bytes, expected: bytes) -> None:
    page = signed_in
    letter = office.parked(original)
    page.goto(f"/messages/{letter.id}/edit/")
    retype(page, "one\ntwo\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    assert body(letter) == expected


def test_bytes_that_are_no_text_are_read_as_western_text_and_mended(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked(b"M\xdcLLER,BUY,AAPL,7")
    page.goto(f"/messages/{letter.id}/edit/")
    expect(page.get_by_label("Body, Base64")).to_be_visible()
    page.get_by_role("link", name="Read it as Western European text").click()
    expect(page.locator(".cm-content")).to_have_text("MÜLLER,BUY,AAPL,7")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    assert body(letter) == "MÜLLER,BUY,AAPL,7".encode()


def test_headers_and_return_address_are_changed_and_ours_refused(
    signed_in: Page, forgiven: list[str]
) -> None:
    forgiven.append("422 (Unprocessable")
    page = signed_in
    office.parked(queue="orders", subscriber="billing")
    letter = office.parked(headers={"desk": "7", "floor": "1"})
    page.goto(f"/messages/{letter.id}/edit/")
    page.get_by_label("desk, text").fill("8")
    page.get_by_label("Remove floor").check()
    page.get_by_label("Name of new header 1").fill("dlo-attempt")
    page.get_by_label("Value of new header 1").fill("9")
    page.get_by_label("Return address").select_option("orders:billing:requeue")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("p.errors", has_text="the office's own")).to_be_visible()
    page.get_by_label("Name of new header 1").fill("urgent")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    revision = letter.revisions.latest("number")
    assert dict(revision.message().headers) == {"desk": "8", "urgent": "9"}
    assert (revision.return_address, bytes(revision.body)) == ("orders:billing:requeue", office.TRADE)


def test_somebody_was_quicker_and_nobodys_work_is_lost(
    signed_in: Page, new_context: Callable[..., BrowserContext], base_url: str, forgiven: list[str]
) -> None:
    forgiven.append("409 (Conflict)")
    page = signed_in
    letter = office.parked(b"one")
    page.goto(f"/messages/{letter.id}/edit/")
    retype(page, "mine")
    other = new_context()
    sign_in(other, office.person("grace"), base_url)
    hers = other.new_page()
    hers.goto(f"/messages/{letter.id}/edit/")
    retype(hers, "hers")
    hers.get_by_role("button", name="Save", exact=True).click()
    expect(hers.locator(".toast")).to_contain_text("Saved")

    page.get_by_role("button", name="Save and requeue").click()
    expect(page.get_by_text("Not saved: the message was changed while you were editing it.")).to_be_visible()
    expect(page.locator(".cm-content")).to_have_text("mine")
    expect(page.locator("main")).to_contain_text("hers")
    assert body(letter) == b"hers"
    assert office.fresh([letter])[0].state == State.PARKED
    page.get_by_role("button", name="Save and requeue").click()
    expect(page.locator(".toast")).to_contain_text("requeued")
    assert body(letter) == b"mine"


def test_an_edit_in_a_closed_tab_is_offered_again_and_forgotten_once_it_is_saved(
    signed_in: Page, context: BrowserContext
) -> None:
    letter = office.parked(b'{"shares": "8756 SHARES"}', content_type="application/json")
    address = f"/messages/{letter.id}/edit/"
    signed_in.goto(address)
    retype(signed_in, '{"shares": 8756}')
    signed_in.get_by_label("Reason").fill("No unit there.")
    signed_in.close()

    page = context.new_page()
    page.goto(address)
    expect(page.locator(".cm-content")).to_have_text('{"shares": "8756 SHARES"}')
    expect(page.locator("#kept")).to_contain_text("You have an unsaved edit")
    page.get_by_role("button", name="Restore draft").click()
    expect(page.locator(".cm-content")).to_have_text('{"shares": 8756}')
    expect(page.get_by_label("Reason")).to_have_value("No unit there.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    assert body(letter) == b'{"shares": 8756}'
    expect(page).to_have_url(f"/messages/{letter.id}/")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []


def test_a_body_is_changed_in_fields_and_checked_as_it_is_typed(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked(b'{"n": 1.10, "shares": "8756 SHARES"}', content_type="application/json")
    page.goto(f"/messages/{letter.id}/edit/")
    retype(page, '{"n": 1.10,  "shares": "8756 SHARES"}')
    page.get_by_role("button", name="Fields").click()
    page.get_by_label("Type of shares").select_option("number")
    expect(page.locator("#check")).to_contain_text("shares: This is not a number")
    page.get_by_label("shares", exact=True).fill("8756")
    expect(page.locator("#check")).to_contain_text("Valid JSON.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    assert body(letter) == b'{"n": 1.10,  "shares": 8756}'


PARTS = b'{"ref": 1.10, "note": "x", "lines": [{"symbol": "AAPL", "shares": 7}], "gone": {"a": 1}}'


def struck(page: Page, name: str) -> bool:
    """Whether a field is shown as one that goes."""
    look: str = page.get_by_label(name, exact=True).evaluate(
        "(field) => getComputedStyle(field).textDecorationLine"
    )
    return look == "line-through"


def test_parts_of_a_body_come_and_go_in_fields_by_keyboard_alone(
    signed_in: Page, forgiven: list[str]
) -> None:
    forgiven.append("422 (Unprocessable")
    page = signed_in
    letter = office.parked(PARTS, content_type="application/json")
    page.goto(f"/messages/{letter.id}/edit/?as=fields")
    for name in ("note", "gone", "ref"):
        page.get_by_label(f"Remove {name}", exact=True).press("Space")
    page.get_by_label("Remove ref", exact=True).press("Space")  # and back
    assert [struck(page, name) for name in ("note", "gone.a", "ref", "lines[0].shares")] == [
        True,
        True,
        False,
        False,
    ]
    page.get_by_label("Add to", exact=True).select_option("lines (list)")
    page.get_by_label("Type", exact=True).select_option("a copy of the last item")
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    page.get_by_label("lines[1].symbol", exact=True).fill("IBM")
    expect(page.get_by_label("Remove note", exact=True)).to_be_checked()
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.locator("#part-said")).to_contain_text("Enter a name.")
    page.get_by_label("Name", exact=True).fill("urgent")
    page.get_by_label("Value", exact=True).fill("true")
    page.get_by_label("Type", exact=True).select_option("true or false")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#difference .added")).to_contain_text("IBM")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    assert body(letter) == (
        b'{"ref": 1.10, "lines": [{"symbol": "AAPL", "shares": 7}, {"symbol": "IBM", "shares": 7}],'
        b' "urgent": true}'
    )


def test_a_line_of_headings_names_the_fields_of_columns(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked(b"account;side;shares\r\nA1;BUY;8756 SHARES\r\n")
    page.goto(f"/messages/{letter.id}/edit/?as=fields")
    page.get_by_label("line 2, shares").fill("8756")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    assert body(letter) == b"account;side;shares\r\nA1;BUY;8756\r\n"


def test_lines_come_and_go_in_fields(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked(b"account;shares\r\nA1;8756 SHARES\r\nA2;7\r\n")
    page.goto(f"/messages/{letter.id}/edit/?as=fields")
    page.get_by_label("Remove line 2", exact=True).check()
    assert [struck(page, f"line {line}, shares") for line in (2, 3)] == [True, False]
    page.get_by_label("New line", exact=True).select_option("a copy of the last line")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("line 4, account", exact=True).fill("A3")
    expect(page.get_by_label("Remove line 2", exact=True)).to_be_checked()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    assert body(letter) == b"account;shares\r\nA2;7\r\nA3;7\r\n"


def test_everything_is_done_without_a_script(
    new_context: Callable[..., BrowserContext], ada: User, base_url: str
) -> None:
    context = new_context(java_script_enabled=False)
    sign_in(context, ada, base_url)
    page = context.new_page()
    letter = office.parked(b"\na\r\nb".replace(b"\n", b"\r\n").replace(b"\r\r\n", b"\r\n"))
    page.goto("/messages/")
    page.locator("[data-open]").click()
    page.get_by_role("link", name="Edit").click()
    page.locator("textarea[name=body_text]").fill("\na\nchanged")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#difference")).to_contain_text("changed")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Saved as a new revision.")
    assert body(letter) == b"\r\na\r\nchanged"
    page.get_by_role("link", name="Discard…").click()
    page.get_by_role("textbox", name="Reason").fill("A test order.")
    page.get_by_role("button", name="Discard 1").click()
    expect(page.locator(".toast")).to_contain_text(re.compile(r"Operation \d+ started\."))
