"""AMQP's own encoding of properties: read lazily, changed in place, never re-encoded."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import amqp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.brokers import amqp_table
from consumers.brokers.amqp_properties import AmqpProperties
from consumers.errors import MalformedProperties
from consumers.properties import HeaderValue

names = st.text(st.characters(codec="utf-8"), max_size=60)
scalars: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
    | st.binary().filter(lambda data: not data.isascii())
    | st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
    )
    | st.builds(
        lambda digits, scale: Decimal(digits).scaleb(-scale),
        st.integers(-(2**31), 2**31 - 1),
        st.integers(0, 28),
    )
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
tables = st.dictionaries(names, values, max_size=8)

FIXED = {b"t": 1, b"b": 1, b"B": 1, b"s": 2, b"u": 2, b"I": 4, b"i": 4, b"l": 8, b"L": 8, b"f": 4, b"d": 8}
FIXED |= {b"T": 8, b"D": 5, b"V": 0}
raw_values = st.one_of(
    [st.binary(min_size=size, max_size=size).map(kind.__add__) for kind, size in FIXED.items()]
    + [st.binary(max_size=30).map(lambda data: b"S" + len(data).to_bytes(4) + data)]
    + [st.binary(max_size=30).map(lambda data: b"x" + len(data).to_bytes(4) + data)]
)
raw_entries = st.tuples(names, raw_values).map(
    lambda entry: bytes((len(entry[0].encode()),)) + entry[0].encode() + entry[1]
)


def with_table(table: bytes) -> AmqpProperties:
    return AmqpProperties(b"\x30\0" + len(table).to_bytes(4) + table + b"\2")


def by_py_amqp(**properties: Any) -> AmqpProperties:
    return AmqpProperties(cast(Any, amqp.Message(**properties))._serialize_properties())


@given(tables)
def test_a_table_is_read_as_it_was_written(table: dict[str, HeaderValue]) -> None:
    assert amqp_table.decoded(amqp_table.encoded(table)) == table


def name_of(entry: bytes) -> str:
    return entry[1 : 1 + entry[0]].decode(errors="surrogateescape")


@given(st.lists(raw_entries, max_size=8), tables, st.lists(names, max_size=3))
def test_setting_and_dropping_headers_leaves_the_bytes_of_the_others(
    entries: list[bytes], changes: dict[str, HeaderValue], drop: list[str]
) -> None:
    drop += [name_of(entry) for entry in entries[:1]]
    before = with_table(b"".join(entries))
    after = before.with_headers(changes, drop)
    others = [entry for entry in entries if name_of(entry) not in {*changes, *drop}]
    assert after.raw == (
        with_table(b"".join(others) + amqp_table.encoded(changes)).raw if others or changes else b"\x10\0\2"
    )
    for name, value in changes.items():
        assert after.headers[name] == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed_and_nothing_else(raw: bytes) -> None:
    for properties in (AmqpProperties(raw), with_table(raw)):
        for read in (lambda it: it.headers, lambda it: it.publishable, lambda it: it.described()):
            with suppress(MalformedProperties):
                read(properties)


def test_every_type_of_rabbitmqs_is_read() -> None:
    table = {
        "t": b"t\1", "b": b"b\xff", "B": b"B\xff", "s": b"s\xff\xfe", "u": b"u\xff\xfe",
        "I": b"I\xff\xff\xff\xfe", "i": b"i\xff\xff\xff\xfe",
        "l": b"l" + b"\xff" * 8, "L": b"L" + b"\xff" * 8,
        "f": b"f\x3f\x80\0\0", "d": b"d\x3f\xf8" + b"\0" * 6, "D": b"D\2\xff\xff\xcf\xc7",
        "S": b"S\0\0\0\5\xc3\xbcber", "S, not UTF-8": b"S\0\0\0\2\xff\0", "x": b"x\0\0\0\3\0\xff\xce",
        "A": b"A\0\0\0\x06I\0\0\0\1V", "F": b"F\0\0\0\7\1nI\0\0\0\1", "T": b"T\0\0\0\0\x65\x53\xf1\0",
        "T, in ms": b"T\0\0\x01\x8b\xcf\xe5\x68\0", "V": b"V",
    }  # fmt: skip
    raw = b"".join(bytes((len(name),)) + name.encode() + value for name, value in table.items())
    assert dict(with_table(raw).headers) == {
        "t": True, "b": -1, "B": 255, "s": -2, "u": 65534, "I": -2, "i": 2**32 - 2, "l": -1, "L": -1,
        "f": 1.0, "d": 1.5, "D": Decimal("-123.45"),
        "S": "über", "S, not UTF-8": b"\xff\0", "x": b"\0\xff\xce",
        "A": [1, None], "F": {"n": 1}, "T": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        "T, in ms": 1_700_000_000_000, "V": None,
    }  # fmt: skip


def test_what_another_client_encoded_is_read() -> None:
    properties = by_py_amqp(
        content_type="text/csv",
        content_encoding="utf-8",
        application_headers={"account": "12654A87FR4", "n": 2**40, "list": [1, {"deep": None}]},
        delivery_mode=2,
        priority=9,
        correlation_id="c-1",
        reply_to="answers",
        expiration="60000",
        message_id="m-1",
        timestamp=1_700_000_000,
        type="trade",
        user_id="guest",
        app_id="producer",
        cluster_id="old",
    )
    assert properties.headers == {"account": "12654A87FR4", "n": 2**40, "list": [1, {"deep": None}]}
    assert (properties.message_id, properties.correlation_id) == ("m-1", "c-1")
    assert (properties.reply_to, properties.content_type, properties.type) == ("answers", "text/csv", "trade")
    assert properties.described() == {
        "content_type": "text/csv",
        "content_encoding": "utf-8",
        "delivery_mode": 2,
        "priority": 9,
        "correlation_id": "c-1",
        "reply_to": "answers",
        "expiration": "60000",
        "message_id": "m-1",
        "timestamp": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        "type": "trade",
        "user_id": "guest",
        "app_id": "producer",
        "cluster_id": "old",
    }


def test_what_is_built_another_client_reads() -> None:
    built = AmqpProperties.build(
        {"n": 1, "text": "über"},
        message_id="m-1",
        correlation_id="c-1",
        reply_to="answers",
        content_type="text/csv",
        type="trade",
    )
    message: Any = amqp.Message()
    message._load_properties(60, built.raw, 0)
    assert message.properties == {
        "content_type": "text/csv",
        "application_headers": {"n": 1, "text": "über"},
        "delivery_mode": 2,
        "correlation_id": "c-1",
        "reply_to": "answers",
        "message_id": "m-1",
        "type": "trade",
    }


def test_properties_that_are_safe_to_publish_leave_untouched() -> None:
    safe = by_py_amqp(
        content_type="text/csv", application_headers={"a": 1}, delivery_mode=2, message_id="m-1"
    )
    assert safe.publishable is safe.raw


@pytest.mark.parametrize(
    ("unsafe", "safe"),
    [
        ({}, {"delivery_mode": 2}),
        ({"delivery_mode": 1, "priority": 5}, {"delivery_mode": 2, "priority": 5}),
        ({"delivery_mode": 2, "expiration": "1"}, {"delivery_mode": 2}),
        ({"delivery_mode": 2, "user_id": "somebody", "type": "t"}, {"delivery_mode": 2, "type": "t"}),
        (
            {"delivery_mode": 2, "application_headers": {"CC": ["other"], "a": 1, "BCC": ["more"]}},
            {"delivery_mode": 2, "application_headers": {"a": 1}},
        ),
    ],
    ids=["no delivery mode", "not persistent", "expiration", "user id", "CC and BCC"],
)
def test_what_would_lose_or_spread_a_requeue_is_taken_out(
    unsafe: dict[str, Any], safe: dict[str, Any]
) -> None:
    assert by_py_amqp(**unsafe).publishable == by_py_amqp(**safe).raw


def test_what_the_broker_says_of_a_delivery_is_no_part_of_the_message() -> None:
    sent = by_py_amqp(application_headers={"a": 1}, delivery_mode=2)
    delivered = by_py_amqp(application_headers={"a": 1, "x-delivery-count": 3}, delivery_mode=2)
    assert AmqpProperties.received(delivered.raw) == sent
    bare = by_py_amqp(application_headers={"x-delivery-count": 1}, delivery_mode=2)
    assert AmqpProperties.received(bare.raw) == by_py_amqp(delivery_mode=2)


@given(tables, names)
def test_a_header_asked_for_alone_is_what_it_is_among_all(table: dict[str, HeaderValue], name: str) -> None:
    encoded = amqp_table.encoded(table)
    for asked in (*table, name):
        assert with_table(encoded).headers.get(asked) == table.get(asked)


@pytest.mark.parametrize("length", [255, 256, 257, 1_000])
def test_a_header_of_a_name_that_is_too_long_is_not_there(length: int) -> None:
    headers = AmqpProperties.build({"account": "1"}).headers
    assert "x" * length not in headers
    assert headers.get("é" * (length // 2)) is None


def test_a_header_that_another_ones_value_quotes_is_found_where_it_stands() -> None:
    own: dict[str, HeaderValue] = {"account": "1"}
    quoting: dict[str, HeaderValue] = {"note": amqp_table.encoded({"account": "2"})}
    assert AmqpProperties.build(own | quoting).headers["account"] == "1"
    assert "account" not in AmqpProperties.build(quoting).headers


def test_headers_nested_without_end_are_malformed_and_stay_as_they_are() -> None:
    table = b""
    for _ in range(5_000):
        table = b"\1nF" + len(table).to_bytes(4) + table
    deep = with_table(table)
    with pytest.raises(MalformedProperties, match="deep"):
        _ = deep.headers
    assert deep.publishable is deep.raw
    assert deep.with_headers({"a": 1}, drop=["n"]).headers == {"a": 1}


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**63,
        Decimal("NaN"),
        Decimal(2**31),
        "\ud800",
        datetime(1969, 1, 1, tzinfo=UTC),
    ],
)
def test_a_value_that_rabbitmq_cannot_hold_is_refused_before_it_is_sent(value: HeaderValue) -> None:
    with pytest.raises(MalformedProperties):
        AmqpProperties.build({"value": value})


def test_a_name_longer_than_amqp_takes_is_refused() -> None:
    with pytest.raises(MalformedProperties, match="255"):
        AmqpProperties.build(message_id="m" * 256)
