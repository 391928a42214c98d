"""A body as a form of fields, and back: nothing changes but the characters of what was changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.editing.fields import fields_of, sent
from dashboard.editing.outline import Outline
from dashboard.editing.spots import LIMIT

ORDER = (
    '{ "order" : {"shares": "8756 SHARES", "price": 1.10},\n "ref":12345678901234567890, '
    '"a":[true,null,"\\u00fc"] }'
)


def unchanged(text: str) -> dict[str, str]:
    """What a browser sends where nobody touched anything."""
    found = list(enumerate(fields_of(text)))
    values = {f"field-{at}": field.value.replace("\n", "\r\n") for at, field in found}
    return values | {f"kind-{at}": field.kind for at, field in found}


def at(text: str, name: str) -> str:
    return str([field.name for field in fields_of(text)].index(name))


values = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values, some.booleans(), some.sampled_from([None, 2]))
def test_a_form_that_nobody_touched_gives_the_same_text(
    value: object, ascii: bool, indent: int | None
) -> None:
    text = json.dumps([value], ensure_ascii=ascii, indent=indent)
    assert sent(text, unchanged(text)).text == text
    assert not sent(text, unchanged(text)).problems


@pytest.mark.parametrize(
    "text", ["a,b\nc,d", 'a;"b ""q"""\n1;2\n', "", "no columns", '{"a": 1, "a": 2}', "{broken"]
)
def test_nor_does_any_other_text_change_unasked(text: str) -> None:
    assert sent(text, unchanged(text)).text == text


def test_of_json_the_changed_value_alone_is_written_anew() -> None:
    number = at(ORDER, "order.shares")
    filled = sent(ORDER, unchanged(ORDER) | {f"field-{number}": "8756", f"kind-{number}": "number"})
    assert filled.text == ORDER.replace('"8756 SHARES"', "8756")


def test_a_text_is_written_as_json_writes_it() -> None:
    number = at(ORDER, "order.shares")
    filled = sent(ORDER, unchanged(ORDER) | {f"field-{number}": 'a "b"\\\r\nc'})
    assert json.loads(filled.text)["order"]["shares"] == 'a "b"\\\nc'
    assert '"price": 1.10},\n "ref":12345678901234567890' in filled.text


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("boolean", "false", "false"),
        ("null", "", "null"),
        ("text", "true", '"true"'),
        ("number", " 1.50 ", "1.50"),
    ],
)
def test_a_value_is_made_another_kind(kind: str, value: str, written: str) -> None:
    number = at(ORDER, "a[0]")
    filled = sent(ORDER, unchanged(ORDER) | {f"kind-{number}": kind, f"field-{number}": value})
    assert filled.text == ORDER.replace("true", written)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "8756 SHARES"), ("number", ""), ("number", "01"), ("boolean", "yes"), ("null", "x")],
)
def test_what_is_not_of_its_kind_is_said_and_changes_nothing(kind: str, value: str) -> None:
    number = at(ORDER, "order.price")
    other = at(ORDER, "order.shares")
    typed = {f"kind-{number}": kind, f"field-{number}": value, f"field-{other}": "1"}
    filled = sent(ORDER, unchanged(ORDER) | typed)
    assert filled.text == ORDER
    assert list(filled.problems) == [f"field-{number}"]
    assert filled.fields[int(other)].value == "1"


def test_of_columns_the_changed_one_alone_is_written_anew() -> None:
    text = 'A,B\n"x, y",8756 SHARES\n'
    number = at(text, "line 2, column 2")
    assert sent(text, unchanged(text) | {f"field-{number}": "8,756"}).text == 'A,B\n"x, y","8,756"\n'


def test_a_value_that_no_field_can_hold_is_left_alone() -> None:
    text = '{"a": "one\\r\\ntwo", "b": "\\ud800", "c": "\\u0000"}'
    assert not any(field.editable for field in fields_of(text))
    assert sent(text, {f"field-{number}": "x" for number in range(3)}).text == text


def test_of_too_many_fields_there_is_no_form() -> None:
    assert len(fields_of(json.dumps([1] * LIMIT))) == LIMIT
    assert not fields_of(json.dumps([1] * (LIMIT + 1)))


SCHEMA = Outline(
    {
        "$defs": {"line": {"properties": {"shares": {"type": "integer", "title": "Shares"}}}},
        "properties": {
            "side": {"enum": ["BUY", "SELL"], "description": "What the client wants."},
            "lines": {"items": {"$ref": "#/$defs/line"}},
            "urgent": {"type": "boolean"},
            "desk": {"type": ["string", "null"]},
        },
        "required": ["side"],
    }
)


def test_a_schema_names_the_fields_and_offers_those_that_are_not_there() -> None:
    shares, side, urgent = fields_of('{"lines": [{"shares": 1}]}', SCHEMA)
    assert (shares.name, shares.hint.title, shares.absent) == ("lines[0].shares", "Shares", False)
    assert (side.name, side.absent, side.hint.required, side.choices) == ("side", True, True, ["BUY", "SELL"])
    assert (urgent.name, urgent.kind, urgent.choices) == ("urgent", "boolean", ("true", "false"))


def test_what_is_typed_where_a_number_belongs_is_one() -> None:
    text = '{"lines": [{"shares": "8756 SHARES"}], "side": "BUY"}'
    assert sent(text, {"field-0": "8756"}, SCHEMA).text == text.replace('"8756 SHARES"', "8756")
    assert sent(text, {"field-0": "8756 shares"}, SCHEMA).text == text.replace("SHARES", "shares")


def test_what_was_not_there_is_put_in_and_what_is_left_empty_is_not() -> None:
    text = '{"lines": [{}]}'
    names = [field.name for field in fields_of(text, SCHEMA)]
    assert names == ["lines[0].shares", "side", "urgent"]
    typed = {"field-0": "12", "field-1": "SELL", "field-2": ""}
    assert sent(text, typed, SCHEMA).text == '{"lines": [{"shares": 12}], "side": "SELL"}'
    assert sent(text, {"field-0": "twelve"}, SCHEMA).problems == {
        "field-0": "This is no number: digits, a point, and nothing else."
    }


def test_a_schema_that_turns_in_a_circle_is_left_alone() -> None:
    circle = Outline({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}})
    assert [field.name for field in fields_of('{"x": 1}', circle)] == ["x"]
