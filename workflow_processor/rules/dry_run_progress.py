"""How far a dry run has come, and what it found so far: written under its claim, or not at all."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from consumers.message import Message
from workflow_processor import sql
from workflow_processor.models import DryRun
from workflow_processor.rules.trying import Outcome, Tried
from workflow_processor.storable import TEXT_LIMIT, storable

LEASE = timedelta(seconds=100)
"""Longer than Celery lets the task live."""
SAMPLE, SAMPLE_SIZE = 200, 64 * 1024
"""Of so many messages of each outcome what they would become is kept, where its body has no more bytes."""
REASONS, WHY_LIMIT = 50, 300
"""Different reasons that are counted, and characters of each."""
OTHER = "Something else."


def claim(id: int) -> Any:
    """The dry run, in this worker's hands from now on; None where it is in another's, or has ended."""
    return next(iter(sql.run(_CLAIM, {"id": id, "lease": LEASE})), None)


def hold(run: Any) -> Any:
    """The dry run as it is now, for a lease more; None where the claim no longer holds."""
    return next(iter(sql.run(_HOLD, {"id": run.id, "claim": run.claim, "lease": LEASE})), None)


def measure(run: Any, after: UUID) -> None:
    """Notes how many dead letters it is about."""
    sql.run(_MEASURE_DAYS if run.days else _MEASURE_PARKED, {"id": run.id, "after": after})


def release(run: Any) -> bool:
    """Gives it back for another worker to carry on; whether the claim still held."""
    return bool(sql.run(_RELEASE, {"id": run.id, "claim": run.claim}))


def end(run: Any, state: DryRun.State, note: str = "") -> None:
    note = storable(note, TEXT_LIMIT)
    sql.run(_END, {"id": run.id, "claim": run.claim, "state": str(state), "note": note})


def add(run: Any, ids: Sequence[UUID], tried: Sequence[Tried]) -> None:
    """Notes that it is through with these, and what came of it, in one transaction."""
    with transaction.atomic():
        if _advance(run, ids, tried):
            _keep(run, tried)


def _advance(run: Any, ids: Sequence[UUID], tried: Sequence[Tried]) -> bool:
    """Whether the claim still held."""
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


_COLUMNS = {
    "dry_run_id": "int8",
    "dead_letter": "uuid",
    "version": "int4",
    "revision": "int4",
    "outcome": "text",
    "why": "text",
    "beyond": "text",
    "body": "bytea",
    "properties": "bytea",
    "return_address": "text",
}
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
_HOLD = """
UPDATE dry_run SET claimed_until = now() + %(lease)s::interval
WHERE id = %(id)s AND claim = %(claim)s AND state = 'running' RETURNING *
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
