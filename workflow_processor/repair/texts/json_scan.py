"""JSON as a tree of positions in its text: nothing is converted, so nothing is lost.

Duplicate keys, the spelling of numbers and of strings, white space: all of it stays in the text, and the tree
says where. Source of the grammar: RFC 8259.
"""

import json
import re
from typing import NamedTuple

from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot, OtherBody

_BLANK = r"[ \t\n\r]*+"
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_VALUE = rf"(?:({_STRING})|({NUMBER})|(true|false)|(null)|(\[)|(\{{))"

_value = re.compile(_BLANK + _VALUE)
_member = re.compile(rf"{_BLANK}({_STRING}){_BLANK}:{_BLANK}{_VALUE}")
_next = re.compile(rf"{_BLANK}([,\]}}])")
_closed = re.compile(rf"{_BLANK}[\]}}]")
_blank = re.compile(_BLANK)

STRING, NUMBER_KIND, BOOLEAN, NULL, ARRAY, OBJECT = "text", "number", "boolean", "null", "array", "object"
_kinds = ("", STRING, NUMBER_KIND, BOOLEAN, NULL, ARRAY, OBJECT)


class Node(NamedTuple):
    """A value and where it stands: from `start` up to `end`, in characters."""

    kind: str
    start: int
    end: int
    items: "tuple[Node, ...]" = ()
    """An array's items, or the values of an object's members."""
    keys: "tuple[Key, ...]" = ()
    """The keys of an object's members, one for each of the items; a key may stand there twice."""


class Key(NamedTuple):
    name: str
    start: int
    end: int


def scan(text: str, at: int = 0) -> Node:
    """The value that the text is, from `at` on. Raises Cannot where it is none."""
    if text.count(",") >= limits.VALUES:
        raise Cannot(f"the body has more than {limits.VALUES:,} values")
    found = _value.match(text, at)
    if not found:
        raise _trouble(text, at)
    node = _node(text, found, found.lastindex or 0, 0)
    end = _blank.match(text, node.end).end()  # type: ignore[union-attr]
    if end < len(text):
        raise _trouble(text, end)
    return node


def string(text: str) -> str:
    """What a JSON string, with its quotes, says."""
    said: str = json.loads(text) if "\\" in text else text[1:-1]
    return said


def _node(text: str, found: re.Match[str], group: int, depth: int, shift: int = 0) -> Node:
    start, end = found.span(group)
    kind = _kinds[group - shift]
    if kind in (OBJECT, ARRAY):
        if depth >= limits.NESTING:
            raise Cannot(f"the body is nested deeper than {limits.NESTING} levels")
        return (_object if kind == OBJECT else _array)(text, start, depth + 1)
    return Node(kind, start, end)


def _array(text: str, start: int, depth: int) -> Node:
    items: list[Node] = []
    at = start + 1
    if closed := _closed.match(text, at):
        return _ended(text, closed.end(), "]", Node(ARRAY, start, closed.end()))
    while True:
        found = _value.match(text, at)
        if not found:
            raise _trouble(text, at)
        node = _node(text, found, found.lastindex or 0, depth)
        items.append(node)
        following = _next.match(text, node.end)
        if not following:
            raise _trouble(text, node.end)
        at = following.end()
        if following[1] != ",":
            return _ended(text, at, "]", Node(ARRAY, start, at, tuple(items)))


def _object(text: str, start: int, depth: int) -> Node:
    keys: list[Key] = []
    items: list[Node] = []
    at = start + 1
    if closed := _closed.match(text, at):
        return _ended(text, closed.end(), "}", Node(OBJECT, start, closed.end()))
    while True:
        found = _member.match(text, at)
        if not found:
            raise _trouble(text, at)
        keys.append(Key(string(found[1]), *found.span(1)))
        node = _node(text, found, found.lastindex or 0, depth, shift=1)
        items.append(node)
        following = _next.match(text, node.end)
        if not following:
            raise _trouble(text, node.end)
        at = following.end()
        if following[1] != ",":
            return _ended(text, at, "}", Node(OBJECT, start, at, tuple(items), tuple(keys)))


def _ended(text: str, end: int, bracket: str, node: Node) -> Node:
    if text[end - 1] != bracket:
        raise _trouble(text, end - 1)
    return node


def _trouble(text: str, at: int) -> OtherBody:
    at = _blank.match(text, at).end()  # type: ignore[union-attr]
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return OtherBody(f"the body is not JSON (line {line}, character {column})")
