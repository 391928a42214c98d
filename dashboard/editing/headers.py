"""Headers with their types, as people see and change them. A header nobody touched keeps its very bytes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from consumers.message import RESERVED
from consumers.properties import Headers, HeaderValue

KINDS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Decimal: "decimal number",
    bytes: "bytes, in hexadecimal",
    datetime: "time",
    list: "list",
    dict: "table",
    type(None): "nothing",
}
NEW_ROWS = 3

_unfit = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Header:
    """One header as the page shows it."""

    name: str
    value: str
    kind: str
    ours: bool
    """Set by the office, and nobody else's to change."""
    editable: bool
    """Whether a text field can hold it."""
    dropped: bool = False
    problem: str = ""


@dataclass(slots=True)
class HeaderChanges:
    """What a person made of the headers."""

    values: dict[str, str] = field(default_factory=dict)
    """Names of headers that are there, and their texts."""
    drop: set[str] = field(default_factory=set)
    added: list[tuple[str, str]] = field(default_factory=list)


class Wanted(NamedTuple):
    """What is to be done with a message's headers."""

    set: dict[str, HeaderValue]
    drop: list[str]
    problems: dict[str, str]
    """By name of the header: why it is left as it is."""


def rows(headers: Headers) -> list[Header]:
    return [_row(name, value) for name, value in headers.items()]


def changed_rows(headers: Headers, changes: HeaderChanges, problems: Mapping[str, str]) -> list[Header]:
    """The rows, with what the person typed in them."""
    return [
        replace(
            row,
            value=changes.values.get(row.name, row.value) if row.editable else row.value,
            dropped=row.name in changes.drop,
            problem=problems.get(row.name, ""),
        )
        for row in rows(headers)
    ]


def sent(fields: Mapping[str, str], before: Headers) -> HeaderChanges:
    """What came back in the form and differs from what it showed: in `header:NAME`, `drop:NAME`, and
    `new-name-0` with `new-value-0` and so on."""
    shown = {row.name: row.value for row in rows(before)}
    named = [(*name.partition(":")[::2], value) for name, value in fields.items()]
    numbers = [name.removeprefix("new-name-") for name in fields if name.startswith("new-name-")]
    new = [(fields[f"new-name-{number}"], fields.get(f"new-value-{number}", "")) for number in numbers]
    return HeaderChanges(
        values={name: value for part, name, value in named if part == "header" and value != shown.get(name)},
        drop={name for part, name, _ in named if part == "drop"},
        added=[(name.strip(), value) for name, value in new if name.strip() or value],
    )


def on(now: Headers, changes: HeaderChanges) -> HeaderChanges:
    """The same changes to headers that somebody else changed meanwhile: one that is gone is added again."""
    there = {row.name for row in rows(now)}
    values = {name: value for name, value in changes.values.items() if name in there}
    gone = [(name, value) for name, value in changes.values.items() if name not in there]
    return HeaderChanges(values, changes.drop & there, [*gone, *changes.added])


def wanted(headers: Headers, changes: HeaderChanges) -> Wanted:
    """What the changes come to on these headers."""
    there = {row.name: (name, row) for name, row in zip(headers, rows(headers), strict=True)}
    want = Wanted({}, [name for name, row in there.values() if row.name in changes.drop and not row.ours], {})
    for name, text in [*changes.values.items(), *changes.added]:
        row = there[name][1] if name in there and (name, text) not in changes.added else None
        if problem := _trouble(name, text, row, headers):
            want.problems[name] = problem
        elif name not in changes.drop:
            want.set[name] = _read(text, headers[name]) if row else text
    return want


def text_of(value: HeaderValue) -> str:
    """A value in words; read back by `_read`, but for lists and tables."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case bytes():
            return value.hex(" ")
        case datetime():
            return value.isoformat()
        case list() | dict():
            return _safe(json.dumps(value, default=_in_json, ensure_ascii=False))
        case _:
            return _safe(str(value))


def _row(name: str, value: HeaderValue) -> Header:
    text, safe = text_of(value), _safe(name)
    ours = name.lower().startswith(RESERVED)
    fits = safe == name and not _unfit.search(text) and not isinstance(value, list | dict | None)
    return Header(safe, text, KINDS.get(type(value), "value"), ours, fits and not ours)


def _read(text: str, before: HeaderValue) -> HeaderValue:
    """The text as a value of the type that the header had. Raises ValueError or ArithmeticError."""
    match before:
        case bool():
            return ("false", "true").index(text.strip().lower()) == 1
        case int():
            return int(text)
        case float():
            return float(text)
        case Decimal():
            return Decimal(text)
        case bytes():
            return bytes.fromhex(text)
        case datetime():
            return datetime.fromisoformat(text)
        case _:
            return text


def _trouble(name: str, text: str, row: Header | None, headers: Headers) -> str:
    """Why this header cannot have this text; `row` is what it was, None for one that is new."""
    if name.lower().startswith(RESERVED):
        return f"Headers that begin with {RESERVED} are the office's own; nobody else can set one."
    if _unfit.search(name + text) or not name:
        return "A header needs a name without control characters."
    if not row:
        return "There is already a header with this name; change it above." if name in headers else ""
    try:
        _read(text, headers[name])
    except (ValueError, ArithmeticError):
        return f"This does not fit what the header holds: {row.kind}."
    return "" if row.editable else "This header can be removed, but not changed here."


def _in_json(value: object) -> str:
    return value.hex(" ") if isinstance(value, bytes) else str(value)


def _safe(text: str) -> str:
    """The text as a page can hold it: what came in as bytes that are no UTF-8 is escaped."""
    return text.encode(errors="backslashreplace").decode()
