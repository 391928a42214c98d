"""JSON and XML as parts that fold. Each is spelled as in the body: 1.10 stays 1.10, &amp; stays &amp;."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from dashboard.parts import signs
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.json_scan import ARRAY, Node, scan

LIMIT = 64 * 1024
"""Bytes. A longer body is shown as text, its first part."""
PARTS, DEPTH = 2_000, 40
"""Of more parts, or deeper ones, nobody is helped by folding."""

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
    return found if any(part.items for part in found) else ()


class _TooMuch(Exception):
    """It is no document that folds, or one of too many parts."""


def _json(text: str) -> Part:
    budget = iter(range(PARTS))

    def part(node: Node, label: str = "", depth: int = 0) -> Part:
        if depth > DEPTH or next(budget, None) is None:
            raise _TooMuch
        if not node.items:
            return Part(text[node.start : node.end], label=label, kind=node.kind)
        labels = [text[key.start : key.end] for key in node.keys] or [""] * len(node.items)
        items = [part(item, name, depth + 1) for item, name in zip(node.items, labels, strict=True)]
        for item in items[:-1]:
            item.comma = True
        opening, closing = "[]" if node.kind == ARRAY else "{}"
        return Part(opening, closing, label, items=items)

    return part(scan(text))


def _xml(text: str) -> Sequence[Part]:
    _assert_well_formed(text)
    top: list[Part] = []
    open_ones = [Part("", items=top)]
    for count, token in enumerate(_TOKEN.findall(text)):
        if count > PARTS or len(open_ones) > DEPTH:
            raise _TooMuch
        if token.startswith("</"):
            _close(open_ones.pop(), token)
        elif token.strip():
            open_ones[-1].items.append(part := Part(token.strip(), kind=_kind(token)))
            if not part.kind and not token.endswith("/>"):
                open_ones.append(part)
    return top


def _close(element: Part, closing: str) -> None:
    """An element that holds a short text, or nothing, is told in one line."""
    if not element.items or (len(element.items) == 1 and element.items[0].kind == "text"):
        inner = "".join(item.opening for item in element.items)
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
