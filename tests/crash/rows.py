"""What the checker wants to know of the office's database."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

from consumers.identity import requeue_id
from tests.crash import lines
from tests.crash.checker import Rows
from tests.crash.letters import Letter

ACTS = {"edit": "edited", "requeue": "requeued", "discard": "discarded"}
"""Acts of the audit, and the events that they are on the timeline."""


def gather(database: psycopg.Connection[Any], ids: Iterable[str], clerk: Path) -> Rows:
    """The rows of these messages. `clerk`: where the clerk's memory is."""
    wanted = {"ids": list(ids)}

    def rows(query: str) -> list[Any]:
        return database.execute(query, wanted).fetchall()

    with database.transaction():
        letters = rows(_letters)
        ours = {str(letter) for letter, *_ in letters}
        return Rows(
            letters=[(id, state, marked) for _, id, state, marked in letters],
            held=[
                (id, marked) for body, marked in rows(_held) if (id := Letter.read(body).id) in wanted["ids"]
            ],
            sent={str(requeue_id(letter, attempt)): digest for letter, attempt, digest in rows(_sent)},
            acts=[(str(letter), kind) for letter, kind in rows(_acts)],
            audit=[
                (letter, ACTS[act])
                for act, letters in rows(_audit)
                for letter in letters
                if letter in ours and act in ACTS
            ],
            answered=[
                (record["letter"], act)
                for record in lines.read(clerk)
                for act in record.get("did", ())
                if record["letter"] in ours
            ],
        )


def settled(database: psycopg.Connection[Any], ids: Iterable[str]) -> bool:
    """Whether nothing of these messages is in work or on its way out, and nobody is to mend one."""
    (count,) = database.execute(_open, {"ids": list(ids)}).fetchone() or (None,)
    return count == 0


def unsettled(database: psycopg.Connection[Any]) -> list[str]:
    """A line for each dead letter in work or on its way out, and for each closed gate, for people."""
    found = [row for query in (_unsettled, _gates) for row in database.execute(query).fetchall()]
    return [", ".join(f"{value}" for value in row) for row in found]


def states(database: psycopg.Connection[Any], ids: Iterable[str]) -> dict[str, int]:
    """How many dead letters of these messages there are in each state."""
    return dict(database.execute(_states, {"ids": list(ids)}).fetchall())


def all_sent(database: psycopg.Connection[Any], ids: Iterable[str]) -> bool:
    """Whether every requeue of these messages was marked sent, and there is one."""
    (sent,) = database.execute(_all_sent, {"ids": list(ids)}).fetchone() or (None,)
    return bool(sent)


_nobody_mends = "preview LIKE '%% left broken%%'"
# A message that was processed can fail when it is delivered once more, and come back while its key waits for
# one that nobody mends. Then its requeue is held behind that one, and is at rest as all is that waits there.
_waits = f"""(d.state = 'requeued' AND EXISTS (
        SELECT FROM held_message h JOIN gate g ON g.id = h.gate_id
        JOIN dead_letter head ON head.id = g.head_id
        WHERE h.dead_letter = d.id AND head.state = 'parked' AND head.{_nobody_mends}))"""
_letters = f"""
    SELECT d.id, d.message_id, CASE WHEN {_waits} THEN 'held' ELSE d.state END, d.possible_duplicate
    FROM dead_letter d WHERE d.message_id = ANY(%(ids)s) ORDER BY d.id
"""
_held = """
    SELECT h.body, h.redelivered OR coalesce(d.possible_duplicate, false)
    FROM held_message h LEFT JOIN dead_letter d ON d.id = h.dead_letter ORDER BY h.id
"""
_sent = """
    SELECT o.dead_letter_id, o.attempt, encode(sha256(r.body), 'hex')
    FROM outbox o JOIN revision r ON r.dead_letter_id = o.dead_letter_id AND r.number = o.revision
    JOIN dead_letter d ON d.id = o.dead_letter_id WHERE d.message_id = ANY(%(ids)s)
"""
_acts = """
    SELECT e.dead_letter_id, e.kind FROM event e JOIN dead_letter d ON d.id = e.dead_letter_id
    WHERE e.person_id IS NOT NULL AND d.message_id = ANY(%(ids)s)
"""
_audit = """
    SELECT act, dead_letters FROM audit_entry
"""
_states = """
    SELECT state, count(*) FROM dead_letter WHERE message_id = ANY(%(ids)s) GROUP BY state
"""
_all_sent = """
    SELECT bool_and(o.state = 'sent') FROM outbox o JOIN dead_letter d ON d.id = o.dead_letter_id
    WHERE d.message_id = ANY(%(ids)s)
"""
_in_hand = f"""(d.state IN ('received', 'repairing', 'waiting')
        OR d.state = 'requeued' AND NOT {_waits}
        OR d.state = 'parked' AND NOT d.{_nobody_mends})"""
_unsettled = f"""
    SELECT d.message_id, o.queue, d.state, 'attempt ' || d.attempt, d.preview, o.state, o.tries || ' tries',
           'due ' || o.due_at, 'leased until ' || o.leased_until, o.error, 'now ' || now()
    FROM dead_letter d LEFT JOIN outbox o ON o.dead_letter_id = d.id AND o.attempt = d.attempt
    WHERE {_in_hand}
"""
_gates = """
    SELECT 'gate of ' || g.key, 'closed ' || g.closed_at, d.message_id, d.state,
           (SELECT count(*) || ' wait, of them requeues: ' || count(dead_letter)
            FROM held_message h WHERE h.gate_id = g.id)
    FROM gate g LEFT JOIN dead_letter d ON d.id = g.head_id
"""
_open = f"""
    SELECT count(*) FROM dead_letter d WHERE d.message_id = ANY(%(ids)s) AND {_in_hand}
"""
