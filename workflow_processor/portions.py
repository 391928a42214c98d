"""What is worked at in portions, by the bytes that a portion brings into memory."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

PORTION = 16 * 1024 * 1024
"""Bytes of bodies that are in memory at a time; one body may be larger."""


def in_portions(things: Iterable[T], size: Callable[[T], int], most: int | None = None) -> Iterator[list[T]]:
    """These in their order, as many at a time as are no larger together than a portion; `most` at most."""
    portion: list[T] = []
    total = 0
    for thing in things:
        more = size(thing)
        if portion and (total + more > PORTION or len(portion) == most):
            yield portion
            portion, total = [], 0
        portion.append(thing)
        total += more
    if portion:
        yield portion
