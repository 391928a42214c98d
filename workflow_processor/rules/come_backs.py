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
    counted: Counter[Signature] = Counter()
    for row in sql.run(_repairs, parameters):
        if rule := Signature.of(row.actor):
            counted[rule] += row.n
    figures.note(Counter({(rule, figures.Kind.CAME_BACK): n for rule, n in counted.items()}))
    standing.judge({rule.name for rule in counted})


_repairs = """
SELECT e.actor, count(*) AS n
FROM unnest(%(ids)b::uuid[], %(attempts)b::int[]) AS w(id, attempt)
JOIN event e ON e.dead_letter_id = w.id AND e.attempt = w.attempt
WHERE e.kind = 'repaired' GROUP BY e.actor
"""
