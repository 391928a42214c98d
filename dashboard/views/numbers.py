"""Whole numbers in addresses and forms."""

from collections.abc import Mapping

from django.core.exceptions import BadRequest

LARGEST = 2**31 - 1
"""What a column of the database holds."""


def number(fields: Mapping[str, str], name: str) -> int:
    """The number in this field, 0 where it is empty. Raises BadRequest where it is none, or negative."""
    try:
        return whole(fields.get(name) or "0")
    except ValueError as error:
        raise BadRequest("That is not a number.") from error


def whole(text: str) -> int:
    """The number that is written so. Raises ValueError where it is none, negative, or too large."""
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST):
        raise ValueError(f"{text} is not a number.")
    return int(text)
