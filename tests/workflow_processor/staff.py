"""Rules that staff wrote, for tests."""

from typing import Any

from django.contrib.auth.models import Permission, User

from workflow_processor.models import Mode, RepairRule
from workflow_processor.repair.definition import Definition, parse
from workflow_processor.rules import acts
from workflow_processor.rules.acts import Limits, SeenRule

LINES = {"as": "lines", "separator": ",", "columns": ["account", "side", "symbol", "shares"]}
EVERYTHING = ("write_rules", "switch_rules", "view_dead_letter", "edit_dead_letter", "requeue_dead_letter")


def person(name: str = "ada", *permissions: str) -> User:
    """Somebody who may do these things, or everything that rules are about."""
    user, made = User.objects.get_or_create(username=name)
    if made:
        allowed = Permission.objects.filter(codename__in=permissions or EVERYTHING)
        user.user_permissions.set(allowed)
    return user


def definition(*steps: dict[str, Any], when: dict[str, Any] | None = None, **parts: Any) -> Definition:
    given = {"when": when or {"queue": "trades"}, "body": LINES, "then": [*steps] or [TAKE_NUMBER]}
    return parse(given | parts)


TAKE_NUMBER = {"do": "take_number", "at": "shares"}


def rule(
    name: str = "number of shares", made: Definition | None = None, mode: Mode = Mode.AUTOMATIC, **limits: int
) -> RepairRule:
    """One that takes the number out of `1 SHARES`, unless it is told otherwise."""
    return acts.create(person(), name, made or definition(), mode=mode, limits=Limits(**limits))


def seen(one: RepairRule) -> SeenRule:
    return SeenRule(one.pk, one.change)
