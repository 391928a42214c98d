"""JSON and XML as parts that fold. Each is spelled as in the body: 1.10 stays 1.10, &amp; stays &amp;.

Of a large body the first parts are there, each with the number of those that it lacks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from dashboard.parts import signs
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.json_scan import ARRAY, Node, scan

LIMIT = 1024 * 1024
"""Bytes. Of a longer body, or one of more than `limits.VALUES` values, the first bytes are shown as text."""
PARTS, CHARACTERS = 2_000, 64 * 1024
"""So many parts are shown, and begun while the values shown are no longer than that."""
VALUE = 2_000
"""Characters that are shown of one value."""
DEPTH = 40
"""Nobody is helped by folding what is deeper."""

_TOKEN = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|</[^>]*>|<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>|[^<]+", re.DOTALL
)


@dataclass(slots=True)
class Part:
    """A value, or what stands between two brackets or tags."""

    opening: str
    closing: str = ""
    label: str = ""
    """The key of a JSON member, with its quotes."""
    kind: str = ""
    """text, number, boolean or null; `note` for what is about the body."""
    items: "list[Part]" = field(default_factory=list)
    comma: bool = False
    left: int = 0
    """Parts of it that are not shown."""
    cut: int = 0
    """Characters of the value that are not shown."""

    @property
    def number(self) -> int:
        """Of its parts, shown or not."""
        return len(self.items) + self.left


def parts(body: bytes) -> Sequence[Part]:
    """The parts of a body that is JSON or XML and folds; none of any other."""
    start = body.lstrip()[:1]
    if len(body) > LIMIT or start not in (b"{", b"[", b"<"):
        return ()
    try:
        text = signs.shown(body.decode())
        found = _xml(text) if start == b"<" else [_json(text)]
    except (UnicodeDecodeError, Cannot, _TooMuch):
        return ()
    return found if any(part.number for part in found) else ()


class _TooMuch(Exception):
    """It is no document that folds, or one that is too deep."""


class _Room:
    """What there is still room for on the page."""

    def __init__(self) -> None:
        self._parts, self._characters = PARTS, CHARACTERS

    def __bool__(self) -> bool:
        return self._parts > 0 and self._characters > 0

    def part(self, value: str, label: str = "", kind: str = "") -> Part:
        """A value, as much of it as is shown."""
        shown = value[:VALUE]
        self._parts -= 1
        self._characters -= len(label) + len(shown)
        return Part(shown, label=label, kind=kind, cut=len(value) - len(shown))


def _json(text: str) -> Part:
    room = _Room()

    def part(node: Node, label: str = "", depth: int = 0) -> Part:
        if depth > DEPTH:
            raise _TooMuch
        if not node.items:
            return room.part(text[node.start : node.end], label, node.kind)
        opening, closing = "[]" if node.kind == ARRAY else "{}"
        whole = room.part(opening, label)
        whole.closing = closing
        keys = node.keys or [None] * len(node.items)
        for item, key in zip(node.items, keys, strict=True):
            if not room:
                break
            whole.items.append(part(item, text[key.start : key.end] if key else "", depth + 1))
        whole.left = len(node.items) - len(whole.items)
        for shown in whole.items if whole.left else whole.items[:-1]:
            shown.comma = True
        return whole

    return part(scan(text))


def _xml(text: str) -> Sequence[Part]:
    _assert_well_formed(text)
    room, top = _Room(), Part("")
    open_ones, unshown = [top], 0
    for token in filter(str.strip, _TOKEN.findall(text)):
        if len(open_ones) > DEPTH:
            raise _TooMuch
        closes, kind = token.startswith("</"), _kind(token)
        opens = not (closes or kind or token.endswith("/>"))
        if unshown:  # within an element that is not shown
            unshown += opens - closes
        elif closes:
            _close(open_ones.pop(), token)
        elif not room:
            open_ones[-1].left += 1
            unshown += opens
        else:
            open_ones[-1].items.append(part := room.part(token.strip(), kind=kind))
            if opens:
                open_ones.append(part)
    return top.items


def _close(element: Part, closing: str) -> None:
    """An element that holds a short text, or nothing, is told in one line."""
    alone = element.items[0] if len(element.items) == 1 else None
    if not element.number or (element.number == 1 and alone and alone.kind == "text" and not alone.cut):
        inner = alone.opening if alone else ""
        element.opening, element.items = f"{element.opening}{inner}{closing}", []
    else:
        element.closing = closing


def _kind(token: str) -> str:
    if not token.startswith("<") or token.startswith("<![CDATA["):
        return "text"
    return "note" if token.startswith(("<?", "<!")) else ""


def _assert_well_formed(text: str) -> None:
    """Raises _TooMuch. What declares a document type is not read: it may name files, or grow without end."""
    parser = expat.ParserCreate("utf-8")

    def refuse(*_: object) -> None:
        raise _TooMuch

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise _TooMuch from error
