"""A JSON body: places in it, and members and items put in, taken out and renamed in the style around them."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Self

from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import Document, Place, Splice, Value, encodable
from workflow_processor.repair.texts.json_find import find, lacks, refused, simple
from workflow_processor.repair.texts.json_scan import (
    ARRAY,
    BOOLEAN,
    NULL,
    NUMBER_KIND,
    OBJECT,
    STRING,
    Node,
    scan,
    string,
)
from workflow_processor.repair.texts.paths import EVERY, Part, Path

_blank = re.compile(r"[ \t\n\r]*")


class Found(NamedTuple):
    """A node, and the way to it."""

    path: tuple[Part, ...]
    node: Node
    parent: Node | None
    at: int
    """Which of the parent's items it is."""


class JsonText(Document):
    """Exact JSON text and, on demand, its tree."""

    @cached_property
    def root(self) -> Node:
        return scan(self.text, self.begin)

    @cached_property
    def _simple(self) -> bool:
        return simple(self.text, self.begin)

    def found(self, path: Path) -> list[Found]:
        """The nodes that the path leads to, in their order. Raises Cannot where a key on it stands twice."""
        found = [Found((), self.root, None, 0)]
        for part in path.parts:
            found = [below for one in found for below in _below(one, part)]
            if len(found) > limits.PLACES:
                raise Cannot(f"{path} names more than {limits.PLACES:,} places")
        return found

    def places(self, path: Path) -> Sequence[Place]:
        if self._simple and lacks(self.text, path):
            return []
        if self._simple and (span := find(self.text, self.begin, path)):
            return [self._place(path, *span)]
        found = self.found(path)
        return [self._place(Path(one.path), one.node.start, one.node.end) for one in found]

    def value(self, node: Node) -> Value:
        return self._said(node.start, node.end)

    def _said(self, start: int, end: int) -> Value:
        spelled = self.text[start:end]
        kind = kind_of(spelled)
        return Value(kind, string(spelled) if kind == STRING else spelled)

    def _place(self, path: Path, start: int, end: int) -> Place:
        return Place(path.text, start, end, self._said(start, end))

    def spelled(self, place: Place, value: Value) -> str:  # noqa: ARG002
        return spelled(value)

    def remade(self, text: str) -> Self:
        return type(self)(text)

    def plain(self) -> Any:
        try:
            return plain(self.text[self.begin :])
        except (ValueError, RecursionError):
            return self.root and None  # raises, and says what is wrong

    def member(self, parent: Node, name: str, value: str) -> Splice:
        """What puts a member more behind the others of this object. The value is JSON."""
        key = quoted(name)
        if not parent.items:
            return _inserted(parent.start + 1, f"{key}{self._colon}{value}")
        last = parent.items[-1]
        colon = self.text[parent.keys[-1].end : last.start]
        return _inserted(last.end, f",{self._before(parent, len(parent.items))}{key}{colon}{value}")

    def item(self, parent: Node, at: int, value: str) -> Splice:
        """What puts an item more in front of the one that has this number, or behind all."""
        if not parent.items:
            return _inserted(parent.start + 1, value)
        blank = self._before(parent, at)
        if at == len(parent.items):
            return _inserted(parent.items[-1].end, f",{blank}{value}")
        return _inserted(parent.items[at].start, f"{value},{blank}")

    def gone(self, parent: Node, at: int) -> Splice:
        """What takes this member or item out."""
        starts = [part.start for part in parent.keys or parent.items]
        if at + 1 < len(starts):
            return Splice(starts[at], starts[at + 1], "")
        return Splice(parent.items[at - 1].end if at else parent.start + 1, parent.items[at].end, "")

    def _before(self, parent: Node, at: int) -> str:
        """The white space that stands before a member or an item here."""
        parts = parent.keys or parent.items
        if len(parts) == 1:
            blank = self._blank(parent.start + 1)
            return blank if "\n" in blank else " " * (self._colon == ": ")
        at = min(max(at, 1), len(parts) - 1)
        comma = self.text.index(",", parent.items[at - 1].end)
        return self._blank(comma + 1)

    def _blank(self, start: int) -> str:
        return _blank.match(self.text, start)[0]  # type: ignore[index]

    @property
    def _colon(self) -> str:
        """How this text puts a colon between key and value."""
        return ":" if re.search(r'":[^\s]', self.text) else ": "


def kind_of(spelled: str) -> str:
    """What kind of value is spelled so."""
    kinds = {'"': STRING, "[": ARRAY, "{": OBJECT, "t": BOOLEAN, "f": BOOLEAN, "n": NULL}
    return kinds.get(spelled[0], NUMBER_KIND)


def plain(spelled: str) -> Any:
    """JSON as plain values, as expressions can hold them. Raises ValueError."""
    return json.loads(spelled, parse_int=_integer, parse_float=_decimal, parse_constant=refused)


def _inserted(at: int, new: str) -> Splice:
    return Splice(at, at, new)


def spelled(value: Value) -> str:
    """The value as JSON."""
    return quoted(value.text) if value.kind == STRING else value.text


def quoted(characters: str) -> str:
    """The text as a JSON string."""
    # What was escaped because no encoding can hold it stays escaped.
    return json.dumps(characters, ensure_ascii=not encodable(characters))


def _below(found: Found, part: Part) -> Iterator[Found]:
    node = found.node
    if isinstance(part, str):
        numbers = [at for at, key in enumerate(node.keys) if key.name == part]
        if len(numbers) > 1:
            raise Cannot(f"there is more than one {Path((*found.path, part))}")
    elif node.kind != ARRAY:
        numbers = []
    elif part is EVERY:
        numbers = list(range(len(node.items)))
        if len(numbers) > limits.PLACES:
            raise Cannot(f"{Path((*found.path, part))} names more than {limits.PLACES:,} places")
    else:
        at = part + len(node.items) if part < 0 else part
        numbers = [at] if 0 <= at < len(node.items) else []
    for at in numbers:
        way = part if node.kind == OBJECT else at
        yield Found((*found.path, way), node.items[at], node, at)


def _integer(spelled: str) -> int | str:
    """A whole number of 64 bits; a larger one as its text, for no number of expressions can hold it."""
    return number if len(spelled) < 20 and -(2**63) <= (number := int(spelled)) < 2**63 else spelled


def _decimal(spelled: str) -> float | str:
    return number if (number := float(spelled)) not in (float("inf"), float("-inf")) else spelled
