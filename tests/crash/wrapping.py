"""Putting something before or after a function, from outside."""

from collections.abc import Callable
from functools import wraps
from typing import Any

Replacement = Callable[..., Any]


def around(owner: Any, name: str, make: Callable[[Replacement], Replacement]) -> None:
    """Puts what `make` makes of the function in its place."""
    original = getattr(owner, name)
    setattr(owner, name, wraps(original)(make(original)))


def before(owner: Any, name: str, first: Callable[..., None]) -> None:
    """Calls `first` with the function's own arguments, then the function."""

    def made(original: Replacement) -> Replacement:
        def then(*args: Any, **named: Any) -> Any:
            first(*args, **named)
            return original(*args, **named)

        return then

    around(owner, name, made)


def after(owner: Any, name: str, then: Callable[..., None]) -> None:
    """Calls the function, then `then` with its result and its arguments."""

    def made(original: Replacement) -> Replacement:
        def first(*args: Any, **named: Any) -> Any:
            result = original(*args, **named)
            then(result, *args, **named)
            return result

        return first

    around(owner, name, made)
