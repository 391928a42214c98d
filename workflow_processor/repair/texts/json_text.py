"""A JSON body, and the places in it."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Self

from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import Place, Value
from workflow_processor.repair.texts.json_find import find, lacks, simple
from workflow_processor.repair.texts.json_parts import JsonParts
from workflow_processor.repair.texts.json_scan import ARRAY, OBJECT, STRING, Node, scan, string
from workflow_processor.repair.texts.json_values import kind_of, plain, spelled
from workflow_processor.repair.texts.paths import EVERY, Part, Path


class Found(NamedTuple):
    """A node, and the way to it."""

    path: tuple[Part, ...]
    node: Node
    parent: Node | None
    at: int
    """Which of the parent's items it is."""


class JsonText(JsonParts):
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
