"""What people do with repair rules. The permission is checked here, the act written down in its transaction,
and a change holds only for the rule as the person saw it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from workflow_processor.acts.record import REASON_LIMIT, check
from workflow_processor.models import Mode, RepairRule, RuleVersion
from workflow_processor.repair import discovery
from workflow_processor.repair.definition import Definition, to_json
from workflow_processor.rules.coercions import NAMED
from workflow_processor.rules.record import Refused, changing, locked, named, note, put
from workflow_processor.rules.settled import must_settle
from workflow_processor.storable import storable


class SeenRule(NamedTuple):
    """A rule as somebody saw it."""

    id: int
    change: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How a rule is tried, and what makes it stop."""

    priority: int = 100
    per_minute: int = 600
    come_back_percent: int = 20


def create(
    person: User,
    name: str,
    definition: Definition,
    *,
    mode: Mode = Mode.OFF,
    limits: Limits = Limits(),
    reason: str = "",
) -> RepairRule:
    """A new rule. Raises Refused for a name that it cannot have, for limits that make no sense, and where it
    does not settle."""
    check(person, "write_rules")
    if mode != Mode.OFF:
        check(person, "switch_rules")
    name = _name(name)
    try:
        with transaction.atomic():
            rule = RepairRule.objects.create(
                name=name, mode=mode, since=timezone.now(), **asdict(_sound(limits))
            )
            _add_version(person, rule, _sound_text(definition), reason)
            note(person, "write rule", _subject(rule), reason, after={"version": 1, "mode": mode})
    except IntegrityError as error:
        raise Refused("name", f"There is already a rule named {name}.") from error
    return rule


def change(person: User, seen: SeenRule, definition: Definition, reason: str = "") -> RepairRule:
    """A new version of it. Raises ChangedMeanwhile, and Refused where nothing would change or the rule does
    not settle."""
    return _change(person, seen, "change rule", reason, lambda _: _sound_text(definition))


def go_back(person: User, seen: SeenRule, number: int, reason: str = "") -> RepairRule:
    """A new version that is like an earlier one. Raises ChangedMeanwhile, Refused, and
    RuleVersion.DoesNotExist."""
    reason = reason or f"Back to version {number}."
    return _change(
        person, seen, "restore rule version", reason, lambda rule: rule.versions.get(number=number).definition
    )


def needed(rule: RepairRule) -> tuple[str, ...]:
    """The permissions that changing it takes: what is on is changed by those alone who may turn it on."""
    return ("write_rules",) if rule.mode == Mode.OFF else ("write_rules", "switch_rules")


def set_mode(person: User, seen: SeenRule, mode: Mode, reason: str = "") -> RepairRule:
    """Turns it off, has it suggest, or repair by itself; what it did until now no longer counts against it.
    Raises ChangedMeanwhile."""
    check(person, "switch_rules")
    with transaction.atomic():
        rule = locked(RepairRule.objects.all(), *seen)
        before, rule.mode, rule.since, rule.stopped = rule.mode, mode, timezone.now(), ""
        rule.save()
        note(person, f"switch to {mode}", _subject(rule), reason, {"mode": before}, {"mode": mode})
    return rule


def set_limits(person: User, seen: SeenRule, limits: Limits, reason: str = "") -> RepairRule:
    """When it is tried, and what makes it stop. Raises ChangedMeanwhile and Refused."""
    wanted = asdict(_sound(limits))
    with transaction.atomic():
        rule = changing(person, RepairRule.objects.all(), seen, needed)
        before = put(rule, wanted)
        rule.save()
        note(person, "set limits", _subject(rule), reason, before, wanted)
    return rule


def _change(
    person: User, seen: SeenRule, act: str, reason: str, made: Callable[[RepairRule], str]
) -> RepairRule:
    with transaction.atomic():
        rule = changing(person, RepairRule.objects.all(), seen, needed)
        text, before = made(rule), rule.number
        if text == rule.versions.get(number=before).definition:
            raise Refused("", "The rule already does exactly this.")
        rule.number = before + 1
        rule.save()
        _add_version(person, rule, text, reason)
        note(person, act, _subject(rule), reason, {"version": before}, {"version": rule.number})
    return rule


def _add_version(person: User, rule: RepairRule, text: str, reason: str) -> None:
    RuleVersion.objects.create(
        rule=rule,
        number=rule.number,
        definition=text,
        author=person.get_username(),
        person=person,
        reason=storable(reason, REASON_LIMIT),
    )


def _sound_text(definition: Definition) -> str:
    must_settle(definition)
    return json.dumps(to_json(definition))


def _subject(rule: RepairRule) -> str:
    return f"rule {rule.name}"


def _name(name: str) -> str:
    name = named(name, "A rule")
    if name.startswith(NAMED):
        raise Refused("name", f"Names that begin with {NAMED.strip()} are kept for repairs without a rule.")
    if name in _of_python():
        raise Refused("name", f"There is already a Python rule named {name}.")
    return name


def taken_twice() -> list[str]:
    """Names of staff's rules that rules of Python have as well, since these came later: what the one repairs
    would be taken for the other's."""
    return list(RepairRule.objects.filter(name__in=_of_python()).values_list("name", flat=True))


def _of_python() -> set[str]:
    return {rule.name for rule in discovery.rules()}


def _sound(limits: Limits) -> Limits:
    ranges: dict[str, Any] = {
        "priority": range(-10_000, 10_001),
        "per_minute": range(1, 1_000_001),
        "come_back_percent": range(101),
    }
    for name, allowed in ranges.items():
        if getattr(limits, name) not in allowed:
            raise Refused(name, f"Enter a whole number from {allowed[0]:,} to {allowed[-1]:,}.")
    return limits
