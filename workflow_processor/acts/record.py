"""Who may do it, and what is written down of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied

from workflow_processor.models import AuditEntry
from workflow_processor.transition import Actor, Moved

REASON_LIMIT = 1_000
"""Characters of a reason. It is written for each message that it is given for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act."""

    changed: list[UUID]
    unchanged: list[UUID]
    """Somebody or something was quicker: these are no longer as the person saw them."""
    entry: int | None = None
    """The audit entry that says so, where anything was changed; an undo can name it."""


def check(person: User, permission: str) -> None:
    """Raises PermissionDenied."""
    if not person.has_perm(f"workflow_processor.{permission}"):
        raise PermissionDenied(f"{person} may not do this: the permission {permission} is missing.")


def check_reason(reason: str) -> None:
    """Raises BadRequest where it is longer than any form lets it be."""
    if len(reason) > REASON_LIMIT:
        raise BadRequest(f"A reason has at most {REASON_LIMIT:,} characters; this has {len(reason):,}.")


def actor(person: User) -> Actor:
    return Actor(person.get_username(), person.pk)


def audit(
    person: User,
    act: str,
    *,
    letters: Sequence[UUID] = (),
    group: int | None = None,
    subject: str = "",
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> int:
    """Writes an act down, with the dead letters or the group it changed, or what else in words; gives the
    number of the entry."""
    entry = AuditEntry.objects.create(
        person=person,
        act=act,
        reason=reason,
        dead_letters=[str(id) for id in letters],
        group_id=group,
        subject=subject,
        before=dict(before or {}),
        after=dict(after or {}),
    )
    return entry.pk


def noted(
    person: User,
    act: str,
    wanted: Sequence[UUID],
    moved: Sequence[Moved],
    reason: str = "",
    after: Mapping[str, Any] | None = None,
) -> Outcome:
    """The outcome of a transition, and its audit entry where it changed anything."""
    changed = [letter.id for letter in moved]
    untouched = set(wanted).difference(changed)
    entry = written(person, act, changed, reason, after or {})
    return Outcome(changed, [id for id in wanted if id in untouched], entry)


def written(
    person: User, act: str, changed: Sequence[UUID], reason: str, after: Mapping[str, Any]
) -> int | None:
    """The audit entry, where anything was changed."""
    return audit(person, act, letters=changed, reason=reason, after=after) if changed else None
