"""Identifiers."""

import time
from itertools import pairwise

import pytest

from consumers.brokers.amqp_properties import AmqpProperties
from consumers.fields import FieldProperties
from consumers.identity import digest, own_id, uuid7
from consumers.message import Message
from consumers.properties import Properties


def test_identifiers_of_one_process_are_in_the_order_in_which_they_were_made() -> None:
    made = [uuid7() for _ in range(10_000)]
    assert all(one < next for one, next in pairwise(made))
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}


def test_a_clock_that_goes_back_does_not_take_them_along(monkeypatch: pytest.MonkeyPatch) -> None:
    before = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert uuid7() > before


def test_an_identifier_tells_its_time() -> None:
    began = time.time_ns() // 1_000_000
    assert began <= uuid7().int >> 80 <= time.time_ns() // 1_000_000 + 1


KINDS = pytest.mark.parametrize("kind", [FieldProperties, AmqpProperties])


def with_id(kind: type[Properties], id: bytes) -> Message:
    if kind is FieldProperties:
        return Message(b"same", FieldProperties.of([(b"message-id", id)]))
    raw = b"\x00\x80" + bytes((len(id),)) + id  # the flag of the message id, and a short string
    return Message(b"same", AmqpProperties(raw))


@KINDS
def test_an_empty_id_is_none(kind: type[Properties]) -> None:
    message = with_id(kind, b"")
    assert (message.message_id, own_id(message)) == (None, None)
    assert message.identity == message.derived_id


@KINDS
def test_ids_that_are_no_text_stay_different_and_can_be_stored(kind: type[Properties]) -> None:
    counters = [number.to_bytes(8) for number in (128, 129, (1 << 64) - 1, 0, 1)]
    messages = [with_id(kind, counter) for counter in counters]
    ids = [own_id(message) or "" for message in messages]
    assert len(set(ids)) == len({digest("queue", "tests", message) for message in messages}) == 5
    assert not any("\0" in id or "\N{REPLACEMENT CHARACTER}" in id for id in ids)
    assert all(id.encode() for id in ids)
