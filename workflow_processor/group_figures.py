"""The figures of groups: each group's own with those of what was merged into it.

A group keeps the sums of its folded state counts, so that a list of groups is one index scan; what is not
folded yet is little, and is added to them (`news`).
"""

from collections import defaultdict
from collections.abc import Sequence

from psycopg import sql as compose

from workflow_processor import sql
from workflow_processor.figures import Counts, filled

HOURS = 24
"""Of a group's trend."""


def counts_of(groups: Sequence[int]) -> dict[int, Counts]:
    """How many dead letters of each of these groups are in each state."""
    rows = defaultdict(list)
    for row in sql.run(_counts, {"groups": list(groups)}):
        rows[row.home].append(row)
    return {group: filled(rows[group]) for group in groups}


def failures_of(groups: Sequence[int]) -> dict[int, list[int]]:
    """How often each of these groups failed in each of the last `HOURS` hours of the clock, the current one
    last."""
    trend = {group: [0] * HOURS for group in groups}
    for row in sql.run(_failures, {"groups": list(groups), "hours": HOURS}):
        trend[row.home][HOURS - 1 - row.back] = row.n
    return trend


def failures_this_minute(group: int) -> int:
    """How often it failed since the minute began."""
    [row] = sql.run(_this_minute, {"group": group})
    return int(row.n)


def fold() -> None:
    """Replaces rows of the same group and state by their sum, and adds what is new to the group's own
    figures. Groups that somebody is changing are left for the next time: nobody waits for a fold, and a fold
    for nobody. A row that is added meanwhile is either in the sum or it stays."""
    sql.run(_fold)


def add_up(groups: Sequence[int]) -> None:
    """Makes the own figures of these groups anew, after a merge or a split. They must be locked: a fold that
    is at work on them would be added twice or not at all."""
    sql.run(_add_up, {"groups": list(groups)})


_members = compose.SQL("""
members AS (
    SELECT coalesce(merged_into_id, id) AS home, id, last_seen_at FROM failure_group
    WHERE id = ANY(%(groups)b::bigint[]) AND merged_into_id IS NULL
       OR merged_into_id = ANY(%(groups)b::bigint[])
)
""")
_counts = compose.SQL("""
WITH {members}
SELECT home, state, sum(change)::bigint AS n
FROM members JOIN state_count ON group_id = members.id GROUP BY home, state
""").format(members=_members)
# The sums of hours, and what is not folded yet, which is little.
_failures = compose.SQL("""
WITH {members}, happened AS (
    SELECT home, hour, count FROM members JOIN group_hour ON group_id = members.id
    WHERE hour > date_trunc('hour', now()) - make_interval(hours => %(hours)s::int)
    UNION ALL
    SELECT home, date_trunc('hour', minute), count FROM members JOIN flow ON group_id = members.id
    WHERE NOT folded AND kind = 'failed'
          AND minute >= date_trunc('hour', now()) - make_interval(hours => %(hours)s::int - 1)
)
SELECT home, (extract(epoch FROM date_trunc('hour', now()) - hour) / 3600)::int AS back,
       sum(count)::bigint AS n
FROM happened GROUP BY home, back
""").format(members=_members)
_this_minute = """
SELECT coalesce(sum(count), 0)::bigint AS n FROM failure_group g JOIN flow ON group_id = g.id
WHERE (g.id = %(group)s OR g.merged_into_id = %(group)s) AND kind = 'failed'
      AND minute >= date_trunc('minute', now())
"""
_fold = """
WITH crowded AS (
    SELECT DISTINCT group_id, state FROM state_count WHERE NOT folded
), wanted AS (
    SELECT g.id, coalesce(g.merged_into_id, g.id) AS home
    FROM failure_group g WHERE g.id IN (SELECT group_id FROM crowded)
), locked AS MATERIALIZED (
    SELECT g.id, coalesce(g.merged_into_id, g.id) AS home FROM failure_group g
    WHERE g.id IN (SELECT id FROM wanted UNION SELECT home FROM wanted)
    FOR NO KEY UPDATE SKIP LOCKED
), held AS (
    SELECT one.id, one.home FROM locked one JOIN locked home ON home.id = one.home
), gone AS (
    DELETE FROM state_count s USING crowded c JOIN held ON held.id = c.group_id
    WHERE (s.group_id, s.state) = (c.group_id, c.state)
    RETURNING s.group_id, s.source_id, s.state, s.change, s.folded, held.home
), kept AS (
    INSERT INTO state_count (group_id, source_id, state, change, folded)
    SELECT group_id, source_id, state, sum(change), true FROM gone
    GROUP BY group_id, source_id, state HAVING sum(change) <> 0
)
UPDATE failure_group g SET parked = g.parked + news.parked, open = g.open + news.open
FROM (
    SELECT home, coalesce(sum(change) FILTER (WHERE state = 'parked'), 0) AS parked,
           coalesce(sum(change) FILTER (WHERE state NOT IN ('resolved', 'discarded')), 0) AS open
    FROM gone WHERE NOT folded GROUP BY home
) AS news
WHERE g.id = news.home
"""
# When each was last seen is known to the minute, where another group's failures are to be left out of it.
_add_up = compose.SQL("""
WITH {members}, sums AS (
    SELECT home, coalesce(sum(change) FILTER (WHERE state = 'parked'), 0) AS parked,
           coalesce(sum(change) FILTER (WHERE state NOT IN ('resolved', 'discarded')), 0) AS open
    FROM members JOIN state_count s ON s.group_id = members.id WHERE folded GROUP BY home
), seen AS (
    SELECT home, least(max(last_seen_at), max(minute) + interval '59.999 seconds') AS at
    FROM members LEFT JOIN LATERAL (
        SELECT minute FROM flow WHERE group_id = members.id AND kind = 'failed' ORDER BY minute DESC LIMIT 1
    ) AS latest ON true GROUP BY home
)
UPDATE failure_group g
SET parked = coalesce(sums.parked, 0), open = coalesce(sums.open, 0),
    last_seen_at = coalesce(seen.at, g.last_seen_at)
FROM unnest(%(groups)b::bigint[]) AS asked(id)
LEFT JOIN sums ON sums.home = asked.id LEFT JOIN seen ON seen.home = asked.id
WHERE g.id = asked.id
""").format(members=_members)
