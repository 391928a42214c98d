"""Figures that pages show, read from what transitions add up (`models.figures`), and folded now and then.

Every number here is a sum over few rows, however many dead letters there are.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from workflow_processor import sql
from workflow_processor.models import Flow, State

KEPT = timedelta(days=35)
"""For so long it is known what happened in each minute."""
HOURS_KEPT = timedelta(days=2)
"""For so long it is known how often each group failed in each hour."""
LATEST = 500
"""The median time to resolve is over so many dead letters: the latest that were resolved."""

Counts = dict[State, int]


class Headlines(NamedTuple):
    """The five figures of the first page. None: there is nothing to tell of."""

    parked: int
    failed_last_hour: int
    """Failures, those of requeues too."""
    oldest_parked_seconds: float | None
    """Since the oldest parked message first failed."""
    repaired_today: int
    """Repairs by rules since midnight, in the office's time zone."""
    median_seconds_to_resolve: float | None


class Minute(NamedTuple):
    """What happened to dead letters within a minute."""

    at: datetime
    """The beginning of the minute."""
    failed: int = 0
    repaired: int = 0
    requeued: int = 0
    resolved: int = 0
    parked: int = 0
    discarded: int = 0


def counts() -> Counts:
    """How many dead letters are in each state."""
    return filled(sql.run("SELECT state, sum(change)::bigint AS n FROM state_count GROUP BY state"))


def filled(rows: Iterable[Any]) -> Counts:
    """Rows of a `state` and its number `n`, with every state in it."""
    found = {row.state: row.n for row in rows}
    return {state: found.get(state, 0) for state in State}


def flow(minutes: int = 60) -> list[Minute]:
    """The last so many minutes, the current one last."""
    happened: dict[datetime, dict[str, int]] = defaultdict(dict)
    for row in sql.run(_flow, {"minutes": minutes - 1}):
        happened[row.minute] |= {row.kind: row.n} if row.kind else {}
    return [Minute(minute, **told) for minute, told in happened.items()]


def pace() -> dict[str, float]:
    """What happens in a minute, as of now: the current minute, and of the one before the part that is not yet
    a minute ago."""
    found = {row.kind: row.n for row in sql.run(_pace)}
    return {kind: round(found.get(kind, 0.0), 1) for kind in Flow.Kind.values}


def headlines() -> Headlines:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    [row] = sql.run(_headlines, {"midnight": midnight, "latest": LATEST})
    return Headlines(*row)


def shown() -> dict[str, float | None]:
    """The headlines and, by its state, how many dead letters there are, as pages get them."""
    return {**{str(state): count for state, count in counts().items()}, **headlines()._asdict()}


def fold() -> None:
    """Replaces rows of the same kind by their sum, and adds what is new to the figures of the minute and to
    those of groups and hours. A row that is added meanwhile is either deleted here, and then it is in the
    sums, or it stays; so is it with two that fold at once."""
    sql.run(_fold_flow)


def forget() -> None:
    """Forgets what happened long ago."""
    sql.run("DELETE FROM flow WHERE minute < now() - %(kept)s::interval", {"kept": KEPT})
    sql.run("DELETE FROM minute_flow WHERE minute < now() - %(kept)s::interval", {"kept": KEPT})
    sql.run("DELETE FROM group_hour WHERE hour < now() - %(kept)s::interval", {"kept": HOURS_KEPT})


# The database's clock throughout: its `now()` is what the rows were written by. What is folded is one row for
# a minute and a kind; what is not is little.
_flow = """
SELECT minute, kind, sum(count)::bigint AS n
FROM generate_series(date_trunc('minute', now()) - make_interval(mins => %(minutes)s::int),
                     date_trunc('minute', now()), '1 minute') AS span(minute)
LEFT JOIN (
    SELECT minute, kind, count FROM minute_flow
    WHERE minute >= date_trunc('minute', now()) - make_interval(mins => %(minutes)s::int)
    UNION ALL SELECT minute, kind, count FROM flow WHERE NOT folded
) AS happened USING (minute) GROUP BY minute, kind ORDER BY minute
"""
_pace = """
SELECT kind, sum(count * CASE WHEN minute = this THEN 1 ELSE 1 - gone END)::float AS n
FROM (
    SELECT minute, kind, count FROM minute_flow
    WHERE minute >= date_trunc('minute', now()) - interval '1 minute'
    UNION ALL SELECT minute, kind, count FROM flow WHERE NOT folded
) AS happened, date_trunc('minute', now()) AS this,
     LATERAL (SELECT extract(epoch FROM now() - this) / 60 AS gone) AS part
WHERE minute >= this - interval '1 minute' GROUP BY kind
"""
_headlines = """
WITH happened AS MATERIALIZED (
    SELECT minute, kind, count FROM minute_flow
    WHERE minute >= least(%(midnight)s, now() - interval '1 hour') AND kind IN ('failed', 'repaired')
    UNION ALL SELECT minute, kind, count FROM flow WHERE NOT folded
)
SELECT
    (SELECT coalesce(sum(change), 0)::bigint FROM state_count WHERE state = 'parked') AS parked,
    (SELECT coalesce(sum(count), 0)::bigint FROM happened
     WHERE kind = 'failed' AND minute > now() - interval '1 hour') AS failed,
    (SELECT greatest(extract(epoch FROM now() - first_failed_at)::float, 0) FROM dead_letter
     WHERE state = 'parked' ORDER BY id LIMIT 1) AS oldest,
    (SELECT coalesce(sum(count), 0)::bigint FROM happened
     WHERE kind = 'repaired' AND minute >= %(midnight)s) AS repaired,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM took)::float)
     FROM (SELECT greatest(changed_at - first_failed_at, '0') AS took FROM dead_letter
           WHERE state = 'resolved' ORDER BY id DESC LIMIT %(latest)s) AS latest) AS median
"""
_fold_flow = """
WITH crowded AS (
    SELECT DISTINCT minute, group_id, kind FROM flow WHERE NOT folded
), gone AS (
    DELETE FROM flow f USING crowded c
    WHERE (f.minute, f.group_id, f.kind) = (c.minute, c.group_id, c.kind)
    RETURNING f.minute, f.group_id, f.kind, f.count, f.folded
), kept AS (
    INSERT INTO flow (minute, group_id, kind, count, folded)
    SELECT minute, group_id, kind, sum(count), true FROM gone GROUP BY minute, group_id, kind
), hours AS (
    INSERT INTO group_hour AS known (group_id, hour, count)
    SELECT group_id, date_trunc('hour', minute) AS hour, sum(count) FROM gone
    WHERE NOT folded AND kind = 'failed' GROUP BY group_id, hour ORDER BY group_id, hour
    ON CONFLICT (group_id, hour) DO UPDATE SET count = known.count + excluded.count
)
INSERT INTO minute_flow AS known (minute, kind, count)
SELECT minute, kind, sum(count) FROM gone WHERE NOT folded GROUP BY minute, kind ORDER BY minute, kind
ON CONFLICT (minute, kind) DO UPDATE SET count = known.count + excluded.count
"""
