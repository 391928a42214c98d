"""JSON Patch on text: each operation changes the characters it is about and no others. Source: RFC 6902."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import Splice
from workflow_processor.repair.texts.json_scan import ARRAY, OBJECT, STRING, Node, string
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.paths import pointer

OPERATIONS = 100
"""The most operations of one patch."""
Pointer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    op: str
    path: Pointer
    value: str = ""
    """As JSON, in the patch's own spelling."""
    origin: Pointer = ()
    """`from`."""

    def done(self, document: JsonText) -> JsonText:
        """The document after it. Raises Cannot."""
        return _operations[self.op](document, self)


def parse(text: str) -> tuple[Operation, ...]:
    """The operations of a patch. Raises ValueError, which says what is wrong."""
    try:
        patch = JsonText(text)
        root = patch.root
    except Cannot as obstacle:
        raise ValueError("a patch is a JSON array of operations") from obstacle
    if root.kind != ARRAY or len(root.items) > OPERATIONS:
        raise ValueError(f"a patch is a JSON array of at most {OPERATIONS} operations")
    return tuple(_operation(patch, node, number) for number, node in enumerate(root.items, 1))


def _operation(patch: JsonText, node: Node, number: int) -> Operation:
    if len({key.name for key in node.keys}) < len(node.keys):
        raise ValueError(f"operation {number} names something twice")
    members = zip(node.keys, node.items, strict=True)
    given = {key.name: patch.text[item.start : item.end] for key, item in members}
    texts = {name: string(said) for name, said in given.items() if said.startswith('"')}
    op = texts.get("op", "")
    if op not in _operations:
        raise ValueError(f"operation {number} is none of {', '.join(_operations)}")
    if "path" not in texts:
        raise ValueError(f"operation {number} ({op}) has no path")
    if op in ("add", "replace", "test") and "value" not in given:
        raise ValueError(f"operation {number} ({op}) has no value")
    if op in ("move", "copy") and "from" not in texts:
        raise ValueError(f"operation {number} ({op}) has no from")
    path, origin = pointer(texts["path"]), pointer(texts.get("from", ""))
    if op == "move" and len(path) > len(origin) and path[: len(origin)] == origin:
        raise ValueError(f"operation {number} moves a value into itself")
    return Operation(op, path, given.get("value", ""), origin)


def _add(document: JsonText, operation: Operation) -> JsonText:
    return _put(document, operation.path, operation.value)


def _remove(document: JsonText, operation: Operation) -> JsonText:
    return _without(document, operation.path)


def _replace(document: JsonText, operation: Operation) -> JsonText:
    return _instead(document, _at(document, operation.path), operation.value)


def _move(document: JsonText, operation: Operation) -> JsonText:
    if operation.path == operation.origin:
        _at(document, operation.path)
        return document
    value = _spelled(document, _at(document, operation.origin))
    return _put(_without(document, operation.origin), operation.path, value)


def _copy(document: JsonText, operation: Operation) -> JsonText:
    return _put(document, operation.path, _spelled(document, _at(document, operation.origin)))


def _test(document: JsonText, operation: Operation) -> JsonText:
    if _comparable(_spelled(document, _at(document, operation.path))) != _comparable(operation.value):
        raise Cannot(f"{_shown(operation.path)} is not what the patch tests for")
    return document


_operations: Mapping[str, Callable[[JsonText, Operation], JsonText]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}


def _put(document: JsonText, path: Pointer, value: str) -> JsonText:
    if not path:
        return _instead(document, document.root, value)
    parent, last = _at(document, path[:-1]), path[-1]
    if parent.kind == ARRAY:
        number = len(parent.items) if last == "-" else _index(last, len(parent.items), path)
        return document.spliced([document.item(parent, number, value)])
    if parent.kind != OBJECT:
        raise Cannot(f"there is no place for {_shown(path)}")
    if (at := _member(parent, last, path)) is None:
        return document.spliced([document.member(parent, last, value)])
    return _instead(document, parent.items[at], value)


def _instead(document: JsonText, node: Node, value: str) -> JsonText:
    """The document with this value, given as JSON, in place of another. A text that says the same keeps its
    spelling."""
    if node.kind == STRING and value.startswith('"') and document.value(node).text == string(value):
        return document
    return document.spliced([Splice(node.start, node.end, value)])


def _without(document: JsonText, path: Pointer) -> JsonText:
    if not path:
        raise Cannot("the whole body cannot be removed")
    _at(document, path)
    parent, last = _at(document, path[:-1]), path[-1]
    at = int(last) if parent.kind == ARRAY else _member(parent, last, path)
    return document.spliced([document.gone(parent, at or 0)])


def _at(document: JsonText, path: Pointer) -> Node:
    node = document.root
    for depth, part in enumerate(path, 1):
        at: int | None = None
        if node.kind == ARRAY:
            at = _index(part, len(node.items) - 1, path)
        elif node.kind == OBJECT:
            at = _member(node, part, path[:depth])
        if at is None:
            raise Cannot(f"there is no {_shown(path[:depth])}")
        node = node.items[at]
    return node


def _index(part: str, most: int, path: Pointer) -> int:
    if not (part.isascii() and part.isdigit()) or len(part) > 9 or (part[0] == "0" and part != "0"):
        raise Cannot(f"{part} in {_shown(path)} is no number of an item")
    if int(part) > most:
        raise Cannot(f"there is no {_shown(path)}")
    return int(part)


def _member(node: Node, name: str, path: Pointer) -> int | None:
    numbers = [at for at, key in enumerate(node.keys) if key.name == name]
    if len(numbers) > 1:
        raise Cannot(f"there is more than one {_shown(path)}")
    return numbers[0] if numbers else None


def _spelled(document: JsonText, node: Node) -> str:
    return document.text[node.start : node.end]


def _shown(path: Pointer) -> str:
    return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)


def _comparable(text: str) -> Any:
    """The same for what RFC 6902, 4.6 calls equal: numbers by what they are worth, objects in any order."""
    return _typed(json.loads(text, parse_int=Decimal, parse_float=Decimal))


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _typed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return (isinstance(value, bool), value)
