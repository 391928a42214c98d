"""Tracebacks as frames, tried on those that Python writes."""

import json
import traceback

import pytest

from dashboard.parts.tracebacks import parse


def raised_in_a_library() -> str:
    try:
        json.loads("{")
    except ValueError:
        return traceback.format_exc()
    raise AssertionError


def raised_twice() -> str:
    try:
        try:
            int("8756 SHARES")
        except ValueError as error:
            raise KeyError("shares\n\nof two paragraphs") from error
    except KeyError:
        return traceback.format_exc()
    raise AssertionError


def test_the_users_own_last_frame_is_the_one_to_look_at() -> None:
    (raised,) = parse(raised_in_a_library())
    assert [frame.function for frame in raised.frames if frame.last] == ["raised_in_a_library"]
    assert raised.frames[-1].library
    assert 'json.loads("{")' in raised.frames[0].code
    assert raised.exception.startswith("json.decoder.JSONDecodeError: ")


def test_a_chain_keeps_its_order_and_the_words_between() -> None:
    first, second = parse(raised_twice())
    assert first.exception == "ValueError: invalid literal for int() with base 10: '8756 SHARES'"
    assert second.link == "The above exception was the direct cause of the following exception:"
    assert second.exception.startswith("KeyError: ")


@pytest.mark.parametrize("text", ["", "java.lang.NullPointerException\n\tat Main.main(Main.java:5)"])
def test_what_python_did_not_write_is_left_as_it_is(text: str) -> None:
    assert parse(text) == []


def test_a_traceback_that_was_cut_short_still_shows_its_frames() -> None:
    (raised,) = parse('Traceback (most recent call last):\n  File "/srv/a.py", line 1, in f\n    g(')
    assert (raised.frames[0].place, raised.frames[0].code, raised.exception) == ("/srv/a.py:1", "g(", "")
