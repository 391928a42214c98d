"""Every change of an operation's state, one function each: an update that names the states it expects. Each
tells whether it happened; where it did not, the operation was in another state and is as it was.

A chunk of work holds the operation's row for as long as it takes. So a pause or a cancel waits for the chunk
in hand, a second or two, and there is none after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from workflow_processor import sql as database
from workflow_processor.models import Operation

State = Operation.State


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of the state diagram."""

    expects: Sequence[State]
    to: State
    sets: LiteralString
    """Further assignments; `o` is the operation."""


_handled = """(SELECT o.total - coalesce(sum(number), 0) FROM operation_count
    WHERE operation_id = o.id AND outcome = 'pending')"""
_runs = f"""started_at = coalesce(o.started_at, now()), running_since = now(), next_at = now(),
    handled_before = {_handled}"""

_BEGIN = Step((State.PLANNED,), State.RUNNING, _runs)
_PAUSE = Step((State.PLANNED, State.RUNNING), State.PAUSED, "running_since = NULL")
_END_TRIAL = Step((State.RUNNING,), State.PAUSED, "running_since = NULL, trial_over = true")
_RESUME = Step((State.PAUSED,), State.RUNNING, f"{_runs}, runs_for_id = %(person)s")
_FINISH = Step((State.RUNNING,), State.FINISHED, "ended_at = now(), running_since = NULL")
_CANCEL = Step(
    (State.PLANNED, State.RUNNING, State.PAUSED), State.CANCELLED, "ended_at = now(), running_since = NULL"
)


def begin(id: int) -> bool:
    return _take(_BEGIN, id)


def pause(id: int, note: str = "") -> bool:
    """`note`: why, where no person asked for it."""
    return _take(_PAUSE, id, note)


def end_trial(id: int, note: str) -> bool:
    """Its first ones are done: whether the rest follows is a person's to say."""
    return _take(_END_TRIAL, id, note)


def resume(id: int, person: int) -> bool:
    """From here on it runs on this person's permission."""
    return _take(_RESUME, id, person=person)


def finish(id: int) -> bool:
    return _take(_FINISH, id)


def cancel(id: int) -> bool:
    """What was not done yet stays undone."""
    return _take(_CANCEL, id)


def _take(step: Step, id: int, note: str = "", **values: object) -> bool:
    query = _statement.format(sets=sql.SQL(step.sets))
    fixed = {"id": id, "expects": [str(state) for state in step.expects], "to": str(step.to), "note": note}
    return bool(database.run(query, fixed | values))


_statement = sql.SQL("""
UPDATE operation o SET state = %(to)s, note = %(note)s, {sets}
WHERE o.id = %(id)s AND o.state = ANY(%(expects)s) RETURNING o.id
""")
