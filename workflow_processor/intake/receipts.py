"""Receipts: the consumers' word that a requeued message was processed."""

from collections.abc import Sequence

from consumers.envelope import Receipt
from workflow_processor import lifecycle, returning, sql
from workflow_processor.models import Event
from workflow_processor.returning import Named
from workflow_processor.storable import NAME_LIMIT, storable
from workflow_processor.transition import INTAKE, tell


def take(receipts: Sequence[Receipt]) -> None:
    """Resolves the dead letters whose latest requeue these are of. That of an earlier requeue is noted; that
    of another message, which a handler gave the headers of a requeue, tells nothing."""
    ours = sorted(_of_requeues(receipts), key=lambda receipt: receipt.attempt)
    latest = {receipt.dead_letter: receipt for receipt in ours}
    if not latest:
        return
    texts = [_text(receipt) for receipt in latest.values()]
    moved = lifecycle.resolve(list(latest), [receipt.attempt for receipt in latest.values()], texts)
    _note([latest[id] for id in latest.keys() - {letter.id for letter in moved}])


def _of_requeues(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Those from where a requeue was sent, and those of consumers that do not say where they read."""
    named = {
        n: Named(one.dead_letter, one.attempt, place.queue, place.subscriber, place.return_address)
        for n, one in enumerate(receipts)
        if (place := one.place)
    }
    ours = returning.requeues(named)
    return [one for n, one in enumerate(receipts) if n not in named or n in ours]


def _text(receipt: Receipt) -> str:
    return f"Requeue {receipt.attempt} was processed on {storable(receipt.host, NAME_LIMIT)}."


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
