"""JSON and XML in parts: every value as it is spelled, in its place."""

import pytest

from dashboard.parts.folding import DEPTH, LIMIT, PARTS, Part, parts


def told(part: Part) -> str:
    """The part and all within it, as one reads it."""
    label = f"{part.label}: " if part.label else ""
    inner = "".join(map(told, part.items))
    return f"{label}{part.opening}{inner}{part.closing}{',' if part.comma else ''}"


def test_json_folds_and_keeps_its_spelling_and_its_doubles() -> None:
    body = (
        b'{"price": 1.10, "n": 12345678901234567890, "a": [1e2, null], "a": {"\\u00fc": "<b>"}, "none": []}'
    )
    [whole] = parts(body)
    assert told(whole) == (
        '{"price": 1.10,"n": 12345678901234567890,"a": [1e2,null],"a": {"\\u00fc": "<b>"},"none": []}'
    )
    assert [part.label for part in whole.items if part.items] == ['"a"', '"a"']


def test_xml_folds_and_short_elements_are_one_line() -> None:
    start, end = "<?xml version='1.0'?><order  id=\"4>7\"><!-- x -->", "<lines><qty/></lines> end</order>"
    heading, order = parts(f"{start}<side>B&amp;S</side>{end}".encode())
    assert (heading.opening, heading.kind) == ("<?xml version='1.0'?>", "note")
    assert [told(part) for part in order.items] == [
        "<!-- x -->",
        "<side>B&amp;S</side>",
        "<lines><qty/></lines>",
        "end",
    ]
    assert (order.opening, order.closing) == ('<order  id="4>7">', "</order>")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"a,b",
        b"{}",
        b"{'a': 1}",
        b'{"a": \xff}',
        b"<a><b></a>",
        b'<!DOCTYPE a [<!ENTITY b "b">]><a><c>&b;</c></a>',
        b"[" * (DEPTH + 2) + b"]" * (DEPTH + 2),
        b"<a>" * (DEPTH + 2) + b"</a>" * (DEPTH + 2),
        b"[" + b",".join([b"1"] * PARTS) + b"]",
        b'["' + b"a" * LIMIT + b'"]',
    ],
)
def test_what_does_not_fold_has_no_parts(body: bytes) -> None:
    assert parts(body) == ()


def test_signs_that_turn_text_around_are_shown() -> None:
    [whole] = parts('["a\u202eb"]'.encode())
    assert whole.items[0].opening == '"a⟨U+202E⟩b"'
