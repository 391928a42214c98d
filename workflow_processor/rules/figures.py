"""What each rule did: added up by the transactions that do it, folded now and then."""

from collections import Counter
from collections.abc import Sequence

from workflow_processor import sql
from workflow_processor.figures import KEPT
from workflow_processor.models import RuleFigure
from workflow_processor.triage import Decision, Park, Repair, RetryLater, Signature

Kind = RuleFigure.Kind


def add(decisions: Sequence[Decision]) -> set[str]:
    """Notes which rules were tried, and what came of it; gives those that misbehaved."""
    counted: Counter[tuple[Signature, Kind]] = Counter()
    for decision in decisions:
        counted.update(_done(decision))
    note(counted)
    return {rule.name for rule, kind in counted if kind == Kind.MISBEHAVED}


def note(counted: Counter[tuple[Signature, Kind]]) -> None:
    if not counted:
        return
    sql.run(
        """
        INSERT INTO rule_figure (at, rule, version, kind, count)
        SELECT now(), *
        FROM unnest(%(rules)b::text[], %(versions)b::int[], %(kinds)b::text[], %(counts)b::int[])
        """,
        {
            "rules": [rule.name for rule, _ in counted],
            "versions": [rule.version for rule, _ in counted],
            "kinds": [str(kind) for _, kind in counted],
            "counts": list(counted.values()),
        },
    )


def _done(decision: Decision) -> list[tuple[Signature, Kind]]:
    match decision:
        case RetryLater():
            return []
        case Repair(rule=rule):
            helped = [(rule, Kind.TRIED), (rule, Kind.REPAIRED)]
        case Park(suggestion=None):
            helped = []
        case Park(suggestion=Repair(rule=rule)):
            helped = [(rule, Kind.TRIED), (rule, Kind.SUGGESTED)]
    tried = [(one.rule, Kind.TRIED) for one in decision.tried if not one.in_vain]
    return helped + tried + [(one.rule, Kind.MISBEHAVED) for one in decision.tried if one.misbehaved]


def fold() -> None:
    """Replaces rows of the same kind by their sum. A row that is added meanwhile stays for the next time."""
    sql.run(_fold)


def forget() -> None:
    """Forgets what happened long ago."""
    sql.run("DELETE FROM rule_figure WHERE at < now() - %(kept)s::interval", {"kept": KEPT})


_fold = """
WITH crowded AS (
    SELECT rule, version, kind, date_trunc('minute', at) AS minute FROM rule_figure
    WHERE at > now() - interval '1 hour' AND at < date_trunc('minute', now())
    GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
), gone AS (
    DELETE FROM rule_figure f USING crowded c
    WHERE (f.rule, f.version, f.kind) = (c.rule, c.version, c.kind)
          AND f.at >= c.minute AND f.at < c.minute + interval '1 minute'
    RETURNING f.*
)
INSERT INTO rule_figure (at, rule, version, kind, count)
SELECT max(at), rule, version, kind, sum(count) FROM gone
GROUP BY date_trunc('minute', at), rule, version, kind
"""
