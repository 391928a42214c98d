"""Who may do what here."""

from collections.abc import Collection

from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor.acts.record import audit, check
from workflow_processor.roles import ROLES


def give_roles(person: User, whom: User, roles: Collection[str]) -> None:
    """Gives somebody these roles and no other. Raises ValueError for one's own, lest nobody be left who can,
    and for roles that are none."""
    check(person, "manage_people")
    _not_oneself(person, whom)
    unknown = set(roles).difference(ROLES)
    if unknown:
        raise ValueError(f"There is no role {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=whom.pk)
        before = roles_of(locked)
        others = locked.groups.exclude(name__in=ROLES)
        locked.groups.set([*others, *Role.objects.filter(name__in=roles)])
        after = roles_of(locked)
        if after != before:
            audit(
                person,
                "change roles",
                subject=f"person {whom.get_username()}",
                before={"roles": before},
                after={"roles": after},
            )


def let_in(person: User, whom: User, active: bool) -> None:
    """Whether somebody can sign in at all. Raises ValueError for oneself."""
    check(person, "manage_people")
    _not_oneself(person, whom)
    with transaction.atomic():
        if User.objects.filter(pk=whom.pk, is_active=not active).update(is_active=active):
            act = "let in" if active else "shut out"
            audit(person, act, subject=f"person {whom.get_username()}")


def roles_of(person: User) -> list[str]:
    """In the order of what they allow."""
    has = set(person.groups.values_list("name", flat=True))
    return [role for role in ROLES if role in has]


def _not_oneself(person: User, whom: User) -> None:
    if person.pk == whom.pk:
        raise ValueError("What one may do oneself is for somebody else to change.")
