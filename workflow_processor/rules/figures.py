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


def note(counted: Counter[tuple[Signature, Kind]], at: datetime | None = None) -> None:
    """Notes it as having happened then, or now."""
    if not counted:
        return
    sql.run(
        """
        INSERT INTO rule_figure (at, rule, version, kind, count)
        SELECT coalesce(%(at)s::timestamptz, now()), *
        FROM unnest(%(rules)b::text[], %(versions)b::int[], %(kinds)b::text[], %(counts)b::int[])
        """,
        {
            "at": at,
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
# What is still counted by the second is left: the last minute, also as long transactions see it. And what was
# before a rule was given its mode stays before that, lest the rule is charged for it.
_fold = """
WITH marked AS (
    SELECT f.id, f.at >= r.since AS charged, count(*) OVER (
        PARTITION BY f.rule, f.version, f.kind, date_trunc('minute', f.at), f.at >= r.since
    ) AS n
    FROM rule_figure f LEFT JOIN repair_rule r ON r.name = f.rule
    WHERE f.at > now() - interval '1 hour' AND f.at < date_trunc('minute', now() - interval '2 minutes')
), gone AS (
    DELETE FROM rule_figure f USING marked m WHERE f.id = m.id AND m.n > 1 RETURNING f.*, m.charged
)
INSERT INTO rule_figure (at, rule, version, kind, count)
SELECT max(at), rule, version, kind, sum(count) FROM gone
GROUP BY date_trunc('minute', at), rule, version, kind, charged
"""
