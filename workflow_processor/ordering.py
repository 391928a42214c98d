"""Order per key: what a failed message holds up is let go one at a time, first in, first out.

The head of a gate is the dead letter that the others of its key wait for. When it has ended, the first of the
held becomes a dead letter that is requeued, and the new head; its receipt lets go the next. A gate is opened
only under its lock, and only when nothing is held.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from consumers import brokers
from consumers.identity import attempt, uuid7
from consumers.message import Message
from workflow_processor import outbox, portions, returning, sql
from workflow_processor.beginning import Beginning, Earlier, NewLetter, begin, latest
from workflow_processor.models import Event, Flow, State
from workflow_processor.returning import Named
from workflow_processor.transition import ORDERING, Actor, Moved, Transition, Wanted, move, tell

RELEASED = Beginning(State.REQUEUED, Event.Kind.RELEASED, Flow.Kind.REQUEUED, failures=0, attempt=1)
DISCARDED = Beginning(State.DISCARDED, Event.Kind.DISCARDED, Flow.Kind.DISCARDED, failures=0, attempt=0)
TAKEN_BACK = Transition((State.REQUEUED,), State.PARKED, Event.Kind.WITHDRAWN)
_Pair = tuple[Any, Any]
"""A gate and a message that waits behind it."""

WAITED = "Waited behind another message"
"""In place of an error type: what was held has none."""
LOST_AFTER = timedelta(minutes=5)
"""A gate whose head has not come to the office for so long may wait for it in vain."""
CHUNK = 500
"""Held messages discarded at a time."""


class Head(NamedTuple):
    """A dead letter that has just failed, and its key."""

    id: UUID
    queue: str
    subscriber: str
    key: str
    digest: bytes


def close(heads: Sequence[Head]) -> None:
    """Closes the gates of failures that have just been stored, where their consumer has not. A gate that is
    closed learns which dead letter its head is."""
    if heads:
        columns = zip(Head._fields, zip(*heads, strict=True), strict=True)
        values = {name: list(column) for name, column in columns}
        sql.run(_CLOSE, values)
        sql.run(_LEARN, values)


def advance(ended: Sequence[UUID]) -> list[UUID]:
    """Lets go of the next behind each gate whose head has ended, or is to be passed by; opens the gates with
    nothing behind them. Gives the new heads."""
    return _let_go(sql.run(_LOCK, {"heads": list(ended)})) if ended else []


def open_lost(gate: int) -> list[UUID] | None:
    """The same for a gate whose head has not come to the office; None where it has, or may still."""
    sql.run(_SOURCE, {"gate": gate})
    gates = sql.run(_LOCK_LOST, {"gate": gate, "after": LOST_AFTER})
    return _let_go(gates) if gates else None


def _let_go(gates: list[Any]) -> list[UUID]:
    heads: list[UUID] = []
    while gates:
        first = {row.gate_id: row for row in sql.run(_FIRST, {"gates": [gate.id for gate in gates]})}
        sql.run(_OPEN, {"gates": [gate.id for gate in gates if gate.id not in first]})
        gates = [gate for gate in gates if gate.id in first]
        sent = _release([(gate, first[gate.id]) for gate in gates])
        heads += sent.values()
        gates = [gate for gate in gates if gate.id not in sent]
    return heads


def advance_ended(heads: Sequence[UUID]) -> list[UUID]:
    """The same for those of these that have ended. One that is changing just now waits for the next look."""
    with transaction.atomic():
        ended = sql.run(_ENDED, {"heads": list(heads)}) if heads else []
        return advance([row.id for row in ended])


def overlooked() -> list[UUID]:
    """Heads that ended before their gate knew them: a consumer that had stood still closed it once more, and
    nobody else looks at them again."""
    return [row.head_id for row in sql.run(_OVERLOOKED)]


def discard_held(heads: Sequence[UUID], by: Actor, reason: str) -> list[Moved]:
    """Discards everything that waits behind these. Their gates stay as they are. A requeue that waits has a
    dead letter of its own, which is parked again: that is another decision."""
    discarded: list[Moved] = []
    gates = {gate.id: gate for gate in sql.run(_LOCK, {"heads": list(heads)})} if heads else {}
    some = {"gates": list(gates), "limit": CHUNK, "size": portions.PORTION}
    while rows := sql.run(_SOME, some) if gates else []:
        pairs = [(gates[row.gate_id], row) for row in rows]
        requeues = _requeues(pairs)
        taken = [row.dead_letter for row in rows if row.id in requeues]
        move(TAKEN_BACK, Wanted(taken, "What waited at its key's gate was discarded."), by)
        letters = _letters([pair for pair in pairs if pair[1].id not in requeues], reason)
        discarded += begin(DISCARDED, {id: letter for id, (_, letter) in letters.items()}, by)
        _drop(rows)
    return discarded


def waiting(heads: Collection[UUID]) -> dict[UUID, int]:
    """How many messages wait behind each of these."""
    return {row.head_id: row.count for row in sql.run(_WAITING, {"heads": list(heads)})} if heads else {}


def _release(firsts: Sequence[_Pair]) -> dict[int, UUID]:
    """Sends each held message on its way and makes its dead letter the gate's head; gives these by gate. One
    is missing where an open dead letter speaks for the message already."""
    requeues = _requeues(firsts)
    resent = _resend([pair for pair in firsts if pair[1].id in requeues])
    others = [pair for pair in firsts if pair[1].id not in requeues]
    letters = _letters(others, "The message it waited for has ended.")
    made = begin(RELEASED, {id: letter for id, (_, letter) in letters.items()}, ORDERING)
    outbox.put(made)
    heads = resent | {letters[letter.id][0]: letter.id for letter in made}
    digests = {gate.id: row.identity for gate, row in firsts}
    ids = {"gates": list(heads), "ids": list(heads.values()), "digests": [digests[gate] for gate in heads]}
    sql.run(_HEAD, ids)
    _drop([row for _, row in firsts])
    known = [row for gate, row in firsts if gate.id not in heads]
    _tell_known([row.dead_letter if row.id in requeues else None for row in known], known)
    return heads


def _requeues(held: Sequence[_Pair]) -> set[int]:
    """Which of the held are requeues of dead letters that answer for them: those send them once more, or have
    gone another way since. One that was resolved by silence does not: that was because it waited here."""
    named = {
        row.id: Named(
            row.dead_letter, _attempt(row), gate.queue, gate.subscriber, row.return_address, row.body
        )
        for gate, row in held
        if row.dead_letter
    }
    ours = returning.requeues(named)
    rows = sql.run(_ANSWERING, {"ids": [named[id].dead_letter for id in ours]}) if ours else []
    answering = {row.id for row in rows}
    return {id for id in ours if named[id].dead_letter in answering}


def _attempt(row: Any) -> int:
    return attempt(Message(b"", brokers.properties(row.properties_format, bytes(row.properties))))


def _resend(firsts: Sequence[_Pair]) -> dict[int, UUID]:
    """Requeues that were held themselves go out once more; gives their dead letters by gate."""
    gates = {row.dead_letter: gate.id for gate, row in firsts}
    rows = sql.run(_RESEND, {"ids": list(gates)}) if gates else []
    return {gates[row.dead_letter_id]: row.dead_letter_id for row in rows}


def _tell_known(ids: Sequence[UUID | None], rows: Sequence[Any]) -> None:
    """Notes that these dead letters, or those of the same messages, were seen again in the rows."""
    known = latest(bytes(row.identity) for row in rows) if rows else {}
    told = [id or known[bytes(row.identity)].id for id, row in zip(ids, rows, strict=True)]
    text = "The message was delivered once more, and waited behind its key's gate."
    tell(Event.Kind.SEEN_AGAIN, told, [text] * len(told), ORDERING)


def _letters(held: Sequence[_Pair], text: str) -> dict[UUID, tuple[int, NewLetter]]:
    """A dead letter to be for each, with its gate."""
    known = latest(bytes(row.identity) for _, row in held) if held else {}
    groups = {source: _group(source) for source in {gate.source_id for gate, _ in held}}
    return {
        uuid7(): (gate.id, _letter(gate, row, groups[gate.source_id], known.get(bytes(row.identity)), text))
        for gate, row in held
    }


def _letter(gate: Any, row: Any, group: int, earlier: Earlier | None, text: str) -> NewLetter:
    return NewLetter(
        message=Message(bytes(row.body), brokers.properties(row.properties_format, bytes(row.properties))),
        digest=bytes(row.identity),
        source=gate.source_id,
        group=group,
        return_address=row.return_address,
        ordering_key=gate.key,
        error_type=WAITED,
        error_text="It did not fail: it was released when the earlier message of its key had ended.",
        handler="",
        failed_at=row.held_at,
        earlier=earlier.id if earlier and not earlier.open else None,
        redelivered=row.redelivered,
        text=text,
    )


def _group(source: int) -> int:
    """What was held is one group for each source: no failure, no cause."""
    return int(sql.run(_GROUP, {"fingerprint": f"held-{source}", "source": source, "type": WAITED})[0].id)


def _drop(rows: Sequence[Any]) -> None:
    sql.run("DELETE FROM held_message WHERE id = ANY(%(ids)b::bigint[])", {"ids": [row.id for row in rows]})


_CLOSE = """
INSERT INTO gate (queue, subscriber, key, head_identity, closed_at)
SELECT DISTINCT ON (queue, subscriber, key) queue, subscriber, key, digest, now()
FROM unnest(%(id)b::uuid[], %(queue)b::text[], %(subscriber)b::text[], %(key)b::text[], %(digest)b::bytea[])
    AS w(id, queue, subscriber, key, digest)
ORDER BY queue, subscriber, key, id
ON CONFLICT (queue, subscriber, key) DO NOTHING
"""
_LEARN = """
UPDATE gate g SET head_id = w.id
FROM unnest(%(id)b::uuid[], %(queue)b::text[], %(subscriber)b::text[], %(key)b::text[], %(digest)b::bytea[])
    AS w(id, queue, subscriber, key, digest)
WHERE g.queue = w.queue AND g.subscriber = w.subscriber AND g.key = w.key
    AND g.head_id IS NULL AND g.head_identity = w.digest
"""
# Alone: no consumer puts a message behind a gate while it is decided whether anything is there.
_LOCK = """
SELECT g.id, g.queue, g.subscriber, g.key, d.source_id FROM gate g JOIN dead_letter d ON d.id = g.head_id
WHERE g.head_id = ANY(%(heads)b::uuid[]) ORDER BY g.queue, g.subscriber, g.key FOR UPDATE OF g
"""
_LOCK_LOST = """
SELECT g.id, g.queue, g.subscriber, g.key, s.id AS source_id
FROM gate g LEFT JOIN source s ON (s.queue, s.subscriber) = (g.queue, g.subscriber)
WHERE g.id = %(gate)s AND g.head_id IS NULL AND g.closed_at < now() - %(after)s::interval FOR UPDATE OF g
"""
# Nothing of it has come to the office yet, perhaps.
_SOURCE = """
INSERT INTO source (queue, subscriber, return_address, first_seen_at)
SELECT g.queue, g.subscriber, h.return_address, now()
FROM gate g JOIN held_message h ON h.gate_id = g.id WHERE g.id = %(gate)s ORDER BY h.id LIMIT 1
ON CONFLICT (queue, subscriber) DO NOTHING
"""
# Shared: it does not come back while what waits for it is let go.
_ENDED = """
SELECT id FROM dead_letter WHERE id = ANY(%(heads)b::uuid[]) AND state IN ('resolved', 'discarded')
ORDER BY id FOR SHARE SKIP LOCKED
"""
_OVERLOOKED = """
SELECT g.head_id FROM gate g JOIN dead_letter d ON d.id = g.head_id WHERE d.state IN ('resolved', 'discarded')
"""
_OPEN = "DELETE FROM gate WHERE id = ANY(%(gates)b::bigint[])"
_FIRST = """
SELECT DISTINCT ON (gate_id) * FROM held_message WHERE gate_id = ANY(%(gates)b::bigint[]) ORDER BY gate_id, id
"""
_SOME = """
SELECT * FROM held_message WHERE id IN (
    SELECT id FROM (
        SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM (
            SELECT id, octet_length(body) AS size FROM held_message
            WHERE gate_id = ANY(%(gates)b::bigint[]) ORDER BY id LIMIT %(limit)s
        ) AS first
    ) AS sized WHERE before < %(size)s
) ORDER BY id
"""
_ANSWERING = "SELECT id FROM dead_letter WHERE id = ANY(%(ids)b::uuid[]) AND NOT by_silence"
# Its current requeue was held in place of being processed: it goes out again, under the same requeue id.
_RESEND = """
UPDATE outbox o SET state = 'pending', due_at = now(), leased_until = NULL
FROM dead_letter d
WHERE d.id = ANY(%(ids)b::uuid[]) AND d.state = 'requeued'
    AND o.dead_letter_id = d.id AND o.attempt = d.attempt
RETURNING o.dead_letter_id
"""
_HEAD = """
UPDATE gate g SET head_id = w.id, head_identity = w.digest
FROM unnest(%(gates)b::bigint[], %(ids)b::uuid[], %(digests)b::bytea[]) AS w(gate, id, digest)
WHERE g.id = w.gate
"""
_WAITING = """
SELECT g.head_id, count(*) AS count FROM gate g JOIN held_message h ON h.gate_id = g.id
WHERE g.head_id = ANY(%(heads)b::uuid[]) GROUP BY g.head_id
"""
_GROUP = """
INSERT INTO failure_group (fingerprint, fingerprint_version, source_id, error_type, handler, text, top_frame,
                           first_seen_at, last_seen_at)
VALUES (%(fingerprint)s, 0, %(source)s, %(type)s::text, '',
        'These did not fail: each was let go when the message before it had ended.', '', now(), now())
ON CONFLICT (fingerprint) DO UPDATE SET last_seen_at = now()
RETURNING id
"""
