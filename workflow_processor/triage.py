"""Decides what becomes of a failed message: purely, from what it is given. `repair.pipeline` carries it out.

In this order, which `docs/lifecycle.md` shows:

    1. its repair was cut off too often, or nobody said where it came from   park
    2. it was sent back too often                                            park
    3. the world failed, not the message                                     retry later; after so many, park
    4. its consumer says that no program can mend it                         park
    5. a rule knows the fault: Python's first, then staff's by priority      repair
    6. a rule that only suggests knows it                                    park, with the suggestion
    7. nobody does                                                           park
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple, Self

from consumers.failure import Kind
from consumers.message import Message
from consumers.repair import FailedMessage, Rule
from workflow_processor.repair.containment import Answer, Mended, Misbehaved, NotMine, Unmended

MISBEHAVIOUR = 5
"""So often may a rule misbehave. Bringing a worker down counts as much at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Triage's limits."""

    sent_back: int = 10
    """How often a message is sent back at most without a person."""
    retries: int = 8
    first_wait: timedelta = timedelta(seconds=1)
    """The most that the first retry waits. Each one after it waits up to twice as long."""
    longest_wait: timedelta = timedelta(minutes=5)
    longest_asked: timedelta = timedelta(hours=1)
    """The most that a handler's own wish for a wait is granted."""
    lapses: int = 2
    """How often a repair may be cut off."""
    rule_seconds: float = 0.5
    """How long one rule may take over one message."""


@dataclass(frozen=True, slots=True)
class Case:
    """A failed message as triage sees it."""

    failed: FailedMessage
    return_address: str
    authors: frozenset[str] = frozenset()
    """Who made its revisions."""
    lapses: int = 0
    """How often its repair was cut off."""
    suspect: str = ""
    """The rule, as an author, that was asked when it was cut off last; "" where nobody knows."""
    chance: float = 0.5
    """From 0 to 1, drawn for this case: the jitter of its wait."""


class Signature(NamedTuple):
    """A version of a rule, by its name."""

    name: str
    version: int

    @property
    def author(self) -> str:
        """What a revision that it makes names as its author."""
        return f"rule {self.name} {self.version}"

    @classmethod
    def of(cls, author: str) -> Self | None:
        """The version of a rule that an author is, if it is one."""
        kind, _, signature = author.partition(" ")
        name, _, version = signature.rpartition(" ")
        return cls(name, int(version)) if kind == "rule" and version.isdecimal() else None


class Tried(NamedTuple):
    """A rule that did not help."""

    rule: Signature
    why: str
    """To follow the rule's name."""
    misbehaved: int = 0
    """How much it did wrong. From MISBEHAVIOUR on a rule of staff is turned off."""
    in_vain: bool = False
    """It repaired this message before."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    wait: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    message: Message
    rule: Signature
    reason: str
    return_address: str
    tried: tuple[Tried, ...] = ()
    """The rules that were asked before."""


@dataclass(frozen=True, slots=True)
class Park:
    reason: str
    tried: tuple[Tried, ...] = ()
    suggestion: Repair | None = None
    """What a rule would make of it that may not do so by itself."""


Decision = RetryLater | Repair | Park
Ask = Callable[[Rule, Case], Answer]
"""Puts the message to a rule, whatever the rule does."""


def decide(
    case: Case, policy: Policy, rules: Sequence[Rule], ask: Ask, suggesting: Sequence[Rule] = ()
) -> Decision:
    """What becomes of it. `suggesting` are the rules that may not repair by themselves. Every reason is a
    sentence for a clerk."""
    return without_rules(case, policy) or _repair(case, rules, suggesting, ask)


def without_rules(case: Case, policy: Policy) -> RetryLater | Park | None:
    """What becomes of it where no rule is asked; None where rules are."""
    attempt = case.failed.attempt
    if case.lapses >= policy.lapses:
        return _cut_off(case)
    if not case.return_address:
        return Park("It came without a return address.")
    if attempt >= policy.sent_back:
        return Park(f"It was sent back {attempt} times and failed each time.")
    match case.failed.failure.kind:
        case Kind.TRANSIENT:
            return _retry(case, policy)
        case Kind.PERMANENT:
            return Park("Its consumer says that no program can repair it.")
        case Kind.UNKNOWN:
            return None


def _cut_off(case: Case) -> Park:
    rule = Signature.of(case.suspect)
    if not rule:
        return Park(f"Its repair was interrupted {case.lapses} times: it may be crashing a rule.")
    why = f"did not finish, and its worker was lost, {case.lapses} times"
    return Park(f"Rule {rule.name} {rule.version} {why}.", (Tried(rule, why, MISBEHAVIOUR),))


def _retry(case: Case, policy: Policy) -> RetryLater | Park:
    """Exponential back-off with full jitter, on top of what the handler asked for."""
    attempt, failure = case.failed.attempt, case.failed.failure
    if attempt >= policy.retries:
        return Park(f"It still fails after {attempt} retries.")
    wait = _asked(failure.retry_after, policy) + case.chance * _most(attempt, policy)
    return RetryLater(wait, f"Retry {attempt + 1} of {policy.retries}: the failure is transient.")


def _asked(seconds: float | None, policy: Policy) -> timedelta:
    # Not a number is not above 0 either.
    granted = seconds if seconds and seconds > 0 else 0
    return timedelta(seconds=min(granted, policy.longest_asked.total_seconds()))


def _most(attempt: int, policy: Policy) -> timedelta:
    doubled: timedelta = policy.first_wait * 2 ** min(attempt, 16)
    return min(doubled, policy.longest_wait)


def _repair(case: Case, rules: Sequence[Rule], suggesting: Sequence[Rule], ask: Ask) -> Repair | Park:
    """The first rule that mends it. A broken rule keeps no other from trying, and is told of if none does."""
    tried: list[Tried] = []
    if repair := _mended(case, rules, ask, tried):
        return replace(repair, tried=tuple(tried))
    suggestion = _mended(case, suggesting, ask, tried)
    return Park(_obstacles(tried, suggestion), tuple(tried), suggestion)


def _mended(case: Case, rules: Sequence[Rule], ask: Ask, tried: list[Tried]) -> Repair | None:
    """What the first of the rules that helps makes of it; adds the others to `tried`."""
    for rule in rules:
        signature = Signature(rule.name, rule.version)
        if signature.author in case.authors:
            tried.append(Tried(signature, "repaired it before, and it came back", in_vain=True))
            continue
        match ask(rule, case):
            case Mended(message, said, return_address):
                return Repair(message, signature, said, return_address or case.return_address)
            case NotMine(why) | Unmended(why):
                tried.append(Tried(signature, why))
            case Misbehaved(what):
                tried.append(Tried(signature, what, misbehaved=1))
    return None


def _obstacles(tried: Sequence[Tried], suggestion: Repair | None) -> str:
    """Why it is parked, for a clerk. That a rule does not apply is no news."""
    told = [
        f"Rule {rule.name} {rule.version} {why}."
        for rule, why, misbehaved, in_vain in tried
        if misbehaved or in_vain
    ]
    if suggestion:
        told.append(f"Rule {suggestion.rule.name} suggests a repair.")
    return " ".join(told) or "No rule recognises this fault."
