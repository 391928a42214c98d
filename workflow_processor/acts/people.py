"""Who may do what here."""

from typing import NamedTuple

from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor.acts.record import audit, check
from workflow_processor.roles import ROLES


class Standing(NamedTuple):
    """What somebody may do here."""

    roles: frozenset[str]
    active: bool
    """Can sign in at all."""


def change_standing(person: User, whom: User, wanted: Standing, *, seen: Standing) -> None:
    """Gives somebody these roles and no other, and lets them in or shuts them out. Raises ValueError for
    one's own, lest nobody be left who can; for roles that are none; and where this is no longer what the
    person saw: nothing is undone that somebody else did meanwhile."""
    check(person, "manage_people")
    if person.pk == whom.pk:
        raise ValueError("You cannot change your own roles.")
    unknown = wanted.roles.difference(ROLES)
    if unknown:
        raise ValueError(f"There is no role {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=whom.pk)
        now = standing(locked)
        if now != seen:
            raise ValueError(f"The permissions of {whom.get_username()} changed in the meantime.")
        if now.roles != wanted.roles:
            _give(person, locked, now.roles, wanted.roles)
        if now.active != wanted.active:
            _let_in(person, locked, wanted.active)


def standing(whom: User) -> Standing:
    has = {role.name for role in whom.groups.all()}
    return Standing(frozenset(has.intersection(ROLES)), whom.is_active)


def _give(person: User, whom: User, before: frozenset[str], after: frozenset[str]) -> None:
    others = whom.groups.exclude(name__in=ROLES)
    whom.groups.set([*others, *Role.objects.filter(name__in=after)])
    told = [{"roles": [role for role in ROLES if role in has]} for has in (before, after)]
    audit(person, "change roles", subject=f"person {whom.get_username()}", before=told[0], after=told[1])


def _let_in(person: User, whom: User, active: bool) -> None:
    whom.is_active = active
    whom.save(update_fields=["is_active"])
    act = "reactivate account" if active else "deactivate account"
    audit(person, act, subject=f"person {whom.get_username()}")
