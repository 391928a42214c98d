"""A body as a form of fields, and back: nothing changes but the characters of what was changed."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.editing import fields
from dashboard.editing.fields import Field, Form
from dashboard.editing.outline import NOTHING, Outline
from dashboard.editing.spots import LIMIT

ORDER = (
    '{ "order" : {"shares": "8756 SHARES", "price": 1.10},\n "ref":12345678901234567890, '
    '"a":[true,null,"\\u00fc"] }'
)


def fields_of(text: str, outline: Outline = NOTHING) -> Sequence[Field]:
    form = fields.form_of(text, outline)
    return form.fields if form else ()


def sent(text: str, form: dict[str, str], outline: Outline = NOTHING) -> Form:
    return fields.sent(text, {"fields": "on"} | form, outline) or Form(text)


def unchanged(text: str) -> dict[str, str]:
    """What a browser sends where nobody touched anything."""
    found = list(enumerate(fields_of(text)))
    values = {f"field-{at}": field.value.replace("\n", "\r\n") for at, field in found}
    return values | {f"kind-{at}": field.kind for at, field in found}


def at(text: str, name: str, outline: Outline = NOTHING) -> str:
    return str([field.name for field in fields_of(text, outline)].index(name))


def singles(text: str, outline: Outline) -> list[Field]:
    return [field for field in fields_of(text, outline) if field.single]


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
    number = at(text, "line 2, B")
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
    shares, side, urgent = singles('{"lines": [{"shares": 1}]}', SCHEMA)
    assert (shares.name, shares.hint.title, shares.absent) == ("lines[0].shares", "Shares", False)
    assert (side.name, side.absent, side.hint.required, side.choices) == ("side", True, True, ["BUY", "SELL"])
    assert (urgent.name, urgent.kind, urgent.choices) == ("urgent", "boolean", ("true", "false"))


def test_what_is_typed_where_a_number_belongs_is_one() -> None:
    text = '{"lines": [{"shares": "8756 SHARES"}], "side": "BUY"}'
    shares = at(text, "lines[0].shares", SCHEMA)
    assert sent(text, {f"field-{shares}": "8756"}, SCHEMA).text == text.replace('"8756 SHARES"', "8756")
    assert sent(text, {f"field-{shares}": "8756 shares"}, SCHEMA).text == text.replace("SHARES", "shares")


def test_what_was_not_there_is_put_in_and_what_is_left_empty_is_not() -> None:
    text = '{"lines": [{}]}'
    assert [one.name for one in singles(text, SCHEMA)] == ["lines[0].shares", "side", "urgent"]
    shares, side, urgent = (at(text, name, SCHEMA) for name in ("lines[0].shares", "side", "urgent"))
    typed = {f"field-{shares}": "12", f"field-{side}": "SELL", f"field-{urgent}": ""}
    assert sent(text, typed, SCHEMA).text == '{"lines": [{"shares": 12}], "side": "SELL"}'
    assert sent(text, {f"field-{shares}": "twelve"}, SCHEMA).problems == {
        f"field-{shares}": "This is not a number, such as 12, 1.5 or -3."
    }


def test_a_schema_that_turns_in_a_circle_is_left_alone() -> None:
    circle = Outline({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}})
    assert [field.name for field in fields_of('{"x": 1}', circle)] == ["x"]


def test_columns_carry_the_names_of_the_line_of_headings() -> None:
    named = [field.name for field in fields_of('account;"shares"\nA1;7\n')]
    assert named[:3] == ["line 1, headings", "heading 1", "heading 2"]
    assert named[3:] == ["line 2", "line 2, account", "line 2, shares"]
    assert fields_of("A1,7\nA2,8\n")[1].name == "line 1, column 1"
    assert [field.name for field in fields_of("A1,7\n")] == ["line 1, column 1", "line 1, column 2"]


def test_a_column_says_its_line_apart_from_its_name() -> None:
    found = fields_of("id,of, both\nA1,7,8\n")
    assert [field.label for field in found if field.single][-2:] == [
        ("line 2, ", "of"),
        ("line 2, ", " both"),
    ]
    assert [field.label for field in fields_of('{"a, b": 1}')] == [("", '["a, b"]')]


def remove(text: str, *names: str, **typed: str) -> Form:
    return sent(text, unchanged(text) | {f"remove-{at(text, name)}": "1" for name in names} | typed)


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (["order.price"], ORDER.replace(', "price": 1.10', "")),
        (["order"], '{ "ref":12345678901234567890, "a":[true,null,"\\u00fc"] }'),
        (["a[1]"], ORDER.replace("null,", "")),
        (["a[1]", "a[2]"], ORDER.replace(',null,"\\u00fc"', "")),
        (["a[0]", "a[1]", "a[2]"], ORDER.replace('true,null,"\\u00fc"', "")),
        (["order.shares", "order", "a"], '{ "ref":12345678901234567890 }'),
    ],
)
def test_parts_are_taken_out_and_all_others_stay_as_they_are_spelled(names: list[str], written: str) -> None:
    assert remove(ORDER, *names).text == written


def test_what_is_to_go_stays_in_the_form_until_the_body_is_saved() -> None:
    form = remove(ORDER, "order.price", **{f"field-{at(ORDER, 'order.shares')}": "1"})
    assert form.base == ORDER.replace("8756 SHARES", "1")
    assert [field.name for field in form.fields if field.removed] == ["order.price"]
    assert sent(form.base, unchanged(form.base)).text == form.base


@given(values, some.data())
def test_without_one_part_the_rest_says_what_it_said(value: object, data: some.DataObject) -> None:
    text = json.dumps([value, value])
    found = fields_of(text)
    number = data.draw(some.sampled_from(range(len(found))))
    gone = found[number].name
    kept = [one for one in found if one.name != gone and not one.name.startswith((f"{gone}.", f"{gone}["))]
    left = fields_of(sent(text, unchanged(text) | {f"remove-{number}": "1"}).text)
    assert [(one.kind, one.value) for one in left] == [(one.kind, one.value) for one in kept]


def test_what_a_schema_requires_cannot_be_removed() -> None:
    text = '{"side": "BUY", "urgent": true}'
    assert [field.removable for field in fields_of(text, SCHEMA)] == [False, True]
    assert sent(text, {"remove-0": "1", "remove-1": "1"}, SCHEMA).text == '{"side": "BUY"}'


TABLE = 'id,n\n"A1, a",1\n\nA2,2\nA3,3'


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (["line 2"], "id,n\n\nA2,2\nA3,3"),
        (["line 3"], 'id,n\n"A1, a",1\n\nA3,3'),
        (["line 4"], 'id,n\n"A1, a",1\n\nA2,2'),
        (["line 3", "line 4"], 'id,n\n"A1, a",1\n'),
        (["line 2", "line 3", "line 4"], "id,n\n"),
    ],
)
def test_whole_lines_are_taken_out_and_all_others_stay_as_they_are(names: list[str], written: str) -> None:
    assert remove(TABLE, *names).text == written
    assert remove(TABLE, *names).base == TABLE


def test_of_lines_neither_the_headings_can_go_nor_single_columns_nor_the_only_one() -> None:
    assert [field.name for field in fields_of(TABLE) if field.removable] == ["line 2", "line 3", "line 4"]
    assert [field.name for field in fields_of("A1,1\nA2,2") if field.removable] == ["line 1", "line 2"]
    assert not any(field.removable for field in fields_of("A1,1"))


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        (TABLE, "text", f"{TABLE}\n,"),
        (TABLE, "copy", f"{TABLE}\nA3,3"),
        ("a;1\r\nb;2\r\n\r\n", "copy", "a;1\r\nb;2\r\nb;2\r\n\r\n"),
        ("a\tb", "text", "a\tb\n\t"),
    ],
)
def test_a_line_is_added_behind_the_last_with_the_end_that_lines_have(
    text: str, kind: str, written: str
) -> None:
    assert add(text, kind=kind).text == written


def test_a_line_comes_as_another_goes_and_a_third_is_changed() -> None:
    number = at(TABLE, "line 3, n")
    form = remove(TABLE, "line 2", **{f"field-{number}": "7", "part-kind": "copy", "then": "add"})
    assert form.text == "id,n\n\nA2,7\nA3,3\nA3,3"
    assert [field.name for field in form.fields if field.removed] == ["line 2"]


def nested(text: str, outline: Outline = NOTHING) -> list[object]:
    """The names of the fields, those of a part in a list behind it."""
    stack: list[list[object]] = [[]]
    for field in fields_of(text, outline):
        stack[-1].append(field.name)
        if not field.single:
            inner: list[object] = []
            stack[-1].append(inner)
            stack.append(inner)
        for _ in field.ends:
            stack.pop()
    assert len(stack) == 1
    return stack[0]


def test_it_is_known_what_belongs_to_what() -> None:
    assert nested('{"a": {"b": [], "c": [1]}, "d": 2}') == [
        *("a", ["a.b", [], "a.c", ["a.c[0]"]]),
        "d",
    ]
    assert nested('{"lines": [{}]}', SCHEMA) == [
        *("lines", ["lines[0]", ["lines[0].shares"]]),
        *("side", "urgent"),
    ]
    assert nested("A,1\nB,2") == [
        *("line 1", ["line 1, column 1", "line 1, column 2"]),
        *("line 2", ["line 2, column 1", "line 2, column 2"]),
    ]


def add(text: str, home: str = "the body", **part: str) -> Form:
    form = fields.form_of(text)
    assert form
    number = [one.name for one in form.homes].index(home)
    typed = {f"part-{name}": value for name, value in part.items()}
    return sent(text, unchanged(text) | typed | {"part-home": str(number), "then": "add"})


@pytest.mark.parametrize(
    ("home", "part", "written"),
    [
        (
            "the body",
            {"name": "urgent", "kind": "boolean", "value": "true"},
            ORDER[:-2] + ', "urgent":true }',
        ),
        ("order", {"name": "qty", "kind": "number", "value": "7"}, ORDER.replace("1.10}", '1.10, "qty": 7}')),
        ("order", {"name": "note"}, ORDER.replace("1.10}", '1.10, "note": ""}')),
        ("a", {"value": 'x"y'}, ORDER.replace('u00fc"]', 'u00fc","x\\"y"]')),
        ("a", {"kind": "copy"}, ORDER.replace('u00fc"]', 'u00fc","\\u00fc"]')),
        ("a", {"kind": "object"}, ORDER.replace('u00fc"]', 'u00fc",{}]')),
        ("a", {"kind": "null"}, ORDER.replace('u00fc"]', 'u00fc",null]')),
    ],
)
def test_a_part_is_added_behind_the_others_as_they_are_written(
    home: str, part: dict[str, str], written: str
) -> None:
    form = add(ORDER, home, **part)
    assert not form.problems
    assert form.text == form.base == written
    assert (form.new.name, form.new.value) == ("", "")


@pytest.mark.parametrize(
    ("home", "part", "said"),
    [
        ("the body", {"value": "x"}, "Enter a name."),
        ("the body", {"name": "ref"}, "There is already a ref."),
        ("the body", {"name": "n", "kind": "number", "value": "x"}, "This is not a number"),
        ("the body", {"name": "n", "kind": "object", "value": "x"}, "It has no value of its own"),
        ("order", {"name": "n", "kind": "copy"}, "There is no item to copy."),
        ("a", {"name": "n", "value": "x"}, "List items have no name."),
        ("a", {"kind": "date", "value": "x"}, "Choose a type."),
    ],
)
def test_a_part_that_cannot_be_is_said_and_nothing_is_changed(
    home: str, part: dict[str, str], said: str
) -> None:
    form = add(ORDER, home, **part)
    assert form.text == form.base == ORDER
    assert form.problems["part"].startswith(said)
    assert form.new.name == part.get("name", "")


def test_an_empty_body_can_be_filled_and_a_form_without_an_addition_adds_nothing() -> None:
    assert add("{}", name="a", value="1", kind="number").text == '{"a": 1}'
    assert sent("{}", {"part-home": "0", "part-kind": "text", "then": "save"}).text == "{}"
    assert sent("{}", {"part-home": "7", "part-name": "a"}).problems == {"part": "Choose where to add it."}
    assert sent('{"a": 1, "a": {}}', {"part-home": "1", "part-name": "b"}).text == '{"a": 1, "a": {"b": ""}}'
