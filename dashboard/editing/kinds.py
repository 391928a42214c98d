"""The kinds of single values in a form, and what each can be."""

import re

from workflow_processor.repair.texts.json_scan import BOOLEAN, NULL, NUMBER, NUMBER_KIND, STRING

KINDS = {STRING: "text", NUMBER_KIND: "number", BOOLEAN: "true or false", NULL: "null"}

_number = re.compile(NUMBER)
_unfit = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def fits_a_field(value: str) -> bool:
    """Whether a text field can hold it."""
    return not _unfit.search(value)


def trouble(kind: str, value: str) -> str:
    """Why a value of this kind cannot be this; "" where it can."""
    if kind not in KINDS:
        return "Choose a type."
    if kind == NUMBER_KIND and not _number.fullmatch(value):
        return "This is not a number, such as 12, 1.5 or -3."
    if kind == NULL and value:
        return "Null has no value: choose another type."
    if kind == BOOLEAN and value not in ("true", "false"):
        return "Enter true or false."
    return "" if fits_a_field(value) else "Control characters are not allowed here."
