"""Bodies and headers through a form and back: what nobody touched comes back as the very bytes it was."""

from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from consumers.properties import HeaderValue
from dashboard.editing import bodies, headers
from dashboard.editing.bodies import BodyForm
from dashboard.editing.headers import HeaderChanges

BODIES = [
    b"",
    b"2WE35HF6DHF,BUY,AAPL,8756 SHARES",
    b'{"price": 1.10, "reference": 12345678901234567890}',
    b"one\r\ntwo\r\n",
    b"one\ntwo",
    b"old\rMac\r",
    b"\nbegins with a line end",
    b"\r\n\r\n",
    b"two\nkinds\r\n",
    b"a lone\rreturn\namong others",
    b"\r\r\n",
    b"a NUL \0 within",
    b"M\xdcLLER",
    "\ufeffwith a mark, \u2028 and \u0085 and \x0c".encode(),
    b"<b>&amp;</b> &#0; </textarea><script>alert(1)</script>",
    bytes(range(256)),
]


class Form(HTMLParser):
    """What a browser reads in a text area: character references are what they stand for."""

    text = ""
    _inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._inside = self._inside or tag == "textarea"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "textarea"

    def handle_data(self, data: str) -> None:
        self.text += data if self._inside else ""


def through_a_browser(form: BodyForm) -> dict[str, str]:
    """The fields as a browser sends them when nobody touched them."""
    if not form.as_text:
        return {"body_newline": "mixed", "body_base64": form.base64}
    page = Template("{% load office %}{% editor text newline %}").render(
        Context({"text": form.text, "newline": form.newline})
    )
    browser = Form()
    browser.feed(page)
    shown = browser.text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\n")
    return {"body_newline": form.newline, "body_text": shown.replace("\n", "\r\n")}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_nobody_touched_comes_back_byte_for_byte(body: bytes) -> None:
    assert bodies.body_of(bodies.sent(through_a_browser(bodies.form_of(body))), body) == body


@given(body=st.binary(max_size=60) | st.text("ab\r\n\0é<&", max_size=20).map(str.encode))
def test_any_body_comes_back_byte_for_byte(body: bytes) -> None:
    form = bodies.form_of(body)
    fields = {"body_newline": form.newline, "body_base64": form.base64}
    fields["body_text"] = form.text.replace("\n", "\r\n")
    assert bodies.body_of(bodies.sent(fields), body) == body


@given(body=st.text("ab\r\n", max_size=20).map(str.encode))
def test_a_changed_text_keeps_the_line_ends_it_had(body: bytes) -> None:
    form = bodies.form_of(body)
    if form.as_text:
        fields = {"body_newline": form.newline, "body_text": (form.text + "\nmore").replace("\n", "\r\n")}
        end = bodies.LINE_ENDS[form.newline].encode()
        assert bodies.body_of(bodies.sent(fields), body) == body + end + b"more"


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"\xff", "not UTF-8"), (b"a\0b", "NUL"), (b"a\rb\nc", "are mixed"), (b"\n\r\n", "are mixed")],
)
def test_what_a_text_field_would_change_is_edited_as_base64(body: bytes, why: str) -> None:
    form = bodies.form_of(body)
    assert (form.as_text, form.base64) == (False, b64encode(body).decode())
    assert why in form.why


def test_base64_may_be_broken_into_lines_and_has_to_be_base64() -> None:
    broken = bodies.sent({"body_newline": "mixed", "body_base64": "aGVs\r\n bG8="})
    assert bodies.body_of(broken, b"\xff") == b"hello"
    with pytest.raises(ValueError, match="This is not Base64"):
        bodies.body_of(bodies.sent({"body_newline": "mixed", "body_base64": "hello?"}), b"\xff")


@pytest.mark.parametrize(
    "fields", [{}, {"body_text": "x"}, {"body_newline": "lf"}, {"body_newline": "mixed"}]
)
def test_a_form_without_a_body_is_no_form_of_ours(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no body"):
        bodies.sent(fields)


def test_western_bytes_can_be_read_as_the_text_they_are() -> None:
    assert bodies.western(b"M\xdcLLER,\x80").text == "MÜLLER,€"
    assert bodies.western(b"M\xdcLLER,\x81").text == "MÜLLER,\x81"


THERE: dict[str, HeaderValue] = {
    "text": "desk 7",
    "yes": True,
    "count": 12345678901234567890,
    "ratio": 1.5,
    "price": Decimal("1.10"),
    "token": b"\x00\xff",
    "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "list": [1, "two", b"\x03"],
    "none": None,
    "lines": "one\ntwo",
    "dlo-id": "ours",
    "<b>": "markup",
}


def changes(fields: dict[str, str]) -> HeaderChanges:
    return headers.sent(fields, THERE)


def shown() -> dict[str, str]:
    """The fields of a form that nobody touched."""
    rows = {f"header:{row.name}": row.value for row in headers.rows(THERE) if row.editable}
    new = {f"new-{part}-{row}": "" for row in range(headers.NEW_ROWS) for part in ("name", "value")}
    return rows | new


def test_headers_nobody_touched_are_left_alone() -> None:
    want = headers.wanted(THERE, changes(shown()))
    assert (want.set, want.drop, want.problems) == ({}, [], {})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("text", " spaces stay ", " spaces stay "),
        ("yes", "false", False),
        ("count", "12345678901234567891", 12345678901234567891),
        ("ratio", "2", 2.0),
        ("price", "1.20", Decimal("1.20")),
        ("token", "0a 0b", b"\n\x0b"),
        ("at", "2026-01-02T03:04:06+00:00", datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)),
    ],
)
def test_a_changed_header_keeps_its_type(name: str, text: str, value: HeaderValue) -> None:
    want = headers.wanted(THERE, changes(shown() | {f"header:{name}": text}))
    assert want.problems == {}
    assert want.set == {name: value}
    assert type(want.set[name]) is type(THERE[name])


@pytest.mark.parametrize(
    ("fields", "name", "said"),
    [
        ({"header:count": "many"}, "count", "holds: whole number"),
        ({"header:yes": "perhaps"}, "yes", "holds: true or false"),
        ({"header:price": "cheap"}, "price", "holds: decimal number"),
        ({"header:token": "xyz"}, "token", "holds: bytes"),
        ({"header:list": "[]"}, "list", "not changed here"),
        ({"header:text": "a\nb"}, "text", "control characters"),
        ({"header:dlo-id": "another"}, "dlo-id", "the office's own"),
        ({"new-name-0": "dlo-attempt", "new-value-0": "9"}, "dlo-attempt", "the office's own"),
        ({"new-name-1": "DLO-Attempt", "new-value-1": "9"}, "DLO-Attempt", "the office's own"),
        ({"new-name-0": "", "new-value-0": "9"}, "", "needs a name"),
        ({"new-name-0": "text", "new-value-0": "9"}, "text", "already a header with this name"),
        ({"header:dlo-new": "x"}, "dlo-new", "the office's own"),
    ],
)
def test_what_a_header_cannot_be_is_refused(fields: dict[str, str], name: str, said: str) -> None:
    want = headers.wanted(THERE, changes(shown() | fields))
    assert said in want.problems[name]
    assert (want.set, want.drop) == ({}, [])


def test_headers_are_added_and_removed_but_not_the_offices_own() -> None:
    fields = {"new-name-2": " urgent ", "new-value-2": "yes", "drop:list": "1", "drop:dlo-id": "1"}
    want = headers.wanted(THERE, changes(shown() | fields))
    assert (want.set, want.drop, want.problems) == ({"urgent": "yes"}, ["list"], {})


def test_names_that_are_no_utf8_are_shown_escaped_and_can_be_removed() -> None:
    strange: dict[str, HeaderValue] = {"na\udcffme": "va\udcfelue"}
    [row] = headers.rows(strange)
    assert (row.name, row.value, row.editable) == ("na\\udcffme", "va\\udcfelue", False)
    assert unescape(row.name).encode()
    want = headers.wanted(strange, headers.sent({f"drop:{row.name}": "1"}, strange))
    assert want.drop == ["na\udcffme"]
