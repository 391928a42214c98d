"""Large things are worked at a few at a time."""

import pytest

from workflow_processor import portions
from workflow_processor.portions import in_portions


def test_a_portion_is_no_larger_than_it_may_be_unless_it_is_one_thing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(portions, "PORTION", 10)
    assert list(in_portions([4, 6, 1, 30, 5, 5], int)) == [[4, 6], [1], [30], [5, 5]]
    assert list(in_portions([], int)) == []


def test_a_portion_has_no_more_things_than_asked_for() -> None:
    assert list(in_portions([1, 2, 3], int, most=2)) == [[1, 2], [3]]
