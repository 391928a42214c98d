"""What an edit changed, place by place. Where that cannot be told by places, nothing is told."""

from collections.abc import Iterator

from consumers.message import Message
from workflow_processor.repair.changes import (
    Added,
    Change,
    Changed,
    HeaderRemoved,
    HeaderSet,
    Moved,
    Readdressed,
    Removed,
)
from workflow_processor.repair.proposals.columns import of_lines
from workflow_processor.repair.texts.document import Document
from workflow_processor.repair.texts.json_scan import ARRAY, OBJECT, Node
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path


def of_bodies(before: Document, after: Document) -> list[Change]:
    """What differs between two documents of the same kind. Raises Cannot where one cannot be read."""
    if isinstance(before, JsonText) and isinstance(after, JsonText):
        return _with_moves(list(_nodes(before, after, before.root, after.root, ())), before)
    if isinstance(before, Lines) and isinstance(after, Lines):
        return list(of_lines(before, after))
    [one], [other] = before.places(Path(())), after.places(Path(()))
    return [Changed(Path(()), one.value, other.value, typed=False)] if one.value != other.value else []


def of_headers(before: Message, after: Message) -> Iterator[Change]:
    """Raises MalformedProperties."""
    for name, value in after.headers.items():
        if name not in before.headers or before.headers[name] != value:
            yield HeaderSet(name, value)
    for name in before.headers:
        if name not in after.headers:
            yield HeaderRemoved(name)


def of_addresses(before: str, after: str) -> list[Change]:
    return [Readdressed(after)] if before != after else []


def _nodes(
    before: JsonText, after: JsonText, one: Node, other: Node, path: tuple[str | int, ...]
) -> Iterator[Change]:
    if before.text[one.start : one.end] == after.text[other.start : other.end]:
        return
    if one.kind == other.kind == OBJECT:
        yield from _members(before, after, one, other, path)
    elif one.kind == other.kind == ARRAY and len(one.items) == len(other.items):
        for at, (item, item_after) in enumerate(zip(one.items, other.items, strict=True)):
            yield from _nodes(before, after, item, item_after, (*path, at))
    else:
        yield Changed(Path(path), before.value(one), after.value(other))


def _members(
    before: JsonText, after: JsonText, one: Node, other: Node, path: tuple[str | int, ...]
) -> Iterator[Change]:
    there = {key.name: item for key, item in zip(one.keys, one.items, strict=True)}
    now = {key.name: item for key, item in zip(other.keys, other.items, strict=True)}
    for name, item in there.items():
        if name in now:
            yield from _nodes(before, after, item, now[name], (*path, name))
        else:
            yield Removed(Path((*path, name)))
    for name, item in now.items():
        if name not in there:
            yield Added(Path((*path, name)), after.value(item))


def _with_moves(changes: list[Change], before: JsonText) -> list[Change]:
    """The changes, with what was taken from one place and put unchanged in another told as one."""
    added = [change for change in changes if isinstance(change, Added)]
    for change in [change for change in changes if isinstance(change, Removed)]:
        [place] = before.places(change.path)
        same = next((one for one in added if one.after == place.value), None)
        if same:
            added.remove(same)
            changes[changes.index(change)] = Moved(change.path, same.path)
            changes.remove(same)
    return changes
