"""The worker's side of dry runs. A chunk is one transaction, so a worker that dies has done it or has not,
and another carries on from there.

A dry run is claimed for a while, with a fencing number: what a late worker, or one whose dry run was
cancelled, wants to write changes nothing.
"""

from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from workflow_processor import sql
from workflow_processor.models import DryRun
from workflow_processor.portions import in_portions
from workflow_processor.repair import cases
from workflow_processor.repair.definition import parse
from workflow_processor.repair.staff_rule import StaffRule
from workflow_processor.rules import book
from workflow_processor.rules import dry_run_progress as progress
from workflow_processor.rules.trying import Outcome, try_on
from workflow_processor.triage import MISBEHAVIOUR

BUDGET = 20.0
"""Seconds of work in one go; somebody else's dry run may be waiting."""
CHUNK = 200
"""Dead letters that are tried at a time, where their bodies are no more than a portion."""
LAPSES = 2
"""So many workers may die over one dry run."""


def due() -> list[int]:
    """Dry runs that wait for a worker, or whose worker died."""
    return [row.id for row in sql.run(_DUE)]


def carry_on(id: int) -> bool:
    """Works at it until it is through or the time is over; whether there is more to do."""
    until = monotonic() + BUDGET
    run = progress.claim(id)
    if not run:
        return False
    if run.lapses >= LAPSES:
        progress.end(
            run, DryRun.State.FAILED, "It was interrupted twice: the rule may be crashing its worker."
        )
        return False
    if run.total is None:
        progress.measure(run, _begins(run))
    rule = StaffRule(parse(run.definition), run.name or "", run.version, book.current().surroundings)
    while monotonic() < until:
        if not (run := progress.hold(run)) or not _chunk(run, rule):
            return False
    return progress.release(run)


def _chunk(run: Any, rule: StaffRule) -> bool:
    """Whether there is more to do."""
    ids = _next(run)
    if not ids:
        progress.end(run, DryRun.State.FINISHED)
        return False
    looked = cases.look_back(ids) if run.days else cases.look(ids)
    tried = list(try_on(rule, looked))
    progress.add(run, ids, tried)
    misbehaved = [one.why for one in tried if one.outcome == Outcome.MISBEHAVED]
    if run.misbehaved + len(misbehaved) >= MISBEHAVIOUR:
        progress.end(run, DryRun.State.FAILED, f"It misbehaved too often. The first time: {misbehaved[0]}")
        return False
    return True


def _next(run: Any) -> list[UUID]:
    after = run.cursor or _begins(run)
    rows = sql.run(_BY_DAYS if run.days else _PARKED, {"after": after, "last": run.last, "chunk": CHUNK})
    return [row.id for row in next(in_portions(rows, lambda row: row.size), [])]


def _begins(run: Any) -> UUID:
    """Where the dead letters that it is about begin: ids sort by the millisecond that they begin with."""
    first = run.created_at - timedelta(days=run.days)
    return UUID(int=int(first.timestamp() * 1000) << 80 if run.days else 0)


_DUE = """
SELECT id FROM dry_run WHERE state IN ('waiting', 'running')
AND (state = 'waiting' OR claimed_until < now()) ORDER BY id LIMIT 10
"""
_PARKED = """
SELECT id, size FROM dead_letter
WHERE state = 'parked' AND id > %(after)s AND id <= %(last)s ORDER BY id LIMIT %(chunk)s
"""
_BY_DAYS = """
SELECT id, size FROM dead_letter WHERE id > %(after)s AND id <= %(last)s ORDER BY id LIMIT %(chunk)s
"""
