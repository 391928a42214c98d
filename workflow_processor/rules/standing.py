"""How the rules of staff stand, and turning down those that did too much harm.

Decided purely from what the rule did since a person gave it its mode; carried out in the transaction that
finds it, with an audit entry of the office's own.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from workflow_processor import sql
from workflow_processor.models import AuditEntry, Mode
from workflow_processor.rules import book
from workflow_processor.transition import TRIAGE
from workflow_processor.triage import MISBEHAVIOUR

FEW = 3
"""So many repairs have to come back before a rate is reckoned from them."""


class Standing(NamedTuple):
    """A rule, and what its current version did since it was given its mode."""

    id: int
    name: str
    number: int
    mode: str
    per_minute: int
    come_back_percent: int
    repaired: int
    came_back: int
    misbehaved: int
    last_minute: int
    """Repairs."""

    @property
    def left(self) -> int:
        """Repairs that it may still make in this minute."""
        return max(0, self.per_minute - self.last_minute)


class TurnedDown(NamedTuple):
    """What becomes of a rule that did too much harm, and why."""

    to: Mode
    why: str


def standings(names: Collection[str]) -> Mapping[str, Standing]:
    """Of those of the names that are rules of staff."""
    rows = sql.run(_standings, {"names": list(names)}) if names else []
    return {row.name: Standing(*row) for row in rows}


def judge(names: Collection[str], over_limit: Collection[str] = ()) -> None:
    """Turns down those of the rules that did too much harm; `over_limit` would have repaired more than they
    may in a minute."""
    for name, rule in sorted(standings(names).items()):
        if found := verdict(rule, over_limit=name in over_limit):
            _turn_down(rule, found)


def verdict(rule: Standing, *, over_limit: bool) -> TurnedDown | None:
    """Whether it has to be turned down."""
    if rule.mode == Mode.OFF:
        return None
    if rule.misbehaved >= MISBEHAVIOUR:
        return TurnedDown(Mode.OFF, f"It misbehaved {rule.misbehaved} times.")
    if rule.mode != Mode.AUTOMATIC:
        return None
    if over_limit:
        return TurnedDown(
            Mode.SUGGEST, f"It would have made more than {rule.per_minute} repairs in a minute."
        )
    if rule.came_back >= FEW and rule.came_back * 100 > rule.come_back_percent * rule.repaired:
        return TurnedDown(Mode.SUGGEST, f"{rule.came_back} of its {rule.repaired} repairs came back.")
    return None


def _turn_down(rule: Standing, found: TurnedDown) -> None:
    """Unless a person, or another worker, was quicker."""
    if not sql.run(_turn, {"id": rule.id, "number": rule.number, "was": rule.mode, **found._asdict()}):
        return
    AuditEntry.objects.create(
        office=TRIAGE.name,
        act=f"switch to {found.to}",
        subject=f"rule {rule.name}",
        reason=found.why,
        before={"mode": rule.mode},
        after={"mode": found.to},
    )
    book.touch()


_standings = """
SELECT r.id, r.name, r.number, r.mode, r.per_minute, r.come_back_percent,
       coalesce(sum(f.count) FILTER (WHERE f.kind = 'repaired'), 0)::bigint AS repaired,
       coalesce(sum(f.count) FILTER (WHERE f.kind = 'came back'), 0)::bigint AS came_back,
       coalesce(sum(f.count) FILTER (WHERE f.kind = 'misbehaved'), 0)::bigint AS misbehaved,
       coalesce(sum(f.count) FILTER (WHERE f.kind = 'repaired' AND f.at > now() - interval '1 minute'), 0)
           ::bigint AS last_minute
FROM repair_rule r
LEFT JOIN rule_figure f ON f.rule = r.name AND f.version = r.number AND f.at >= r.since
     AND f.kind = ANY('{repaired,came back,misbehaved}')
WHERE r.name = ANY(%(names)b::text[]) GROUP BY r.id
"""
_turn = """
UPDATE repair_rule SET mode = %(to)s::text, change = change + 1, since = now(), stopped = %(why)s::text
WHERE id = %(id)s AND number = %(number)s AND mode = %(was)s::text RETURNING id
"""
