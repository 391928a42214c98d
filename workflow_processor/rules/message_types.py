"""What people do with message types and their schemas: permission, audit entry and a check of what they saw,
as with rules."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from workflow_processor.acts.record import check
from workflow_processor.models import MessageType, SchemaVersion
from workflow_processor.repair.schemas.coercions import COERCIONS
from workflow_processor.repair.schemas.validation import SchemaError, read
from workflow_processor.repair.texts.paths import parse as read_path
from workflow_processor.rules.record import Refused, changing, named, note, put
from workflow_processor.storable import NAME_LIMIT, TEXT_LIMIT, storable


class SeenType(NamedTuple):
    """A message type as somebody saw it."""

    id: int
    change: int


class Told(NamedTuple):
    """How a message is told to be of a type: by its queue, and what a header or a field of it says."""

    queue: str
    header: str = ""
    field: str = ""
    """A path into the JSON body."""
    value: str = ""


def needed(kind: MessageType) -> tuple[str, ...]:
    """The permissions that changing it takes: one that is mended without a rule is changed by those alone who
    may have it mended."""
    return ("write_rules", "switch_rules") if kind.coercions else ("write_rules",)


def create(person: User, name: str, told: Told, reason: str = "") -> MessageType:
    """A new type, without a schema yet. Raises Refused."""
    check(person, "write_rules")
    name = named(name, "A message type")
    columns = sound(told)._asdict()
    try:
        with transaction.atomic():
            kind = MessageType.objects.create(name=name, **columns)
            note(person, "write message type", _subject(kind), reason, after=columns)
    except IntegrityError as error:
        raise Refused("name", f"There is already a message type named {name}.") from error
    return kind


def set_told(person: User, seen: SeenType, told: Told, reason: str = "") -> MessageType:
    """How its messages are told. Raises ChangedMeanwhile and Refused."""
    return _set(person, seen, "change message type", reason, sound(told)._asdict())


def set_coercions(person: User, seen: SeenType, names: Collection[str], reason: str = "") -> MessageType:
    """Which automatic coercions are on. Raises ChangedMeanwhile and Refused."""
    if unknown := set(names).difference(COERCIONS):
        raise Refused("coercions", f"There is no coercion named {min(unknown)}.")
    check(person, "switch_rules")
    return _set(person, seen, "switch coercions", reason, {"coercions": sorted(names)})


def add_schema(person: User, seen: SeenType, text: str, reason: str = "") -> SchemaVersion:
    """A new version of its schema, which is then the current one. Raises ChangedMeanwhile and Refused."""
    try:
        read(text)
    except SchemaError as error:
        raise Refused("text", str(error)) from error
    with transaction.atomic():
        kind = changing(person, MessageType.objects.all(), seen, needed)
        version = add_version(kind, text, person.get_username(), person, reason)
        told = {"schema": version.number}
        note(person, "write schema", _subject(kind), reason, {"schema": version.number - 1}, told)
    return version


def go_back_schema(person: User, seen: SeenType, number: int, reason: str = "") -> SchemaVersion:
    """A new version that is like an earlier one. Raises ChangedMeanwhile and SchemaVersion.DoesNotExist."""
    earlier = SchemaVersion.objects.get(message_type=seen.id, number=number)
    return add_schema(person, seen, earlier.text, reason or f"Back to version {number}.")


def add_version(
    kind: MessageType, text: str, author: str, person: User | None = None, reason: str = ""
) -> SchemaVersion:
    """Writes the next version of the schema of a type that is locked; it is the current one from now on."""
    kind.schema = kind.schemas.count() + 1
    kind.save()
    return kind.schemas.create(
        number=kind.schema, text=text, author=author, person=person, reason=storable(reason, TEXT_LIMIT)
    )


def _set(person: User, seen: SeenType, act: str, reason: str, columns: dict[str, Any]) -> MessageType:
    with transaction.atomic():
        kind = changing(person, MessageType.objects.all(), seen, needed)
        before = put(kind, columns)
        kind.save()
        note(person, act, _subject(kind), reason, before, columns)
    return kind


def sound(told: Told) -> Told:
    """The same. Raises Refused where it tells no type."""
    if not told.queue:
        raise Refused("queue", "A message type needs the queue that its messages come from.")
    for name, text in told._asdict().items():
        if len(text) > NAME_LIMIT:
            raise Refused(name, f"It has at most {NAME_LIMIT} characters.")
    if told.header and told.field:
        raise Refused("field", "Either a header or a field identifies the type, not both.")
    if bool(told.value) != bool(told.header or told.field):
        raise Refused("value", "A header or a field needs the value that identifies the type.")
    if told.field:
        _check_path(told.field)
    return told


def _check_path(field: str) -> None:
    try:
        read_path(field)
    except ValueError as error:
        raise Refused("field", f"This is not a path: {error}.") from error


def _subject(kind: MessageType) -> str:
    return f"message type {kind.name}"
