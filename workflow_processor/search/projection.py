"""A message in the forms that it is searched by.

A body is searched as text as far as it is text, and by path where it is JSON or one line of columns. Both end
at `LIMIT`: a larger body is searched by its beginning, and not by path.
"""

import csv
import re
from math import isfinite
from typing import Any, NamedTuple

import orjson

from consumers.errors import OfficeError
from consumers.message import Message
from consumers.properties import HeaderValue

LIMIT = 64 * 1024
"""Bytes of a body, and of headers, that are searched."""
SEPARATORS = ",;\t|"

# What jsonb refuses and JSON allows; an even number of backslashes before it is text.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Projection(NamedTuple):
    text: str
    body: str | None
    """JSON, as it came; or an object of columns, numbered from 1."""
    headers: str | None


def project(message: Message) -> Projection:
    """The searchable forms of a message, of which a byte more than `LIMIT` is enough; what it cannot be
    searched by is absent."""
    text = clean(message.body[:LIMIT].decode(errors="replace"))
    whole = len(message.body) <= LIMIT
    document = _json(text) if whole else None
    if document and "\\" in text:
        # What JSON hides behind escapes is found as what it says.
        text = f"{text}\n{orjson.dumps(orjson.loads(document)).decode()}"
    return Projection(text, document or (_columns(message.body) if whole else None), _headers(message))


def clean(text: str) -> str:
    """Text that PostgreSQL can keep."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _json(text: str) -> str | None:
    try:
        orjson.dumps(orjson.loads(text))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # not JSON; NaN, lone surrogates, deep nesting
        return None
    return None if _NUL.search(text) else text


def _columns(body: bytes) -> str | None:
    """One line of two or more columns, by the number of each."""
    try:
        lines = body.decode().splitlines()
    except UnicodeDecodeError:
        return None
    if len(lines) != 1 or "\0" in lines[0] or lines[0].lstrip()[:1] in ("{", "[", "<"):
        return None
    widest = max((_split(lines[0], separator) for separator in SEPARATORS), key=len)
    if len(widest) < 2:
        return None
    return orjson.dumps({str(number): value for number, value in enumerate(widest, 1)}).decode()


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def _headers(message: Message) -> str | None:
    if len(message.properties.raw) > LIMIT:
        return None
    try:
        return orjson.dumps(_plain(dict(message.headers))).decode()
    except OfficeError:
        return None


def _plain(value: HeaderValue) -> Any:
    """A header's value as JSON has it; what JSON has no kind for becomes text."""
    match value:
        case dict():
            return {clean(str(name)): _plain(part) for name, part in value.items()}
        case list():
            return [_plain(part) for part in value]
        case bytes():
            return clean(value.decode(errors="backslashreplace"))
        case None | bool():
            return value
        case int() if abs(value) < 2**63:
            return value
        case float() if isfinite(value):
            return value
        case _:
            return clean(str(value))
