"""Writing down what people do with rules and message types, and refusing what they did not see."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from django.contrib.auth.models import User
from django.db.models import QuerySet

from workflow_processor.acts.record import audit, check, check_reason
from workflow_processor.rules import book


class ChangedMeanwhile(Exception):
    """Somebody or something was quicker: it is no longer as the person saw it. Nothing was changed."""


class Refused(ValueError):
    """What a person asked for cannot be; says why, in a sentence for the field it is about."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


NAME_LIMIT = 60


class Changing(Protocol):
    pk: Any
    change: int


Record = TypeVar("Record", bound=Changing)


def locked(records: QuerySet[Any, Record], id: int, change: int) -> Record:
    """The record, locked. Raises ChangedMeanwhile where that is no longer the change that was seen, and
    DoesNotExist."""
    found = records.select_for_update(no_key=True).get(id=id)
    if found.change != change:
        raise ChangedMeanwhile
    found.change += 1
    return found


def changing(
    person: User,
    records: QuerySet[Any, Record],
    seen: tuple[int, int],
    needed: Callable[[Record], Iterable[str]],
) -> Record:
    """The same, for somebody who has the permissions that changing it takes. Raises PermissionDenied too."""
    record = locked(records, *seen)
    for permission in needed(record):
        check(person, permission)
    return record


def put(record: object, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Sets these columns; gives what they were."""
    before = {name: getattr(record, name) for name in columns}
    for name, value in columns.items():
        setattr(record, name, value)
    return before


def named(name: str, what: str) -> str:
    """The name, with single spaces. Raises Refused where `what` cannot have it."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise Refused("name", f"{what} needs a name of at most {NAME_LIMIT} characters.")
    return name


def note(
    person: User,
    act: str,
    subject: str,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Writes the audit entry, and tells workers that there is something new."""
    check_reason(reason)
    audit(person, act, subject=subject, reason=reason, before=before, after=after)
    book.touch()
