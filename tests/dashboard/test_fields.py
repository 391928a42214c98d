"""A body as a form of fields, and back: nothing changes but the characters of what was changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.editing.fields import LIMIT, fields_of, sent

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
