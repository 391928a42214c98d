"""Which dead letter a failed message belongs to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from consumers.identity import uuid7
from workflow_processor import returning
from workflow_processor.beginning import Beginning, Earlier, NewLetter, begin, latest
from workflow_processor.intake.arrivals import Arrived
from workflow_processor.intake.catalogue import Keys
from workflow_processor.models import Event, Flow, State
from workflow_processor.returning import Named
from workflow_processor.storable import TEXT_LIMIT, storable
from workflow_processor.transition import INTAKE

RECEIVED = Beginning(State.RECEIVED, Event.Kind.RECEIVED, Flow.Kind.FAILED, failures=1, attempt=0)

Filed = list[tuple[UUID, Arrived]]
"""Arrivals, each with the dead letter it belongs to."""


class Files(NamedTuple):
    """A batch, filed."""

    begun: Filed
    """A new dead letter each."""
    joined: Filed
    """Seen again: a dead letter of the same digest is open."""
    returned: Filed
    """A requeue that failed, and the dead letter that it is of."""


def file(batch: Sequence[Arrived], keys: Keys) -> Files:
    """Files the batch, and begins the dead letters that are new."""
    returned = _returned(batch)
    others = [_on_its_own(arrived) for n, arrived in enumerate(batch) if n not in returned]
    begun, joined = _begin_or_join(others, keys)
    return Files(begun, joined, [(id, batch[n]) for n, id in returned.items()])


def _returned(batch: Sequence[Arrived]) -> dict[int, UUID]:
    """Which of the batch are requeues that failed, and of which dead letters."""
    named = {
        n: Named(id, arrived.attempt, *arrived.source, arrived.delegated.return_address, arrived.message.body)
        for n, arrived in enumerate(batch)
        if (id := arrived.dead_letter)
    }
    ours = returning.requeues(named)
    return {n: one.dead_letter for n, one in named.items() if n in ours}


def _on_its_own(arrived: Arrived) -> Arrived:
    """A message that is no requeue of ours. It may bear the name of one all the same: a handler made it of a
    requeue, and perhaps for the second time, or it was sent before a restore, or by another office."""
    if arrived.dead_letter is None:
        return arrived
    duplicate = replace(arrived.delegated, redelivered=True)
    return arrived._replace(delegated=duplicate, dead_letter=None, attempt=0)


def _begin_or_join(batch: Iterable[Arrived], keys: Keys) -> tuple[Filed, Filed]:
    begun: Filed = []
    joined: Filed = []
    alike = _alike(batch)
    while alike:
        earlier = latest(same[0].digest for same in alike)
        opening: dict[UUID, list[Arrived]] = {}
        for same in alike:
            found = earlier.get(same[0].digest)
            if found and found.open and not same[0].message_id_derived:
                joined += [(found.id, arrived) for arrived in same]
            else:
                opening[uuid7()] = same
        letters = {id: _letter(same[0], keys, earlier.get(same[0].digest)) for id, same in opening.items()}
        made = {letter.id for letter in begin(RECEIVED, letters, INTAKE)}
        for id in made:
            begun.append((id, opening[id][0]))
            joined += [(id, arrived) for arrived in opening[id][1:]]
        # Another intake was quicker with the rest: at the next look its dead letters are there to be joined.
        alike = [same for id, same in opening.items() if id not in made]
    return begun, joined


def _letter(arrived: Arrived, keys: Keys, earlier: Earlier | None) -> NewLetter:
    sources, groups = keys
    failure, delegated = arrived.failure, arrived.delegated
    return NewLetter(
        message=arrived.message,
        digest=arrived.digest,
        source=sources[arrived.source],
        group=groups[arrived.fingerprint],
        return_address=delegated.return_address,
        ordering_key=delegated.ordering_key,
        error_type=failure.error_type,
        error_text=failure.text,
        handler=failure.handler,
        failed_at=failure.occurred_at,
        earlier=earlier and earlier.id,
        redelivered=delegated.redelivered,
        text=storable(f"Failed on {' › '.join(filter(None, arrived.source))}.", TEXT_LIMIT),
    )


def _alike(batch: Iterable[Arrived]) -> list[list[Arrived]]:
    """The batch by digest. Messages without an id of their own stay alone: equal orders are two."""
    named: dict[bytes, list[Arrived]] = defaultdict(list)
    alone = []
    for arrived in batch:
        if arrived.message_id_derived:
            alone.append([arrived])
        else:
            named[arrived.digest].append(arrived)
    return [*named.values(), *alone]
