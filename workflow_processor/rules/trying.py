"""Asks one rule about many messages without any effect on them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from consumers.message import Message
from consumers.repair import Rule
from workflow_processor.models import DryRunItem
from workflow_processor.repair.cases import Looked
from workflow_processor.repair.containment import Answer, Mended, Misbehaved, NotMine, Unmended, ask
from workflow_processor.repair.time_limit import TimeLimit
from workflow_processor.triage import MISBEHAVIOUR, Case, Policy, Signature, without_rules

Outcome = DryRunItem.Outcome
ENOUGH = "The rule misbehaved too often, and was not tried again."


class Tried(NamedTuple):
    """What the rule would make of a message."""

    looked: Looked
    outcome: Outcome | None
    """None: it is another fault than the rule's."""
    why: str
    beyond: str = ""
    """Why triage would not ask the rule by itself; "" where it would."""
    message: Message | None = None
    return_address: str = ""


def try_on(rule: Rule, cases: Sequence[Looked], policy: Policy = Policy()) -> Iterator[Tried]:  # noqa: B008
    """In the same way as when it repairs: under the same limits, with the same answers."""
    author = Signature(rule.name, rule.version).author
    misbehaved = 0
    with TimeLimit(policy.rule_seconds) as limit:
        for looked in cases:
            case = looked.case
            if author in case.authors:
                yield Tried(looked, Outcome.LEFT, "It repaired this message before, and it came back.")
            elif misbehaved >= MISBEHAVIOUR:  # each time may take all the time there is for a message
                yield Tried(looked, Outcome.MISBEHAVED, ENOUGH)
            else:
                answer = ask(limit, rule, case.failed, case.return_address)
                misbehaved += isinstance(answer, Misbehaved)
                yield _tried(looked, answer, _beyond(case, policy))


def _beyond(case: Case, policy: Policy) -> str:
    decided = without_rules(case, policy)
    return decided.reason if decided else ""


def _tried(looked: Looked, answer: Answer, beyond: str) -> Tried:
    match answer:
        case Mended(message, said, return_address):
            address = return_address or looked.case.return_address
            return Tried(looked, Outcome.REPAIRED, said, beyond, message, address)
        case NotMine(why):
            return Tried(looked, None, _sentence(why))
        case Unmended(why, None):
            return Tried(looked, Outcome.LEFT, _sentence(why))
        case Unmended(why, message):
            return Tried(looked, Outcome.INVALID, _sentence(why), beyond, message)
        case Misbehaved(what):
            return Tried(looked, Outcome.MISBEHAVED, f"The rule {what}.")


def _sentence(why: str) -> str:
    return f"{why[:1].upper()}{why[1:]}."
