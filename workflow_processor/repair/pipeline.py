"""The repair of a batch: claim → read → decide → settle → send.

A claim is a lease with a fencing number. A worker that is held up past its lease finds at settling that its
number is no longer the dead letter's, and changes nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID

from consumers.repair import Rule
from workflow_processor import lifecycle
from workflow_processor.lifecycle import Claim
from workflow_processor.portions import in_portions
from workflow_processor.relay import Relay
from workflow_processor.repair.asking import Asking
from workflow_processor.repair.carry_out import Decided, carry_out
from workflow_processor.repair.cases import Claimed, read
from workflow_processor.repair.time_limit import TimeLimit
from workflow_processor.rules import book
from workflow_processor.triage import Policy, decide

LEASE = timedelta(seconds=100)
"""Longer than Celery lets the task live (`tasks.repair`): a claim lapses when its worker is dead or lost."""
BUDGET = 30.0
"""Seconds of deciding. What rules that hang leave no time for is put off: the batch's time limit, which ends
the worker process and with it everything in hand, is for what nothing else can end."""
BATCH = 500
"""Dead letters that are repaired at a time."""


def repair(
    ids: Sequence[UUID],
    rules: Sequence[Rule],
    policy: Policy = Policy(),  # noqa: B008
    relay: Relay | None = None,
) -> int:
    """Decides about those of the dead letters that are received and not in other hands, by these rules of
    Python's and by those of staff. What they mend this relay sends at once; without one it is left to others.
    Gives for how many it decided; what is left is received again, or soon will be."""
    asking = Asking(rules, book.current())
    until = monotonic() + BUDGET
    left: list[Claim] = []
    settled = 0
    # About first in, first out: ids sort by millisecond.
    for portion in in_portions(sorted(lifecycle.claim(ids, LEASE)), lambda letter: letter.size):
        claims = [Claim(letter.id, letter.claim) for letter in portion]
        if monotonic() > until:
            left += claims
            continue
        cases = read(claims)
        settled += _park_unread(claims, cases)
        decided = list(_decide(cases, until, policy, asking))
        settled += _settle(decided, relay)
        left += [claimed.claim for claimed in cases[len(decided) :]]
    lifecycle.put_off(left)
    return settled


def _settle(decided: Sequence[Decided], relay: Relay | None) -> int:
    if not relay or relay.outage.pausing:
        return carry_out(decided).claims
    lease = relay.lease()
    settled = carry_out(decided, lease.length)
    relay.send(settled.leaving, lease)
    return settled.claims


def _park_unread(claims: Sequence[Claim], cases: Sequence[Claimed]) -> int:
    """Sets aside, lest it is claimed for ever, what no repair will ever read; gives how many."""
    unread = sorted(set(claims).difference(claimed.claim for claimed in cases))
    reason = "It could not be read: part of it is missing in the database."
    return len(lifecycle.park(unread, [reason] * len(unread)))


def _decide(cases: Sequence[Claimed], until: float, policy: Policy, asking: Asking) -> Iterator[Decided]:
    with TimeLimit(policy.rule_seconds) as limit:
        for claimed in cases:
            if monotonic() > until:
                return
            ask = partial(asking.ask, limit, claimed.claim)
            yield claimed, decide(claimed.case, policy, asking.rules, ask, asking.suggesting)
