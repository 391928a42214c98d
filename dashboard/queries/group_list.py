"""Groups found and sorted by figures that are kept: a page of them is one index scan, however many dead
letters there are."""

from dataclasses import dataclass
from typing import NamedTuple

from psycopg import sql as compose

from dashboard.queries.groups import GroupRow, with_figures
from workflow_processor import sql

SIZE = 50
WHICH = {
    "open": "g.open > 0 AND (s.until IS NULL OR s.until <= now())",
    "snoozed": "s.until > now()",
    "mine": "g.open > 0 AND g.assignee_id = %(person)s",
    "all": "true",
}
"""What a list can be of: conditions on the group `g` and its snooze `s`."""
SORTS = {
    "parked": "g.parked DESC, g.last_seen_at DESC, g.id DESC",
    "latest": "g.last_seen_at DESC, g.id DESC",
    "newest": "g.first_seen_at DESC, g.id DESC",
}


class GroupPage(NamedTuple):
    groups: list[GroupRow]
    first: int
    """Number of the first one, from 1."""
    total: int

    @property
    def last(self) -> int:
        return self.first + len(self.groups) - 1


@dataclass(frozen=True)
class GroupQuery:
    """What a person looks for among the groups."""

    which: str = "open"
    """One of `WHICH`."""
    sort: str = "parked"
    """One of `SORTS`."""
    queue: str = ""
    text: str = ""
    """To be found in error, handler or text, in capitals or small letters."""
    person: int = 0
    """Whose are "mine"."""

    def page(self, start: int = 0, size: int = SIZE) -> GroupPage:
        """So many of them from a place in the list on."""
        wanted = {
            "queue": self.queue,
            "text": self.text,
            "person": self.person,
            "start": start,
            "size": size,
            "end": start + size,
        }
        ids = [row.id for row in sql.run(self._statement(_page), wanted)]
        [total] = sql.run(self._statement(_total), wanted)
        return GroupPage(with_figures(ids), start + 1, total.n)

    def _statement(self, query: compose.SQL) -> compose.Composed:
        where = compose.SQL(" AND ").join(
            [
                compose.SQL(WHICH[self.which]),
                *([_queue] if self.queue else []),
                *([_text] if self.text else []),
            ]
        )
        order = compose.SQL(SORTS[self.sort])
        return query.format(news=_news, moving=_moving, where=where, order=order)


# What is merged into a group is found by it, too; and one cause can fail on several queues.
_queue = compose.SQL("""EXISTS (
    SELECT FROM failure_group m JOIN state_count c ON c.group_id = m.id
    WHERE (m.id = g.id OR m.merged_into_id = g.id)
          AND c.source_id IN (SELECT id FROM source WHERE queue = %(queue)s))""")
_text = compose.SQL("""EXISTS (
    SELECT FROM failure_group m WHERE (m.id = g.id OR m.merged_into_id = g.id)
    AND strpos(lower(concat_ws(' ', m.error_type, m.handler, m.text, m.note)), lower(%(text)s::text)) > 0)""")
# What has changed since the last fold, by the group that it counts for: a few rows.
_news = compose.SQL("""
news AS MATERIALIZED (
    SELECT coalesce(m.merged_into_id, m.id) AS id,
           coalesce(sum(change) FILTER (WHERE state = 'parked'), 0)::bigint AS parked,
           coalesce(sum(change) FILTER (WHERE state NOT IN ('resolved', 'discarded')), 0)::bigint AS open
    FROM state_count JOIN failure_group m ON m.id = group_id WHERE NOT folded GROUP BY 1
)
""")
_moving = compose.SQL("""
    SELECT old.id, old.merged_into_id, old.assignee_id, old.first_seen_at, old.last_seen_at,
           old.parked + news.parked AS parked, old.open + news.open AS open
    FROM news JOIN failure_group old ON old.id = news.id
""")
# Those without news in the order of an index, as far as the page goes, and those with news, all of them.
_page = compose.SQL("""
WITH {news}, still AS (
    SELECT g.id, g.parked, g.first_seen_at, g.last_seen_at
    FROM failure_group g LEFT JOIN snooze s ON s.group_id = g.id
    WHERE g.merged_into_id IS NULL AND NOT g.id = ANY(ARRAY(SELECT id FROM news)) AND {where}
    ORDER BY {order} LIMIT %(end)s::int
), moving AS (
    SELECT g.id, g.parked, g.first_seen_at, g.last_seen_at
    FROM ({moving}) AS g LEFT JOIN snooze s ON s.group_id = g.id
    WHERE g.merged_into_id IS NULL AND {where}
)
SELECT g.id FROM (SELECT * FROM still UNION ALL SELECT * FROM moving) AS g
ORDER BY {order} OFFSET %(start)s::int LIMIT %(size)s::int
""")
_total = compose.SQL("""
WITH {news}
SELECT (
    SELECT count(*) FROM failure_group g LEFT JOIN snooze s ON s.group_id = g.id
    WHERE g.merged_into_id IS NULL AND NOT g.id = ANY(ARRAY(SELECT id FROM news)) AND {where}
) + (
    SELECT count(*) FROM ({moving}) AS g LEFT JOIN snooze s ON s.group_id = g.id
    WHERE g.merged_into_id IS NULL AND {where}
) AS n
""")
