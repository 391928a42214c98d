"""JSON and XML in parts: every value as it is spelled, in its place."""

import json

import pytest

from dashboard.parts.folding import CHARACTERS, DEPTH, LIMIT, PARTS, VALUE, Part, parts


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
        b'["' + b"a" * LIMIT + b'"]',
    ],
)
def test_what_does_not_fold_has_no_parts(body: bytes) -> None:
    assert parts(body) == ()


def test_signs_that_turn_text_around_are_shown() -> None:
    [whole] = parts('["a\u202eb"]'.encode())
    assert whole.items[0].opening == '"a⟨U+202E⟩b"'


def shown(part: Part) -> int:
    return 1 + sum(map(shown, part.items))


def lacking(part: Part) -> list[int]:
    return [part.left, *(left for item in part.items for left in lacking(item))]


def test_of_many_parts_the_first_are_shown_and_each_tells_what_it_lacks() -> None:
    lines = [{"id": number, "tags": [number, number + 1]} for number in range(5_000)]
    [whole] = parts(json.dumps({"lines": lines, "end": True}).encode())
    [line] = whole.items
    assert PARTS <= shown(whole) <= PARTS + 5
    assert (whole.number, whole.left, line.number) == (2, 1, 5_000)
    assert line.items[0].items[0].opening == "0"
    assert all(part.comma for part in line.items)


def test_of_many_elements_the_first_are_shown_and_the_rest_is_counted() -> None:
    body = "<all>" + "".join(f"<a><b>{number}</b><c/></a>" for number in range(5_000)) + "<z/></all>"
    [whole] = parts(body.encode())
    assert shown(whole) <= PARTS
    assert (whole.number, whole.closing) == (5_001, "</all>")
    assert sum(lacking(whole)) < 5_001


def test_a_long_value_is_cut_and_long_values_are_few() -> None:
    texts = ["x" * 10_000] * 90
    [whole] = parts(json.dumps(texts).encode())
    first = whole.items[0]
    assert (len(first.opening), first.cut) == (VALUE, 10_002 - VALUE)
    assert sum(len(item.opening) for item in whole.items) <= CHARACTERS + VALUE
    assert whole.number == 90
