"""Repair rules in the order in which triage asks them, and what each did lately."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db.models import F, QuerySet
from django.utils import timezone

from workflow_processor.models import DeadLetter, Group, MessageType, Mode, RepairRule, Source, State
from workflow_processor.repair import discovery
from workflow_processor.rules import figures

LATELY = timedelta(days=7)
OFFERED = 100
"""Groups whose error types and handlers a form suggests."""
PYTHON = "program"
"""In place of a mode: a rule of Python's does what it does."""
_ASKED = (Mode.AUTOMATIC, Mode.SUGGEST, Mode.OFF)
"""The order of triage; what is off comes last, and is not asked."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as its row shows it."""

    name: str
    version: int
    mode: str
    did: Mapping[str, int]
    """How often, by the name of a figure's kind (`RuleFigure.Kind`)."""
    rule: RepairRule | None = None
    """None for one of Python's."""
    turn: int | None = None
    """From 1; None for one that is not asked."""


@dataclass(frozen=True, slots=True)
class RuleList:
    rows: Sequence[RuleRow]
    broken: str = ""
    """Why Python's rules cannot be listed."""
    stopped: Sequence[RepairRule] = field(default_factory=list)
    """Those that turned themselves down."""


def rules() -> RuleList:
    """All of them, in the order of triage."""
    staff = sorted(RepairRule.objects.all(), key=_order)
    python, broken = _pythons()
    done = did([*(name for name, _ in python), *(rule.name for rule in staff)])
    rows = [RuleRow(name, version, PYTHON, done[name]) for name, version in python]
    rows += [RuleRow(rule.name, rule.number, rule.mode, done[rule.name], rule) for rule in staff]
    turns = [row if row.mode == Mode.OFF else replace(row, turn=turn) for turn, row in enumerate(rows, 1)]
    return RuleList(turns, broken, [rule for rule in staff if rule.stopped])


def did(names: Collection[str]) -> Mapping[str, Mapping[str, int]]:
    """What each rule of these names did lately, all versions together, by the name of a figure's kind."""
    found = figures.of(names, timezone.now() - LATELY)
    return {name: {kind.name.lower(): n for kind, n in kinds.items()} for name, kinds in found.items()}


def suggested(rule: RepairRule) -> QuerySet[DeadLetter]:
    """The parked messages for which the rule, as it is now, suggests a repair; the oldest first."""
    offered = {"suggestion__rule": rule.name, "suggestion__version": rule.number}
    parked = DeadLetter.objects.filter(state=State.PARKED, suggestion__revision=F("revision"), **offered)
    return parked.select_related("source").order_by("id") if rule.mode != Mode.OFF else parked.none()


def _pythons() -> tuple[Sequence[tuple[str, int]], str]:
    try:
        return [(rule.name, rule.version) for rule in discovery.rules()], ""
    except ImproperlyConfigured as error:
        return [], str(error)


def _order(rule: RepairRule) -> tuple[int, int, int]:
    return _ASKED.index(Mode(rule.mode)), rule.priority, rule.pk


def suggestions() -> Mapping[str, Sequence[str]]:
    """What the office has seen, for the fields of a form: by the name of a list, the latest first."""
    latest = Group.objects.order_by("-last_seen_at").values_list("error_type", "handler")[:OFFERED]
    return {
        "queues": list(Source.objects.order_by("queue").values_list("queue", flat=True).distinct()),
        "error-types": list(dict.fromkeys(error for error, _ in latest)),
        "handlers": list(dict.fromkeys(handler for _, handler in latest if handler)),
        "types": list(MessageType.objects.order_by("name").values_list("name", flat=True)),
    }
