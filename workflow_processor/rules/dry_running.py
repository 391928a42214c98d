"""The worker's side of dry runs. A chunk is one transaction, so a worker that dies has done it or has not,
and another carries on from there.

A dry run is claimed for a while, with a fencing number: what a late worker, or one whose dry run was
cancelled, wants to write changes nothing.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from consumers.message import Message
from workflow_processor import sql
from workflow_processor.models import DryRun
from workflow_processor.repair import cases
from workflow_processor.repair.definition import parse
from workflow_processor.repair.staff_rule import StaffRule
from workflow_processor.rules import book
from workflow_processor.rules.trying import Outcome, Tried, try_on
from workflow_processor.storable import TEXT_LIMIT, storable
from workflow_processor.triage import MISBEHAVIOUR

LEASE = timedelta(seconds=100)
"""Longer than Celery lets the task live."""
BUDGET = 20.0
"""Seconds of work in one go; somebody else's dry run may be waiting."""
CHUNK, PORTION = 200, 16 * 1024 * 1024
"""Dead letters, and about the bytes of their bodies, that are tried at a time."""
LAPSES = 2
"""So many workers may die over one dry run."""
SAMPLE, SAMPLE_SIZE = 200, 64 * 1024
"""Of so many messages of each outcome what they would become is kept, where its body has no more bytes."""
REASONS, WHY_LIMIT = 50, 300
"""Different reasons that are counted, and characters of each."""
OTHER = "Something else."


def due() -> list[int]:
    """Dry runs that wait for a worker, or whose worker died."""
    return [row.id for row in sql.run(_DUE)]


def carry_on(id: int) -> bool:
    """Works at it until it is through or the time is over; whether there is more to do."""
    until = monotonic() + BUDGET
    claimed = sql.run(_CLAIM, {"id": id, "lease": LEASE})
    if not claimed:
        return False
    [run] = claimed
    if run.total is None:
        sql.run(_MEASURE_DAYS if run.days else _MEASURE_PARKED, {"id": id, "after": _begins(run)})
    if run.lapses >= LAPSES:
        _end(run, DryRun.State.FAILED, "It was cut off twice: perhaps the rule brings its worker down.")
        return False
    rule = StaffRule(parse(run.definition), run.name or "", run.version, book.current().surroundings)
    while monotonic() < until:
        if not _chunk(run.id, run.claim, rule):
            return False
    return bool(sql.run(_RELEASE, {"id": id, "claim": run.claim}))


def _chunk(id: int, claim: int, rule: StaffRule) -> bool:
    """Whether there is more to do."""
    held = sql.run(_HELD, {"id": id, "claim": claim, "lease": LEASE})
    if not held:
        return False
    [run] = held
    ids = _next(run)
    if not ids:
        _end(run, DryRun.State.FINISHED)
        return False
    looked = cases.look_back(ids) if run.days else cases.look(ids)
    tried = list(try_on(rule, looked))
    with transaction.atomic():
        if _advance(run, ids, tried):
            _keep(run, tried)
    misbehaved = [one.why for one in tried if one.outcome == Outcome.MISBEHAVED]
    if run.misbehaved + len(misbehaved) >= MISBEHAVIOUR:
        _end(run, DryRun.State.FAILED, f"It misbehaved too often. The first time: {misbehaved[0]}")
        return False
    return True


def _next(run: Any) -> list[UUID]:
    after = run.cursor or _begins(run)
    rows = sql.run(_BY_DAYS if run.days else _PARKED, {"after": after, "last": run.last, "chunk": CHUNK})
    chosen: list[UUID] = []
    size = 0
    for row in rows:
        size += row.size
        if chosen and size > PORTION:
            break
        chosen.append(row.id)
    return chosen


def _begins(run: Any) -> UUID:
    """Where the dead letters that it is about begin: ids sort by the millisecond that they begin with."""
    first = run.created_at - timedelta(days=run.days)
    return UUID(int=int(first.timestamp() * 1000) << 80 if run.days else 0)


def _advance(run: Any, ids: Sequence[UUID], tried: Sequence[Tried]) -> bool:
    """Notes how far it has come; whether the claim still held."""
    counted = Counter(one.outcome for one in tried)
    reasons = Counter(run.reasons)
    for one in tried:
        if one.outcome is None:
            why = storable(one.why, WHY_LIMIT)
            reasons[why if why in reasons or len(reasons) < REASONS else OTHER] += 1
    parameters = {
        "id": run.id,
        "claim": run.claim,
        "cursor": ids[-1],
        "done": len(ids),
        "repaired": counted[Outcome.REPAIRED],
        "beyond": sum(bool(one.beyond) and one.outcome == Outcome.REPAIRED for one in tried),
        "invalid": counted[Outcome.INVALID],
        "left": counted[Outcome.LEFT],
        "misbehaved": counted[Outcome.MISBEHAVED],
        "not_matched": counted[None],
        "reasons": orjson.dumps(reasons).decode(),
    }
    return bool(sql.run(_ADVANCE, parameters))


def _keep(run: Any, tried: Sequence[Tried]) -> None:
    """Writes what would become of those that match, with the messages of the first of each outcome."""
    room = {outcome: SAMPLE - getattr(run, outcome) for outcome in (Outcome.REPAIRED, Outcome.INVALID)}
    rows = []
    for one in tried:
        if one.outcome is None:
            continue
        message = one.message
        if room.get(one.outcome, 0) <= 0 or (message and len(message.body) > SAMPLE_SIZE):
            message = None
        room[one.outcome] = room.get(one.outcome, 0) - 1
        rows.append(_row(run, one, message))
    sql.copy("dry_run_item", _COLUMNS, rows)


def _row(run: Any, one: Tried, message: Message | None) -> tuple[object, ...]:
    return (
        run.id,
        one.looked.id,
        one.looked.version,
        one.looked.revision,
        str(one.outcome),
        storable(one.why, TEXT_LIMIT),
        one.beyond,
        message and message.body,
        message and message.properties.raw,
        one.return_address,
    )


def _end(run: Any, state: DryRun.State, note: str = "") -> None:
    note = storable(note, TEXT_LIMIT)
    sql.run(_END, {"id": run.id, "claim": run.claim, "state": str(state), "note": note})


_COLUMNS = (
    "dry_run_id",
    "dead_letter",
    "version",
    "revision",
    "outcome",
    "why",
    "beyond",
    "body",
    "properties",
    "return_address",
)
_DUE = """
SELECT id FROM dry_run WHERE state IN ('waiting', 'running')
AND (state = 'waiting' OR claimed_until < now()) ORDER BY id LIMIT 10
"""
_CLAIM = """
UPDATE dry_run r SET state = 'running', claim = claim + 1, claimed_until = now() + %(lease)s::interval,
    lapses = CASE WHEN state = 'running' THEN lapses + 1 ELSE lapses END,
    last = coalesce(last, (SELECT id FROM dead_letter ORDER BY id DESC LIMIT 1))
WHERE id = %(id)s AND (state = 'waiting' OR state = 'running' AND claimed_until < now())
RETURNING id, claim, lapses, definition, version, total, days, created_at,
    (SELECT name FROM repair_rule WHERE id = r.rule_id) AS name
"""
_MEASURE_PARKED = """
UPDATE dry_run SET total = (SELECT coalesce(sum(change), 0) FROM state_count WHERE state = 'parked')
WHERE id = %(id)s
"""
_MEASURE_DAYS = """
UPDATE dry_run SET total = (SELECT count(*) FROM dead_letter WHERE id > %(after)s) WHERE id = %(id)s
"""
_HELD = """
UPDATE dry_run SET claimed_until = now() + %(lease)s::interval
WHERE id = %(id)s AND claim = %(claim)s AND state = 'running' RETURNING *
"""
_PARKED = """
SELECT id, size FROM dead_letter
WHERE state = 'parked' AND id > %(after)s AND id <= %(last)s ORDER BY id LIMIT %(chunk)s
"""
_BY_DAYS = """
SELECT id, size FROM dead_letter WHERE id > %(after)s AND id <= %(last)s ORDER BY id LIMIT %(chunk)s
"""
_ADVANCE = """
UPDATE dry_run SET lapses = 0, cursor = %(cursor)s, done = done + %(done)s::int,
    repaired = repaired + %(repaired)s::int, beyond = beyond + %(beyond)s::int,
    invalid = invalid + %(invalid)s::int, "left" = "left" + %(left)s::int,
    misbehaved = misbehaved + %(misbehaved)s::int, not_matched = not_matched + %(not_matched)s::int,
    reasons = %(reasons)s::jsonb
WHERE id = %(id)s AND claim = %(claim)s AND state = 'running' RETURNING id
"""
_RELEASE = """
UPDATE dry_run SET state = 'waiting', claimed_until = NULL
WHERE id = %(id)s AND claim = %(claim)s AND state = 'running' RETURNING id
"""
_END = """
UPDATE dry_run SET state = %(state)s, note = %(note)s, finished_at = now(), claimed_until = NULL
WHERE id = %(id)s AND claim = %(claim)s AND state = 'running'
"""
