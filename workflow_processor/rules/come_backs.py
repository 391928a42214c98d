"""Repairs that failed again, charged to the rules that made them."""

from collections import Counter
from collections.abc import Sequence

from workflow_processor import sql
from workflow_processor.rules import figures, standing
from workflow_processor.transition import Moved
from workflow_processor.triage import Signature


def charge(came_back: Sequence[Moved]) -> None:
    """Of those that came back, notes the ones whose latest requeue was a rule's repair, and turns down rules
    of which too many did. A message that a person edited or sent once more tells nothing of a rule."""
    if not came_back:
        return
    parameters = {"ids": [one.id for one in came_back], "attempts": [one.attempt for one in came_back]}
    rules = set()
    for row in sql.run(_repairs, parameters):
        if rule := Signature.of(row.actor):
            rules.add(rule.name)
            figures.note(Counter({(rule, figures.Kind.CAME_BACK): row.n}), row.at)
    standing.judge(rules)


# A repair from before a rule was given its mode is noted at that time, where it does not count against it.
_repairs = """
SELECT e.actor, CASE WHEN e.at < r.since THEN e.at ELSE now() END AS at, count(*) AS n
FROM unnest(%(ids)b::uuid[], %(attempts)b::int[]) AS w(id, attempt)
JOIN event e ON e.dead_letter_id = w.id AND e.attempt = w.attempt
LEFT JOIN repair_rule r ON e.actor = format('rule %%s %%s', r.name, r.number)
WHERE e.kind = 'repaired' GROUP BY 1, 2
"""
