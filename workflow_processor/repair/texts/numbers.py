"""Texts that are numbers, and what would be lost if they were written as one."""

import re
from decimal import Decimal, InvalidOperation

from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.json_scan import NUMBER

DIGITS = 400
_number = re.compile(NUMBER)


def number(text: str) -> str:
    """The text, where it is a JSON number that every reader understands as the same one. Raises Cannot.

    A reader may hold numbers as 64-bit floats, as browsers do: more digits than those hold would change, and
    what is beyond their range would become infinite.
    """
    if len(text) > DIGITS or not _number.fullmatch(text):
        raise Cannot(f"{shown(text)} is not spelled as a number")
    held = float(text)
    try:
        same = Decimal(text) == Decimal(repr(held))
    except InvalidOperation:
        same = False
    if not same:
        raise Cannot(f"{shown(text)} has more digits than every reader of numbers keeps")
    return text


def exact_number(text: str) -> str:
    """The same, where it would also be printed as this text again: not 1.10, 1e3 or -0. Raises Cannot."""
    held = float(number(text))
    printed = repr(int(text)) if _whole(text) else repr(held)
    if printed != text:
        raise Cannot(f"{shown(text)} as a number would read {printed}")
    return text


def shown(text: str) -> str:
    """A value as reasons quote it."""
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def _whole(text: str) -> bool:
    return text.removeprefix("-").isdigit()
