"""Identifiers."""

import time
from itertools import pairwise

import pytest

from consumers.identity import uuid7


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
