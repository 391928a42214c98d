"""Carries decisions out, in one transaction for all of a portion."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import orjson
from django.db import transaction

from workflow_processor import lifecycle
from workflow_processor.lifecycle import Claim, Repaired
from workflow_processor.outbox import Entry
from workflow_processor.repair.cases import Claimed
from workflow_processor.revisions import NewRevision
from workflow_processor.rules import figures, standing, suggestions
from workflow_processor.rules.allowances import Allowed, allowed
from workflow_processor.rules.suggestions import Offered
from workflow_processor.storable import TEXT_LIMIT, storable
from workflow_processor.transition import Actor, Moved
from workflow_processor.triage import Decision, Park, Repair, RetryLater, Signature, Tried

Decided = tuple[Claimed, Decision]
WHY_LIMIT = 300
"""Characters kept of why a rule did not help."""


class Settled(NamedTuple):
    """What came of a portion."""

    claims: int
    """How many still held, and no person had changed their rule."""
    leaving: list[Entry]
    """Requeues that are the caller's to send."""


def carry_out(decided: Sequence[Decided], lease: timedelta | None = None) -> Settled:
    """With a lease, what was repaired is the caller's to send within that; else a relay's."""
    with transaction.atomic():
        within = allowed([(claimed.claim, decision) for claimed, decision in decided])
        settled = _move(within, lease)
        misbehaved = figures.add([decision for _, decision in within.decided])
        standing.judge(misbehaved | within.over_limit, within.over_limit)
    return settled


def _move(within: Allowed, lease: timedelta | None) -> Settled:
    waits: list[tuple[Claim, RetryLater]] = []
    parks: list[tuple[Claim, Park]] = []
    repairs: dict[Signature, list[tuple[Claim, Repair]]] = defaultdict(list)
    for claim, decision in within.decided:
        match decision:
            case RetryLater():
                waits.append((claim, decision))
            case Park():
                parks.append((claim, decision))
            case Repair():
                repairs[decision.rule].append((claim, decision))
    lifecycle.put_off(
        within.stale, "The rule that repaired it was changed meanwhile; it will be tried again."
    )
    aside = len(_wait(waits)) + len(_park(parks))
    repaired = [_repair(rule, made, lease) for rule, made in repairs.items()]
    return Settled(
        aside + sum(len(one.moved) for one in repaired), [entry for one in repaired for entry in one.leaving]
    )


def _wait(waits: Sequence[tuple[Claim, RetryLater]]) -> list[Moved]:
    return lifecycle.schedule_retry(
        [claim for claim, _ in waits],
        [decision.wait for _, decision in waits],
        [_said(decision.reason) for _, decision in waits],
    )


def _park(parks: Sequence[tuple[Claim, Park]]) -> list[Moved]:
    moved = lifecycle.park(
        [claim for claim, _ in parks],
        [_said(decision.reason) for _, decision in parks],
        [_details(decision.tried) for _, decision in parks],
    )
    offers = {
        claim.id: Offered(decision.suggestion.rule, _made(decision.suggestion))
        for claim, decision in parks
        if decision.suggestion
    }
    suggestions.keep(moved, offers)
    return moved


def _repair(rule: Signature, made: Sequence[tuple[Claim, Repair]], lease: timedelta | None) -> Repaired:
    return lifecycle.repair(
        [claim for claim, _ in made],
        [_made(repair) for _, repair in made],
        Actor(rule.author),
        [_details(repair.tried) for _, repair in made],
        lease,
    )


def _made(repair: Repair) -> NewRevision:
    return NewRevision(repair.message, repair.return_address, _said(repair.reason))


def _details(tried: Sequence[Tried]) -> str | None:
    """The rules that did not help, as the timeline keeps them."""
    if not tried:
        return None
    rules = [
        {"rule": rule.name, "version": rule.version, "why": storable(why, WHY_LIMIT)}
        for rule, why, *_ in tried
    ]
    return orjson.dumps({"tried": rules}).decode()


def _said(reason: str) -> str:
    """A reason as PostgreSQL can keep it; a rule's error may quote anything."""
    return storable(reason, TEXT_LIMIT)
