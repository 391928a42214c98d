"""Bytes as people read them."""

from hypothesis import given
from hypothesis import strategies as some

from dashboard.parts.payload import HEX_LIMIT, TEXT_LIMIT, payload


def test_text_is_shown_character_for_character() -> None:
    shown = payload('{"name": "Ærø"}\r\n\t'.encode())
    assert (shown.text, shown.exact, shown.notes) == ('{"name": "Ærø"}\r\n\t', True, [])


def test_bytes_that_are_not_utf8_are_shown_as_what_they_are_and_placed() -> None:
    shown = payload(b"12654A87FR4,BUY,AAPL,12\x8154")
    assert "\\x81" in shown.text
    assert "byte 0x81 at 23" in shown.notes[0]
    assert shown.as_text
    assert not shown.exact


def test_bytes_that_are_no_text_are_shown_as_hex_first() -> None:
    shown = payload(bytes(range(256)))
    assert not shown.as_text
    assert shown.hex[4] == (
        "00000040",
        "40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f",
        "@ABCDEFGHIJKLMNO",
    )


def test_characters_that_would_turn_the_text_around_are_shown_as_signs() -> None:
    shown = payload("user\u202enimda\0".encode())
    assert shown.text == "user⟨U+202E⟩nimda␀"
    assert not shown.exact


def test_of_a_large_body_the_first_part_is_shown_and_the_rest_is_counted() -> None:
    shown = payload("é".encode() * TEXT_LIMIT)
    assert shown.text == "é" * (TEXT_LIMIT // 2)
    assert (shown.text_left, shown.hex_left) == (TEXT_LIMIT, 2 * TEXT_LIMIT - HEX_LIMIT)
    assert shown.notes == []


@given(some.binary(max_size=200))
def test_every_byte_is_in_the_hex_view(body: bytes) -> None:
    shown = payload(body)
    assert b"".join(bytes.fromhex(line.bytes) for line in shown.hex) == body
    assert shown.size == len(body)
    assert not shown.exact or shown.text.encode() == body
