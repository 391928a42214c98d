"""The repair of a batch: claim → read → decide → settle.

A claim is a lease with a fencing number. A worker that is held up past its lease finds at settling that its
number is no longer the dead letter's, and changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID

from django.db import transaction

from consumers.repair import Rule
from workflow_processor import lifecycle
from workflow_processor.lifecycle import Claim
from workflow_processor.repair.cases import Claimed, read
from workflow_processor.repair.containment import ask
from workflow_processor.repair.time_limit import TimeLimit
from workflow_processor.revisions import NewRevision
from workflow_processor.storable import TEXT_LIMIT, storable
from workflow_processor.transition import Actor, Moved
from workflow_processor.triage import Decision, Park, Policy, Repair, RetryLater, decide

LEASE = timedelta(seconds=100)
"""Longer than Celery lets the task live (`tasks.repair`): a claim lapses when its worker is dead or lost."""
BUDGET = 30.0
"""Seconds of deciding. What rules that hang leave no time for is put off: the batch's time limit, which ends
the worker process and with it everything in hand, is for what nothing else can end."""
BATCH = 500
"""Dead letters that are repaired at a time."""
PORTION = 16 * 1024 * 1024
"""Bytes of bodies that are in memory at a time; one body may be larger."""

Decided = tuple[Claimed, Decision]


def repair(ids: Sequence[UUID], rules: Sequence[Rule], policy: Policy = Policy()) -> int:  # noqa: B008
    """Decides about those of the dead letters that are received and not in other hands. Gives for how many;
    what is left is received again, or soon will be."""
    until = monotonic() + BUDGET
    left: list[Claim] = []
    settled = 0
    for portion in _portions(lifecycle.claim(ids, LEASE)):
        if monotonic() > until:
            left += portion
            continue
        cases = read(portion)
        decided = list(_decide(cases, until, policy, rules))
        settled += _settle(decided)
        left += [claimed.claim for claimed in cases[len(decided) :]]
    lifecycle.put_off(left)
    return settled


def _portions(claimed: Sequence[Moved]) -> Iterator[list[Claim]]:
    portion: list[Claim] = []
    size = 0
    for letter in sorted(claimed):  # about first in, first out: ids sort by millisecond
        if portion and size + letter.size > PORTION:
            yield portion
            portion, size = [], 0
        portion.append(Claim(letter.id, letter.claim))
        size += letter.size
    if portion:
        yield portion


def _decide(
    cases: Sequence[Claimed], until: float, policy: Policy, rules: Sequence[Rule]
) -> Iterator[Decided]:
    with TimeLimit(policy.rule_seconds) as limit:
        for claimed in cases:
            if monotonic() > until:
                return
            yield claimed, decide(claimed.case, policy, rules, partial(ask, limit))


def _settle(decided: Sequence[Decided]) -> int:
    """Carries the decisions out in one transaction; gives how many of the claims still held."""
    waits: list[tuple[Claim, RetryLater]] = []
    parks: list[tuple[Claim, Park]] = []
    repairs: dict[str, list[tuple[Claim, NewRevision]]] = defaultdict(list)
    for (claim, case), decision in decided:
        match decision:
            case RetryLater():
                waits.append((claim, decision))
            case Park():
                parks.append((claim, decision))
            case Repair(message, rule, reason):
                repairs[rule].append((claim, NewRevision(message, case.return_address, _said(reason))))
    with transaction.atomic():
        moved = lifecycle.schedule_retry(
            [claim for claim, _ in waits],
            [decision.wait for _, decision in waits],
            [_said(decision.reason) for _, decision in waits],
        )
        moved += lifecycle.park(
            [claim for claim, _ in parks], [_said(decision.reason) for _, decision in parks]
        )
        for rule, made in repairs.items():
            claims, revisions = zip(*made, strict=True)
            moved += lifecycle.repair(claims, revisions, Actor(rule))
    return len(moved)


def _said(reason: str) -> str:
    """A reason as PostgreSQL can keep it; a rule's error may quote anything."""
    return storable(reason, TEXT_LIMIT)
