"""What each rule did: added up by the transactions that do it, folded now and then."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from workflow_processor import sql
from workflow_processor.figures import KEPT
from workflow_processor.models import RuleFigure
from workflow_processor.triage import Decision, Park, Repair, RetryLater, Signature

Kind = RuleFigure.Kind


def add(decisions: Sequence[Decision]) -> set[str]:
    """Notes which rules were tried, and what came of it; gives those that misbehaved."""
    counted: Counter[tuple[Signature, Kind]] = Counter()
    for decision in decisions:
        for rule, kind, times in _done(decision):
            counted[rule, kind] += times
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


def _done(decision: Decision) -> Iterator[tuple[Signature, Kind, int]]:
    match decision:
        case RetryLater():
            return
        case Repair(rule=rule):
            yield rule, Kind.TRIED, 1
            yield rule, Kind.REPAIRED, 1
        case Park(suggestion=Repair(rule=rule)):
            yield rule, Kind.TRIED, 1
            yield rule, Kind.SUGGESTED, 1
        case Park():
            pass
    for one in decision.tried:
        if not one.in_vain:
            yield one.rule, Kind.TRIED, 1
        if one.misbehaved:
            yield one.rule, Kind.MISBEHAVED, one.misbehaved


def of(names: Collection[str], since: datetime | None = None) -> dict[str, dict[Kind, int]]:
    """How often what became of each of these rules, all versions together: since then, or as far as is
    known."""
    rows = sql.run(_SUMS, {"names": list(names), "since": since})
    found = {name: dict.fromkeys(Kind, 0) for name in names}
    for row in rows:
        found[row.rule][Kind(row.kind)] = row.n
    return found


def fold() -> None:
    """Replaces rows of the same kind by their sum. A row that is added meanwhile stays for the next time."""
    sql.run(_fold)


def forget() -> None:
    """Forgets what happened long ago."""
    sql.run("DELETE FROM rule_figure WHERE at < now() - %(kept)s::interval", {"kept": KEPT})


_SUMS = """
SELECT rule, kind, sum(count)::bigint AS n FROM rule_figure
WHERE rule = ANY(%(names)b::text[]) AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
GROUP BY rule, kind
"""
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
