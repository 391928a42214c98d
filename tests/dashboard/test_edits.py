"""Editing a message: exact bytes, headers, return address; and somebody else who was quicker."""

from base64 import b64encode
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from consumers.brokers.amqp_properties import AmqpProperties
from consumers.properties import Headers
from dashboard.editing import bodies, headers
from tests.dashboard import office
from workflow_processor.models import DeadLetter, OutboxEntry, Revision, State
from workflow_processor.repair import limits
from workflow_processor.rules import message_types
from workflow_processor.rules.message_types import SeenType, Told

pytestmark = pytest.mark.django_db
BODY = b'{"price": 1.10, "reference": 12345678901234567890}'
TYPED: Headers = {"count": 2**40, "price": 1.5, "desk": "7", "dlo-attempt": 1, "inner": {"a": [1, "b"]}}


@pytest.fixture
def clerk() -> Client:
    return office.browser()


def form(letter: DeadLetter, **changed: str) -> dict[str, str]:
    """The form as the page gives it and a browser sends it back, with what the person changed."""
    [letter] = office.fresh([letter])
    revision = letter.revisions.get(number=letter.revision)
    body = bodies.form_of(bytes(revision.body))
    return {
        "id": str(letter.id),
        "version": str(letter.version),
        "base": str(revision.number),
        "body_newline": body.newline,
        "body_text": body.text.replace("\n", "\r\n"),
        "body_base64": body.base64,
        "return_address": revision.return_address,
        "then": "save",
        **{
            f"header:{row.name}": row.value
            for row in headers.rows(revision.message().headers)
            if row.editable
        },
        **changed,
    }


def latest(letter: DeadLetter) -> Revision:
    return letter.revisions.latest("number")


def said(answer: Any) -> str:
    return str(list(answer.context["messages"])[-1])


def test_a_saved_edit_is_a_new_revision_that_stays_parked(clerk: Client) -> None:
    letter = office.parked(BODY)
    answer = clerk.post("/edits/", form(letter, body_text='{"price": 1.20}', reason="A typo"), follow=True)
    assert said(answer) == "Saved as a new revision."
    revision = latest(letter)
    assert (bytes(revision.body), revision.author, revision.reason) == (b'{"price": 1.20}', "ada", "A typo")
    assert revision.message().properties == letter.revisions.get(number=0).message().properties
    [now] = office.fresh([letter])
    assert (now.state, now.revision, now.preview) == (State.PARKED, 1, '{"price": 1.20}')
    assert not OutboxEntry.objects.exists()


def test_an_edit_can_be_sent_at_once(clerk: Client) -> None:
    letter = office.parked()
    answer = clerk.post("/edits/", form(letter, body_text="A,BUY,AAPL,1", then="send"), follow=True)
    assert said(answer) == "Saved as a new revision and requeued."
    entry = OutboxEntry.objects.get()
    assert (entry.dead_letter_id, entry.revision, entry.attempt) == (letter.id, 1, 1)
    assert latest(letter).reason == "Changed the body."


@pytest.mark.parametrize("then", ["save", "send"])
@pytest.mark.parametrize(
    "body", [BODY, b"a\r\nb\r\n", b"a\rb", b"a\r\nb\n", b"\0", b"\xdc\xff", b"", b"\n\nx"]
)
def test_nothing_changed_makes_no_revision(clerk: Client, body: bytes, then: str) -> None:
    letter = office.parked(body)
    answer = clerk.post("/edits/", form(letter, then=then), follow=True)
    assert said(answer).startswith("Requeued unchanged" if then == "send" else "Nothing was changed")
    assert letter.revisions.count() == 1
    assert office.fresh([letter])[0].state == (State.REQUEUED if then == "send" else State.PARKED)


@pytest.mark.parametrize(
    ("body", "text", "expected"),
    [
        (b"a\r\nb\r\n", "a\r\nB\r\n", b"a\r\nB\r\n"),
        (b"a\rb\r", "a\r\nB\r\n", b"a\rB\r"),
        (b"a\nb", "a\r\nB\r\n", b"a\nB\n"),
        (BODY, BODY.decode() + " ", BODY + b" "),
        ("M\u00dc".encode(), "M\u00dcL", "MÜL".encode()),
    ],
)
def test_a_changed_text_keeps_every_byte_that_was_not_changed(
    clerk: Client, body: bytes, text: str, expected: bytes
) -> None:
    letter = office.parked(body)
    clerk.post("/edits/", form(letter, body_text=text))
    assert bytes(latest(letter).body) == expected


def test_bytes_that_are_no_text_are_changed_as_base64_or_read_as_western_text(clerk: Client) -> None:
    letter = office.parked(b"M\xdcLLER,BUY")
    page = clerk.get(f"/messages/{letter.id}/edit/").content.decode()
    assert b64encode(b"M\xdcLLER,BUY").decode() in page
    clerk.post("/edits/", form(letter, body_base64=b64encode(b"\xfe\x00").decode()))
    assert bytes(latest(letter).body) == b"\xfe\x00"

    other = office.parked(b"M\xdcLLER,BUY")
    assert "MÜLLER,BUY</textarea>" in clerk.get(f"/messages/{other.id}/edit/?read=western").content.decode()
    clerk.post("/edits/", form(other, body_newline="lf", body_text="MÜLLER,BUY"))
    assert bytes(latest(other).body) == "MÜLLER,BUY".encode()


def typed_letter() -> DeadLetter:
    properties = AmqpProperties.build(TYPED, message_id="m-1", correlation_id="c-1")
    return office.parked(BODY, properties=properties)


def test_headers_are_changed_one_by_one_and_the_rest_keep_their_bytes(clerk: Client) -> None:
    letter = typed_letter()
    changed = {"header:count": "7", "new-name-0": "urgent", "new-value-0": "yes", "drop:desk": "1"}
    clerk.post("/edits/", form(letter, **changed))
    revision = latest(letter)
    before = letter.revisions.get(number=0).message().properties
    assert revision.message().properties == before.with_headers({"count": 7, "urgent": "yes"}, ["desk"])
    assert revision.message().headers["inner"] == {"a": [1, "b"]}
    assert revision.message().headers["dlo-attempt"] == 1
    assert (bytes(revision.body), revision.reason) == (BODY, "Changed headers.")


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"new-name-0": "dlo-id", "new-value-0": "x"}, "the office&#x27;s own"),
        ({"header:dlo-attempt": "7"}, "the office&#x27;s own"),
        ({"header:count": "seven"}, "holds: whole number"),
        ({"return_address": "anywhere"}, "not the return address of any source"),
        ({"body_newline": "mixed", "body_base64": "%"}, "This is not Base64"),
    ],
)
def test_what_cannot_be_is_said_and_the_work_is_kept(
    clerk: Client, changed: dict[str, str], shown: str
) -> None:
    letter = typed_letter()
    answer = clerk.post("/edits/", form(letter, reason="my reason", then="send", **changed))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert shown in page
    assert "my reason" in page
    assert letter.revisions.count() == 1
    assert office.fresh([letter])[0].state == State.PARKED


def test_a_message_goes_to_addresses_that_the_office_knows(clerk: Client) -> None:
    office.parked(queue="orders", subscriber="billing")
    letter = office.parked()
    page = clerk.get(f"/messages/{letter.id}/edit/").content.decode()
    assert "<option>orders:billing:requeue</option>" in page
    clerk.post("/edits/", form(letter, return_address="orders:billing:requeue", then="send"))
    assert latest(letter).return_address == OutboxEntry.objects.get().queue == "orders:billing:requeue"


def test_the_difference_is_shown_before_anything_is_saved(clerk: Client) -> None:
    letter = office.parked(b"one\ntwo")
    changed = {"body_text": "one\r\n2", "new-name-0": "urgent", "new-value-0": "yes"}
    answer = clerk.post("/edits/", form(letter, then="review", **changed))
    assert {side.title for side in answer.context["differences"]} == {"Body", "Headers"}
    assert answer.context["differences"][0].after == "one\n2"
    assert letter.revisions.count() == 1


def test_a_header_that_cannot_be_is_not_called_no_difference(clerk: Client) -> None:
    letter = typed_letter()
    page = clerk.post("/edits/", form(letter, then="review", **{"header:count": "seven"})).content.decode()
    difference = page[page.index('id="difference"') :]
    assert "No difference" not in difference
    assert "holds: whole number" in difference
    page = clerk.post("/edits/", form(letter, then="review")).content.decode()
    assert "No difference: identical byte for byte." in page


def test_a_body_that_no_check_looks_at_is_not_sent_to_one(clerk: Client) -> None:
    address = f"/messages/{office.parked(b'x' * limits.BODY).id}/edit/"
    assert 'hx-post="/edits/checks/"' in clerk.get(address).content.decode()
    address = f"/messages/{office.parked(b'x' * (limits.BODY + 1)).id}/edit/"
    assert 'hx-post="/edits/checks/"' not in clerk.get(address).content.decode()


def test_a_stale_edit_is_refused_and_shows_what_changed_since(clerk: Client) -> None:
    letter = office.parked(b"one\ntwo", headers={"desk": "7", "floor": "1"})
    office.parked(queue="orders")
    mine = form(letter, body_text="one\r\nmine", **{"header:desk": "8", "then": "send"})
    grace = office.browser(office.person("grace"))
    grace.post("/edits/", form(letter, body_text="one\r\nhers", **{"header:floor": "2"}))

    answer = clerk.post("/edits/", mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Not saved: the message was changed while you were editing it." in page
    assert "hers" in page
    assert "one\nmine</textarea>" in page
    assert letter.revisions.count() == 2
    assert not OutboxEntry.objects.exists()

    # Looked at and sent again: mine where I touched it, hers where I did not.
    again = {name: value for name, value in mine.items() if name not in ("version", "base", "header:floor")}
    again |= {"version": str(answer.context["version"]), "base": "1", "header:floor": "2"}
    clerk.post("/edits/", again)
    revision = latest(letter)
    assert bytes(revision.body) == b"one\nmine"
    assert dict(revision.message().headers) == {"desk": "8", "floor": "2"}


def test_a_stale_form_is_drawn_on_what_the_message_is_now(clerk: Client) -> None:
    letter = office.parked(b"one", headers={"desk": "7", "floor": "1", "gone": "x"})
    mine = form(letter, **{"header:desk": "8", "header:gone": "y"})
    office.browser(office.person("grace")).post(
        "/edits/", form(letter, body_text="hers", **{"header:floor": "2", "drop:gone": "1"})
    )
    page = clerk.post("/edits/", mine)
    assert page.context["draft"].body.text == "hers"
    assert {row.name: row.value for row in page.context["headers"]} == {"desk": "8", "floor": "2"}
    assert page.context["new_headers"][0]["name"] == "gone"
    assert dict(page.context["draft"].message.headers) == {"desk": "8", "floor": "2", "gone": "y"}


def test_what_has_gone_out_meanwhile_is_not_edited(clerk: Client) -> None:
    letter = office.parked()
    mine = form(letter, body_text="mine")
    office.requeued(letter)
    answer = clerk.post("/edits/", mine)
    assert answer.status_code == 409
    assert "This message cannot be edited right now." in answer.content.decode()
    assert letter.revisions.count() == 1


@pytest.mark.parametrize("missing", ["id", "version", "base", "body_newline"])
def test_a_form_that_is_not_ours_is_refused(clerk: Client, missing: str) -> None:
    letter = office.parked()
    fields = {name: value for name, value in form(letter).items() if name != missing}
    assert clerk.post("/edits/", fields).status_code == 400


def test_properties_that_cannot_be_read_keep_nobody_from_editing_the_body(clerk: Client) -> None:
    letter = office.parked(BODY, properties=AmqpProperties(b"\xff\xff broken"), message_id=None)
    assert clerk.get(f"/messages/{letter.id}/").status_code == 200
    fields = {"id": str(letter.id), "version": str(letter.version), "base": "0", "then": "save"}
    clerk.post("/edits/", fields | {"body_newline": "lf", "body_text": "mended"})
    revision = latest(letter)
    assert (bytes(revision.body), bytes(revision.properties)) == (b"mended", b"\xff\xff broken")


def test_a_body_is_changed_in_fields_and_nothing_else_of_it(clerk: Client) -> None:
    letter = office.parked(b'{ "price": 1.10,\r\n "shares": "8756 SHARES" }')
    page = clerk.get(f"/messages/{letter.id}/edit/", {"as": "fields"}).content.decode()
    assert 'value="8756 SHARES"' in page
    fields = {"fields": "on", "field-0": "1.10", "kind-0": "number", "field-1": "8756", "kind-1": "number"}
    assert said(clerk.post("/edits/", form(letter, **fields), follow=True)) == "Saved as a new revision."
    assert bytes(latest(letter).body) == b'{ "price": 1.10,\r\n "shares": 8756 }'


def test_a_field_that_cannot_be_is_said_with_what_was_typed_kept(clerk: Client) -> None:
    letter = office.parked(BODY)
    answer = clerk.post("/edits/", form(letter, **{"fields": "on", "field-0": "1.1O", "kind-0": "number"}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="1.1O"' in page
    assert "This is not a number" in page
    assert latest(letter).number == 0


def test_what_was_typed_goes_along_between_text_and_fields(clerk: Client) -> None:
    letter = office.parked(BODY)
    page = clerk.post("/edits/", form(letter, body_text='{"price": 7}', then="fields")).content.decode()
    assert 'name="field-0" value="7"' in page
    page = clerk.post(
        "/edits/", form(letter, **{"fields": "on", "field-0": "8", "then": "text"})
    ).content.decode()
    assert "data-editor" in page
    assert "{&quot;price&quot;: 8, &quot;reference&quot;: 12345678901234567890}" in page
    assert latest(letter).number == 0


def test_a_draft_is_checked_as_it_is_typed_and_nothing_is_saved(clerk: Client) -> None:
    letter = office.parked(BODY)
    assert (
        "Valid JSON."
        in clerk.post("/edits/checks/", form(letter, **{"fields": "on", "field-0": "7"})).content.decode()
    )
    broken = clerk.post("/edits/checks/", form(letter, body_text='{"price": }'))
    assert "the body is not JSON (line 1, character" in broken.content.decode()
    typed = clerk.post("/edits/checks/", form(letter, **{"fields": "on", "field-0": "x"}))
    assert "price: This is not a number" in typed.content.decode()
    assert latest(letter).number == 0


def test_a_draft_is_checked_against_the_schema_of_its_type(clerk: Client) -> None:
    writer = User.objects.create_superuser("grace")
    kind = message_types.create(writer, "order", Told("trades"))
    schema = '{"properties": {"shares": {"type": "integer", "title": "How many"}}, "required": ["shares"]}'
    message_types.add_schema(writer, SeenType(kind.id, kind.change), schema)
    letter = office.parked(b'{"shares": "8756 SHARES"}')
    page = clerk.get(f"/messages/{letter.id}/edit/", {"as": "fields"})
    assert "<b>How many</b>" in page.content.decode()
    assert len(page.context["checked"].problems) == 1
    answer = clerk.post(
        "/edits/checks/", form(letter, **{"fields": "on", "field-0": "8756", "kind-0": "text"})
    )
    assert "Valid against version 1 of the schema for order." in answer.content.decode()
    # It is said, and in nobody's way.
    assert (
        said(clerk.post("/edits/", form(letter, body_text="{}"), follow=True)) == "Saved as a new revision."
    )
