"""What rules of staff may still do, looked at once more when their repairs are carried out: a person may have
turned one off while it worked, and each has its limit in a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflow_processor.lifecycle import Claim
from workflow_processor.models import Mode
from workflow_processor.rules.standing import Standing, standings
from workflow_processor.triage import Decision, Park, Repair


@dataclass(slots=True)
class Allowed:
    """Decisions that may be carried out."""

    decided: list[tuple[Claim, Decision]] = field(default_factory=list)
    stale: list[Claim] = field(default_factory=list)
    """Repaired by a rule that may no longer, or is another version by now."""
    over_limit: set[str] = field(default_factory=set)
    """Rules that would have repaired more than they may in a minute."""


def allowed(decided: Sequence[tuple[Claim, Decision]]) -> Allowed:
    repairing = {decision.rule.name for _, decision in decided if isinstance(decision, Repair)}
    return within(decided, standings(repairing))


def within(decided: Sequence[tuple[Claim, Decision]], rules: Mapping[str, Standing]) -> Allowed:
    """What a rule would have repaired beyond its limit is parked, with the repair as a suggestion."""
    found = Allowed()
    left = {name: rule.left for name, rule in rules.items()}
    for claim, decision in decided:
        match decision:
            case Repair(rule=rule) if rule.name not in rules:  # one of Python's
                found.decided.append((claim, decision))
            case Repair(rule=rule) if not _current(decision, rules[rule.name]):
                found.stale.append(claim)
            case Repair(rule=rule) if not left[rule.name]:
                found.over_limit.add(rule.name)
                found.decided.append((claim, _suggested(decision)))
            case Repair(rule=rule):
                left[rule.name] -= 1
                found.decided.append((claim, decision))
            case _:
                found.decided.append((claim, decision))
    return found


def _current(repair: Repair, rule: Standing) -> bool:
    return rule.mode == Mode.AUTOMATIC and rule.number == repair.rule.version


def _suggested(repair: Repair) -> Park:
    reason = f"Rule {repair.rule.name} suggests a repair: it has reached its limit of repairs per minute."
    return Park(reason, repair.tried, replace(repair, tried=()))
