"""How a change of state is carried out: one statement that locks, checks, moves, tells and counts.

A transition names the states it expects. Rows that are not in one of them, or no longer at the version or
claim that the caller saw, are left alone and are not in the answer. The timeline event and the figures are
part of the same statement, so none is ever without the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import sql
from psycopg.adapt import PyFormat

from workflow_processor import sql as database
from workflow_processor.models import Event, Flow, State


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: a process or a rule by its name, or a person by name and key."""

    name: str
    person: int | None = None


INTAKE = Actor("intake")
TRIAGE = Actor("triage")
RELAY = Actor("relay")
ORDERING = Actor("ordering")


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow of the state diagram."""

    expects: Sequence[State]
    to: State
    event: Event.Kind
    flow: Flow.Kind | None = None
    sets: LiteralString = ""
    """Further assignments; `d` is the dead letter, `w` the row of what the caller wants of it."""
    where: LiteralString = "true"
    """A further condition on `d` and `w`."""
    claimed_until: LiteralString = "NULL"
    due_at: LiteralString = "NULL"
    skip_locked: bool = False
    """Leave alone what another transition is working on, in place of waiting for it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The dead letters a transition is wanted for, a column at a time; every column is as long as `ids`."""

    ids: Sequence[UUID]
    texts: Sequence[str] | str = ""
    """A sentence for the timeline, and for lists where the state needs a reason: one for each, or for all."""
    columns: Mapping[str, tuple[str, Sequence[Any]]] = field(default_factory=dict)
    """What `sets` and `where` use: name to PostgreSQL type and values."""
    details: Sequence[str | None] = ()
    """JSON for the timeline, one for each; none for none."""


class Moved(NamedTuple):
    """A dead letter as a transition left it."""

    id: UUID
    attempt: int
    revision: int
    version: int
    claim: int
    size: int
    """Bytes of its current body."""


def tell(event: Event.Kind, ids: Sequence[UUID], texts: Sequence[str], by: Actor) -> None:
    """Notes on the timeline of each what happened without a change of state. Locks them, lest retention
    forgets one meanwhile."""
    database.run(
        """
        INSERT INTO event (dead_letter_id, at, kind, actor, person_id, text, attempt, revision)
        SELECT d.id, now(), %(event)s::text, %(actor)s::text, %(person)s::int, w.text, d.attempt, d.revision
        FROM unnest(%(ids)b::uuid[], %(texts)b::text[]) AS w(id, text) JOIN dead_letter d USING (id)
        FOR KEY SHARE OF d
        """,
        {"event": str(event), "actor": by.name, "person": by.person, "ids": list(ids), "texts": list(texts)},
    )


def move(transition: Transition, wanted: Wanted, by: Actor) -> list[Moved]:
    """Carries the transition out for those of the wanted that are as it expects; gives these."""
    if not wanted.ids:
        return []
    count = len(wanted.ids)
    texts = [wanted.texts] * count if isinstance(wanted.texts, str) else wanted.texts
    details = wanted.details or [None] * count
    told = {"text": ("text", texts), "details": ("text", details)}
    columns = {"id": ("uuid", wanted.ids), **told, **wanted.columns}
    query = _statement.format(
        arrays=arrays({name: kind for name, (kind, _) in columns.items()}),
        names=sql.SQL(", ").join(map(sql.Identifier, columns)),
        where=sql.SQL(transition.where),
        locked=sql.SQL("SKIP LOCKED" if transition.skip_locked else ""),
        claimed_until=sql.SQL(transition.claimed_until),
        due_at=sql.SQL(transition.due_at),
        sets=sql.SQL(f", {transition.sets}" if transition.sets else ""),
    )
    parameters = {
        "expects": [str(state) for state in transition.expects],
        "to": str(transition.to),
        "event": str(transition.event),
        "flow": transition.flow and str(transition.flow),
        "actor": by.name,
        "person": by.person,
    }
    values = {f"w_{name}": list(values) for name, (_, values) in columns.items()}
    return [Moved(*row) for row in database.run(query, parameters | values)]


def arrays(columns: Mapping[str, str]) -> sql.Composable:
    """The arguments of `unnest` for columns of these names and PostgreSQL types, bound as `w_` and the name,
    in binary: as text they would cost three times as much to read."""
    return sql.SQL(", ").join(
        sql.SQL("{}::{}[]").format(sql.Placeholder(f"w_{name}", format=PyFormat.BINARY), sql.SQL(kind))
        for name, kind in columns.items()
    )


# Each dead letter is looked up by its id, once to lock it and once to change it. Joined in the ordinary way,
# the planner takes all that are in the state to be few and reads a backlog for every batch, or it reads the
# table: hence the lateral join, and the array, which it expects to be short.
#
# `now()` is the transaction's: what happens in one transaction bears one time. Locks are taken in the order
# of ids, so that two transitions over the same dead letters cannot wait for each other. They are of the kind
# that lets others insert rows that refer to the dead letter, in whatever order these come.
_statement = sql.SQL("""
WITH w AS (
    SELECT * FROM unnest({arrays}) AS w({names}) ORDER BY id
), seen AS (
    SELECT w.*, s.* FROM w CROSS JOIN LATERAL (
        SELECT d.state AS was, d.group_id AS was_of FROM dead_letter d
        WHERE d.id = w.id AND d.state = ANY(%(expects)s) AND ({where})
        FOR NO KEY UPDATE {locked}
    ) AS s
), moved AS (
    UPDATE dead_letter d
    SET state = %(to)s::text, version = d.version + 1, changed_at = now(), reason = w.text,
        claimed_until = {claimed_until}, due_at = {due_at} {sets}
    FROM seen AS w WHERE d.id = w.id AND d.id = ANY(ARRAY(SELECT id FROM seen))
    RETURNING d.id, d.attempt, d.revision, d.version, d.claim, d.size, d.group_id, d.source_id, w.was,
              w.was_of, w.text, w.details
), told AS (
    INSERT INTO event (dead_letter_id, at, kind, actor, person_id, text, details, attempt, revision)
    SELECT id, now(), %(event)s::text, %(actor)s::text, %(person)s::int, text, details::jsonb, attempt,
           revision
    FROM moved
), counted AS (
    INSERT INTO state_count (group_id, source_id, state, change)
    SELECT was_of, source_id, was, -count(*) FROM moved GROUP BY was_of, source_id, was
    UNION ALL SELECT group_id, source_id, %(to)s::text, count(*) FROM moved GROUP BY group_id, source_id
), flowed AS (
    INSERT INTO flow (minute, group_id, kind, count)
    SELECT date_trunc('minute', now()), group_id, %(flow)s::text, count(*)
    FROM moved WHERE %(flow)s::text IS NOT NULL GROUP BY group_id
)
SELECT id, attempt, revision, version, claim, size FROM moved
""")
