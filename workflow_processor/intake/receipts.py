"""Receipts: the consumers' word that a requeued message was processed."""

from collections.abc import Sequence

from consumers.envelope import Receipt
from workflow_processor import lifecycle, sql
from workflow_processor.models import Event
from workflow_processor.transition import INTAKE, tell


def take(receipts: Sequence[Receipt]) -> None:
    """Resolves the dead letters whose latest requeue these are of. Any other receipt is noted."""
    latest = {r.dead_letter: r for r in sorted(receipts, key=lambda receipt: receipt.attempt)}
    if not latest:
        return
    texts = [f"Requeue {receipt.attempt} was processed on {receipt.host}." for receipt in latest.values()]
    moved = lifecycle.resolve(list(latest), [receipt.attempt for receipt in latest.values()], texts)
    _note([latest[id] for id in latest.keys() - {letter.id for letter in moved}])


def _note(receipts: Sequence[Receipt]) -> None:
    """Notes what changes nothing, but for receipts that have been taken before and were delivered twice."""
    rows = sql.run(
        """
        SELECT id FROM unnest(%(ids)b::uuid[], %(attempts)b::int[]) AS w(id, attempt)
        JOIN dead_letter d USING (id)
        WHERE d.state <> 'resolved' OR d.attempt <> w.attempt
        """,
        {"ids": [r.dead_letter for r in receipts], "attempts": [r.attempt for r in receipts]},
    )
    late = {row.id for row in rows}
    told = [receipt for receipt in receipts if receipt.dead_letter in late]
    texts = [f"Requeue {receipt.attempt} was processed after all." for receipt in told]
    tell(Event.Kind.PROCESSED_LATE, [receipt.dead_letter for receipt in told], texts, INTAKE)
