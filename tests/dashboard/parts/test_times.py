"""Times and spans in few words."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.parts.times import ago, span

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "just now"),
        (1, "1 s ago"),
        (59.9, "59 s ago"),
        (60, "1 min ago"),
        (7_199, "1 h ago"),
        (6 * 86_400, "6 d ago"),
        (7 * 86_400, "22 Mar 2026"),
        (-20, "in 20 s"),
    ],
)
def test_a_time_is_told_from_now(seconds: float, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0.32, "320 ms"),
        (45, "45 s"),
        (3_600, "1 h"),
        (timedelta(hours=2, minutes=5, seconds=9), "2 h 5 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(length: float, words: str) -> None:
    assert span(length) == words
