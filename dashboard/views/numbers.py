"""Whole numbers in addresses and forms."""

from collections.abc import Mapping

from django.core.exceptions import BadRequest

LARGEST = 2**31 - 1
"""What a column of the database holds."""


def number(fields: Mapping[str, str], name: str) -> int:
    """The number in this field, 0 where it is empty. Raises BadRequest where it is none, or negative."""
    text = fields.get(name) or "0"
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST):
        raise BadRequest("That is no number.")
    return int(text)
