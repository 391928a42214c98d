"""Paths: how people name a place in a body, and how JSON Patch does.

    shares                  a member of the body
    order.lines[0].qty      a member of the first item; [-1] is the last one
    lines[*].qty            the member of every item
    order["odd name"].qty   a name with blanks, dots, brackets or quotes in it, as a JSON string
    $                       the whole body

A name is any text without blanks, dots, brackets, quotes and *. In delimited lines the name, or the number
from 1, is that column of every line, and `[0].shares` that of the first line.
"""

import json
import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Every(Enum):
    """Every item of an array, or every line."""

    ITEM = "*"


EVERY = Every.ITEM
Part = str | int | Every

_part = re.compile(r'([^\s.\[\]"*]+)|\[(?:(-?[0-9]{1,9})|(\*)|("(?:[^"\\]|\\.)*"))\]')
_bare = re.compile(r'[^\s.\[\]"*]+')


@dataclass(frozen=True)
class Path:
    """A place, or several. Written as people write it by `str`."""

    parts: tuple[Part, ...]

    @cached_property
    def text(self) -> str:
        return "".join(map(_written, self.parts)).removeprefix(".") or "$"

    def __str__(self) -> str:
        return self.text

    @property
    def name(self) -> Part | None:
        """The last part; None for the whole body."""
        return self.parts[-1] if self.parts else None

    @property
    def parent(self) -> "Path":
        return Path(self.parts[:-1])

    def touches(self, other: "Path") -> bool:
        """Whether a change at one can show at the other."""
        pairs = zip(self.parts, other.parts, strict=False)
        return all(one == two or not isinstance(one, str) or not isinstance(two, str) for one, two in pairs)


def parse(text: str) -> Path:
    """The path that people wrote so. Raises ValueError, which says what is wrong."""
    text = text.strip()
    if text == "$":
        return Path(())
    parts: list[Part] = []
    at = 0
    while at < len(text):
        if parts and text[at] == ".":
            at += 1
            if at < len(text) and text[at] == "[":
                raise ValueError(f"no dot stands before a bracket, as at character {at} of {text}")
        elif parts and text[at] != "[":
            raise ValueError(f"a dot or a bracket is missing at character {at + 1} of {text}")
        found = _part.match(text, at)
        if not found:
            raise ValueError(f"it cannot be read from character {at + 1} on: {text[at : at + 20]!r}")
        parts.append(_read(found))
        at = found.end()
    if not parts or text.endswith("."):
        raise ValueError("it needs a name, such as shares or order.lines[0].qty")
    return Path(tuple(parts))


def pointer(text: str) -> tuple[str, ...]:
    """The parts of a JSON Pointer (RFC 6901). Raises ValueError."""
    if text and not text.startswith("/"):
        raise ValueError(f"a pointer begins with /, unlike {text!r}")
    if re.search(r"~(?![01])", text):
        raise ValueError(f"in a pointer ~ is written ~0, unlike in {text!r}")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def _read(found: re.Match[str]) -> Part:
    name, number, every, quoted = found.groups()
    if every:
        return EVERY
    if number:
        return int(number)
    try:
        return name or str(json.loads(quoted))
    except ValueError as error:
        raise ValueError(f"the name {quoted} is no JSON string") from error


def _written(part: Part) -> str:
    match part:
        case str():
            bare = _bare.fullmatch(part) and part != "$"
            return f".{part}" if bare else f"[{json.dumps(part, ensure_ascii=False)}]"
        case int():
            return f"[{part}]"
        case _:
            return "[*]"
