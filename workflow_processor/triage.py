"""Decides what becomes of a failed message: purely, from what it is given. `repair.pipeline` carries it out.

In this order, which `docs/lifecycle.md` shows:

    1. its repair was cut off too often, or nobody said where it came from   park
    2. it was sent back too often                                            park
    3. the world failed, not the message                                     retry later; after so many, park
    4. its handler says that no program can mend it                          park
    5. a rule knows the fault                                                repair
    6. nobody does                                                           park
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from consumers.failure import Kind
from consumers.message import Message
from consumers.repair import FailedMessage, Rule
from workflow_processor.repair.containment import Answer, Mended, Misbehaved


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
    chance: float = 0.5
    """From 0 to 1, drawn for this case: the jitter of its wait."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    wait: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    message: Message
    rule: str
    """The rule and its version, as the author of the revision."""
    reason: str


@dataclass(frozen=True, slots=True)
class Park:
    reason: str


Decision = RetryLater | Repair | Park
Ask = Callable[[Rule, FailedMessage], Answer]
"""Puts the message to a rule, whatever the rule does."""


def decide(case: Case, policy: Policy, rules: Sequence[Rule], ask: Ask) -> Decision:
    """What becomes of it. Every reason is a sentence for a clerk."""
    attempt = case.failed.attempt
    if case.lapses >= policy.lapses:
        return Park(f"Its repair was cut off {case.lapses} times: perhaps it brings a rule down.")
    if not case.return_address:
        return Park("It came without an address that it could be sent back to.")
    if attempt >= policy.sent_back:
        return Park(f"It was sent back {attempt} times and failed each time.")
    match case.failed.failure.kind:
        case Kind.TRANSIENT:
            return _retry(case, policy)
        case Kind.PERMANENT:
            return Park("Its handler says that no program can mend it.")
        case Kind.UNKNOWN:
            return _repair(case, rules, ask)


def author_of(rule: Rule) -> str:
    """What a revision that the rule makes names as its author."""
    return f"rule {rule.name} {rule.version}"


def _retry(case: Case, policy: Policy) -> RetryLater | Park:
    """Exponential back-off with full jitter, on top of what the handler asked for."""
    attempt, failure = case.failed.attempt, case.failed.failure
    if attempt >= policy.retries:
        return Park(f"It still fails after it was tried again {attempt} times.")
    wait = _asked(failure.retry_after, policy) + case.chance * _most(attempt, policy)
    return RetryLater(wait, f"Retry {attempt + 1} of {policy.retries}: the world failed, not the message.")


def _asked(seconds: float | None, policy: Policy) -> timedelta:
    # Not a number is not above 0 either.
    granted = seconds if seconds and seconds > 0 else 0
    return timedelta(seconds=min(granted, policy.longest_asked.total_seconds()))


def _most(attempt: int, policy: Policy) -> timedelta:
    doubled: timedelta = policy.first_wait * 2 ** min(attempt, 16)
    return min(doubled, policy.longest_wait)


def _repair(case: Case, rules: Sequence[Rule], ask: Ask) -> Repair | Park:
    """The first rule that mends it. A broken rule keeps no other from trying, and is told of if none does."""
    obstacles = []
    for rule in rules:
        if author_of(rule) in case.authors:
            obstacles.append(f"Rule {rule.name} {rule.version} repaired it before, and it came back.")
            continue
        match ask(rule, case.failed):
            case Mended(message):
                return Repair(message, author_of(rule), _reason(rule))
            case Misbehaved(what):
                obstacles.append(f"Rule {rule.name} {rule.version} {what}.")
    return Park(" ".join(obstacles) or "No rule knows this fault.")


def _reason(rule: Rule) -> str:
    """What the rule says of itself in the first line of its docstring."""
    about = (type(rule).__doc__ or "").strip().splitlines()
    return about[0] if about else "The rule knows this fault."
