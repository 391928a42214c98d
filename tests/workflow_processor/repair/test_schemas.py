"""Schemas: what they find, told in words; what they may not reach; what is written otherwise without loss."""

import json
from typing import Any

import pytest

from workflow_processor.repair.schemas.coercions import COERCIONS, coerced
from workflow_processor.repair.schemas.validation import Schema, SchemaError, read

ORDER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["shares"],
    "properties": {
        "shares": {"type": "integer", "maximum": 9999},
        "price": {"type": "number"},
        "rush": {"type": "boolean"},
        "side": {"enum": ["BUY", "SELL"]},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "lines": {"type": "array", "items": {"properties": {"qty": {"type": ["integer", "null"]}}}},
    },
    "additionalProperties": False,
}


def schema(raw: Any = ORDER) -> Schema:
    return read(json.dumps(raw))


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (b'{"shares": 12}', ()),
        (b'\xef\xbb\xbf{"shares": 12.0}', ()),
        (b'{"shares": "12"}', ("shares: it is text, but should be a whole number",)),
        (b"{}", ("shares is missing",)),
        (b"[]", ("it is a list, but should be an object",)),
        (b'{"shares": 1, "x": 1}', ("x is not allowed here",)),
        (b'{"shares": 1, "side": "BYU"}', ('side: "BYU" is not one of "BUY" or "SELL"',)),
        (
            b'{"shares": 1, "lines": [{}, {"qty": 1.5}]}',
            ("lines[1].qty: it is a number, but should be a whole number or null",),
        ),
        (
            b'{"shares": 12345678901234567890}',
            ("shares: 12345678901234567890 is greater than the maximum of 9999",),
        ),
        (b'{"shares": NaN}', ("the body is not JSON",)),
        (b"\xff", ("the body is not UTF-8 (byte 0)",)),
        (b"[" * 5_000, ("the body is not JSON",)),
    ],
)
def test_problems_are_told_with_their_places(body: bytes, problems: tuple[str, ...]) -> None:
    assert schema().problems(body) == problems


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("{", "The schema is not JSON."),
        ("[]", "A schema is a JSON object."),
        ('{"type": "nonsense"}', "The schema cannot be used: "),
        ('{"$ref": "https://example.com/order.json"}', "The schema cannot be used: "),
        ('{"$ref": "file:///etc/passwd"}', "The schema cannot be used: "),
        ('{"$schema": "https://example.com/mine"}', "The schema cannot be used: "),
        ('{"pattern": "(a+)+(?=b)"}', "The schema cannot be used: "),
        ('{"title": "' + "x" * 600_000 + '"}', "The schema has 600,013 bytes"),
    ],
)
def test_a_schema_that_is_none_or_reaches_out_is_refused(raw: str, why: str) -> None:
    with pytest.raises(SchemaError) as refused:
        read(raw)
    assert str(refused.value).startswith(why)


DOUBLED = {f"d{at}": {"anyOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(30)}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"$ref": "#/$defs/d0", "$defs": DOUBLED | {"d30": {}}}, "written out it has more than 20,000 parts"),
        ({"allOf": [{"properties": {"a": {"$ref": "#"}}}] * 2}, "it refers to # twice at one place"),
        (
            {"properties": {"a": {"$ref": "#"}}, "patternProperties": {"^a": {"$ref": "#"}}},
            "it refers to # twic",
        ),
        ({"items": {"$ref": "#"}, "contains": {"$ref": "#"}}, "it refers to # twice at one place"),
        ({"properties": {"a": {"$ref": "#", "properties": {"a": {"$ref": "#"}}}}}, "it refers to # twice"),
        ({"anyOf": [{"$ref": "#"}]}, "it refers to # twice at one place, and so without end"),
        (
            {
                "$ref": "#/$defs/a",
                "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}] * 2}, "b": {"not": {"$ref": "#/$defs/a"}}},
            },
            "it refers to #/$defs/a twice",
        ),
        ({"$ref": "#/$defs/none"}, "#/$defs/none is no path to a part of it"),
        ({"$dynamicRef": "#node"}, "it has a dynamic reference"),
        ({"$ref": "x", "$defs": {"x": {"$id": "x"}}}, "it refers to x, which is outside of it"),
        (
            {"properties": {"a": {"$id": "x", "$ref": "#/b"}}},
            "it has a dynamic reference or a part with an $id",
        ),
    ],
    ids=str,
)
def test_a_schema_that_could_take_without_end_is_refused(raw: dict[str, Any], why: str) -> None:
    with pytest.raises(SchemaError) as refused:
        schema(raw)
    assert str(refused.value).startswith(f"The schema cannot be used: {why}")


def test_a_body_with_too_many_values_for_a_large_schema_is_not_checked() -> None:
    large = schema({"items": {"anyOf": [{"const": at} for at in range(5_000)]}})
    assert large.problems(json.dumps([1] * 10_000).encode()) == (
        "the body has too many values for a schema of so many parts",
    )


def test_a_schema_may_refer_to_itself() -> None:
    tree = {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "value": {"type": "integer"}}}
    assert schema(tree).problems(b'{"left": {"right": {"value": 1}}}') == ()
    assert schema(tree).problems(b'{"left": {"value": "1"}}') != ()


@pytest.mark.parametrize(
    ("switch", "before", "after"),
    [
        ("numbers", b'{ "shares": "1254" , "price":"1.5"}', b'{ "shares": 1254 , "price":1.5}'),
        ("booleans", b'{"shares": 1, "rush": "true"}', b'{"shares": 1, "rush": true}'),
        ("lone_values", b'{"shares": 1, "tags": 7}', b'{"shares": 1, "tags": [7]}'),
        ("numbers lone_values", b'{"shares": 1, "tags": "7"}', b'{"shares": 1, "tags": [7]}'),
        (
            "numbers lone_values",
            b'{"shares": "1", "lines": {"qty": "2", "z": 1.10}}',
            b'{"shares": 1, "lines": [{"qty": 2, "z": 1.10}]}',
        ),
        ("numbers", b'{"shares": "-3", "x": 1.10, "x": 2}', b'{"shares": -3, "x": 1.10, "x": 2}'),
    ],
)
def test_what_is_lost_by_nobody_is_written_as_the_schema_wants_it(
    switch: str, before: bytes, after: bytes
) -> None:
    made = coerced(before, schema(), switch.split())
    assert made
    assert made.body == after


@pytest.mark.parametrize(
    "body",
    [
        b'{"shares": "1e400"}',
        b'{"shares": "1e3"}',
        b'{"shares": "007"}',
        b'{"shares": " 12"}',
        b'{"shares": "+12"}',
        b'{"shares": "1.5"}',
        b'{"shares": "1.0"}',
        b'{"shares": "-0"}',
        b'{"shares": "0x1F"}',
        b'{"shares": "1_000"}',
        '{"shares": "١٢"}'.encode(),
        b'{"shares": ""}',
        b'{"shares": null}',
        b'{"shares": "12345678901234567890"}',
        b'{"shares": "10000"}',
        b'{"price": "1.10"}',
        b'{"price": "NaN"}',
        b'{"price": "0.1000000000000000055511151231257827"}',
        b'{"rush": "yes"}',
        b'{"rush": "True"}',
        b'{"rush": 1}',
        b'{"tags": null}',
        b'{"tags": "x"}',
        b'{"side": "1"}',
        b'{"shares": "1", "shares": "2"}',
        b"not JSON",
    ],
)
def test_what_would_lose_or_invent_something_stays(body: bytes) -> None:
    assert coerced(body, schema(), COERCIONS) is None


def test_nothing_is_written_otherwise_unless_it_is_asked_for() -> None:
    assert coerced(b'{"shares": "1", "rush": "true", "tags": 1}', schema(), ()) is None
    made = coerced(b'{"shares": "1", "rush": "true", "tags": 1}', schema(), ["booleans"])
    assert made == (b'{"shares": "1", "rush": true, "tags": 1}', ("rush as true",))
