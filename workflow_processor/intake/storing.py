"""Storing a batch of arrivals in one transaction.

A failure of a requeue belongs to the dead letter that it names. Any other is known by its digest: while a
dead letter of that digest is open, the failure joins it as "seen again"; otherwise a new one begins, linked
to the earlier one if there was any. A failure that is on record already was delivered twice, and is recorded
once. Nothing else is ever taken for known.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from consumers.envelope import Receipt
from workflow_processor import lifecycle, ordering, sql
from workflow_processor.intake import catalogue, receipts
from workflow_processor.intake.arrivals import Arrived
from workflow_processor.intake.catalogue import Catalogue
from workflow_processor.intake.filing import Filed, file
from workflow_processor.models import Event
from workflow_processor.storable import NAME_LIMIT, TEXT_LIMIT, TRACEBACK_LIMIT, storable
from workflow_processor.transition import INTAKE, tell


def store(batch: Sequence[Arrived], receipt: Sequence[Receipt], known: Catalogue) -> list[UUID]:
    """Commits the batch; gives the dead letters that are to be repaired."""
    with transaction.atomic():
        fresh = _unrecorded(batch)
        keys = _, groups = known.keys(fresh)
        files = file(fresh, keys)
        ordering.close(_heads([*files.begun, *files.joined, *files.returned]))
        _record([*files.begun, *files.joined, *files.returned], groups)
        reopened = _come_back(files.returned, groups)
        _see_again([*files.joined, *((id, arrived) for id, arrived in files.returned if id not in reopened)])
        ordering.advance_ended([id for id, _ in files.returned if id not in reopened])
        catalogue.touch(groups.values())
        receipts.take(receipt)
    known.learn(keys)
    return [*(id for id, _ in files.begun), *reopened]


def _heads(filed: Filed) -> list[ordering.Head]:
    return [
        ordering.Head(id, *arrived.source, arrived.delegated.ordering_key, arrived.digest)
        for id, arrived in filed
        if arrived.delegated.ordering_key is not None
    ]


def _unrecorded(batch: Sequence[Arrived]) -> list[Arrived]:
    once = {arrived.failure.failure_id: arrived for arrived in batch}
    query = "SELECT failure_id FROM failed_attempt WHERE failure_id = ANY(%(ids)b::uuid[])"
    for row in sql.run(query, {"ids": list(once)}) if once else []:
        del once[row.failure_id]
    return list(once.values())


def _come_back(returned: Filed, groups: dict[str, int]) -> set[UUID]:
    """Reopens those whose latest requeue failed. Where several say so, the highest attempt speaks for all."""
    latest: dict[UUID, Arrived] = {}
    for id, arrived in returned:
        if id not in latest or arrived.attempt > latest[id].attempt:
            latest[id] = arrived
    failures: dict[str, tuple[str, Sequence[Any]]] = {
        "attempt": ("int", [arrived.attempt for arrived in latest.values()]),
        "group_id": ("bigint", [groups[arrived.fingerprint] for arrived in latest.values()]),
        "error_type": ("text", [storable(a.failure.error_type, NAME_LIMIT) for a in latest.values()]),
        "error_text": ("text", [storable(a.failure.text, TEXT_LIMIT) for a in latest.values()]),
        "handler": ("text", [storable(a.failure.handler, NAME_LIMIT) for a in latest.values()]),
        "redelivered": ("bool", [arrived.delegated.redelivered for arrived in latest.values()]),
        "failed_at": ("timestamptz", [arrived.failure.occurred_at for arrived in latest.values()]),
    }
    texts = [f"Requeue {arrived.attempt} failed." for arrived in latest.values()]
    return {letter.id for letter in lifecycle.come_back(list(latest), texts, failures)}


def _see_again(again: Filed) -> None:
    """Notes failures that change no state: of a message that is with the office already, or of an earlier
    requeue."""
    if not again:
        return
    texts = [
        f"Requeue {arrived.attempt} failed, which was already known."
        if arrived.dead_letter
        else "The message was delivered once more and failed again."
        for _, arrived in again
    ]
    tell(Event.Kind.SEEN_AGAIN, [id for id, _ in again], texts, INTAKE)
    sql.run(
        """
        UPDATE dead_letter d SET failures = failures + again.times
        FROM (SELECT id, count(*) AS times FROM unnest(%(ids)b::uuid[]) AS id GROUP BY id) AS again
        WHERE d.id = again.id
        """,
        {"ids": [id for id, _ in again]},
    )


_FAILURE_COLUMNS = {
    "dead_letter_id": "uuid",
    "failure_id": "uuid",
    "attempt": "int4",
    "group_id": "int8",
    "kind": "text",
    "error_type": "text",
    "text": "text",
    "traceback": "text",
    "top_frame": "text",
    "handler": "text",
    "host": "text",
    "tries": "int4",
    "retry_after": "float8",
    "occurred_at": "timestamptz",
}


def _record(filed: Iterable[tuple[UUID, Arrived]], groups: dict[str, int]) -> None:
    sql.copy("failed_attempt", _FAILURE_COLUMNS, (_row(id, arrived, groups) for id, arrived in filed))


def _row(id: UUID, arrived: Arrived, groups: dict[str, int]) -> tuple[Any, ...]:
    failure = arrived.failure
    return (
        id,
        failure.failure_id,
        arrived.attempt,
        groups[arrived.fingerprint],
        str(failure.kind),
        storable(failure.error_type, NAME_LIMIT),
        storable(failure.text, TEXT_LIMIT),
        storable(failure.traceback, TRACEBACK_LIMIT),
        storable(failure.top_frame, NAME_LIMIT),
        storable(failure.handler, NAME_LIMIT),
        storable(failure.host, NAME_LIMIT),
        failure.tries,
        failure.retry_after,
        failure.occurred_at,
    )
