"""Stream entries in and out of messages."""

from hypothesis import given
from hypothesis import strategies as st

from consumers.brokers.valkey_entries import fields_of, message_of

names = st.sampled_from([b"body", b"account", b"", b"\xff"]) | st.binary(max_size=10)


def entry(*pairs: tuple[bytes, bytes]) -> list[bytes]:
    return [part for pair in pairs for part in pair]


def test_the_field_body_is_the_body_and_all_others_are_properties() -> None:
    message = message_of(entry((b"account", b"1"), (b"body", b"\0payload"), (b"message-id", b"m-1")))
    assert (message.body, message.headers, message.message_id) == (b"\0payload", {"account": "1"}, "m-1")


def test_an_entry_without_a_body_leaves_as_it_came() -> None:
    foreign = entry((b"account", b"1"), (b"side", b"BUY"), (b"account", b"2"))
    message = message_of(foreign)
    assert (message.body, message.headers) == (b"", {"account": "2", "side": "BUY"})
    assert fields_of(message) == foreign


@given(st.lists(st.tuples(names, st.binary(max_size=20)), min_size=1, max_size=6))
def test_any_entry_is_the_same_message_after_another_journey(pairs: list[tuple[bytes, bytes]]) -> None:
    message = message_of(entry(*pairs))
    assert message_of(fields_of(message)) == message
