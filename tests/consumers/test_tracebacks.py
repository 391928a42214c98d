"""Tracebacks as text: those that Python prints, whether made for the first time or not."""

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from consumers.tracebacks import text_of


def fails(error: Exception) -> None:
    raise error


def noted() -> None:
    error = ValueError("no whole number")
    error.add_note("8756 SHARES")
    raise error


def caused() -> None:
    try:
        fails(KeyError("shares"))
    except KeyError as cause:
        raise ValueError("torn") from cause


def in_the_handling_of_another() -> None:
    try:
        fails(KeyError("shares"))
    except KeyError:
        fails(ValueError("torn"))


def instead_of_another() -> None:
    try:
        fails(KeyError("shares"))
    except KeyError:
        raise ValueError("torn") from None


def deep(steps: int = 50) -> None:
    if steps:
        deep(steps - 1)
    fails(ValueError("deep down"))


def misspelt() -> Any:
    return traceback.format_exceptoin  # type: ignore[attr-defined]


def several() -> None:
    raise ExceptionGroup("two", [ValueError("one"), KeyError("other")])


def caught(action: Callable[[], Any]) -> Exception:
    try:
        action()
    except Exception as error:
        return error
    raise AssertionError


class OwnError(Exception):
    pass


class Untold:
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "action",
    [
        lambda: fails(ValueError("no whole number: 8756 SHARES")),
        lambda: fails(ValueError()),
        lambda: fails(ValueError("two\nlines")),
        lambda: fails(KeyError("account")),
        lambda: fails(OwnError("torn")),
        lambda: fails(ValueError(Untold())),
        noted,
        caused,
        in_the_handling_of_another,
        instead_of_another,
        deep,
        misspelt,
        several,
        lambda: compile("8756 SHARES", "trade", "eval"),
    ],
)
def test_a_traceback_is_the_one_that_python_prints_each_time(action: Callable[[], Any]) -> None:
    for _ in range(2):
        error = caught(action)
        assert text_of(error) == "".join(traceback.format_exception(error))


def test_two_failures_in_one_function_are_told_apart() -> None:
    def either(first: bool) -> None:
        if first:
            raise ValueError("same")
        raise ValueError("same")

    texts = {text_of(caught(lambda first=first: either(first))) for first in (True, False)}  # type: ignore[misc]
    assert len(texts) == 2


def test_an_error_that_was_never_raised_has_a_line() -> None:
    assert text_of(ValueError("torn")) == "ValueError: torn\n"


def test_ever_new_stacks_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consumers.tracebacks._KEPT", 3)
    kept: dict[Any, str] = {}
    monkeypatch.setattr("consumers.tracebacks._stacks", kept)
    for number in range(10):
        namespace: dict[str, Any] = {}
        exec(f"def made():\n    raise ValueError({number})", namespace)
        assert f"ValueError: {number}" in text_of(caught(namespace["made"]))
    assert 1 <= len(kept) <= 3
