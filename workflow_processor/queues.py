"""Measures the queues that the office works with."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from consumers.broker import Broker, QueueFigures
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER
from consumers.errors import QueueMissing
from workflow_processor import sql
from workflow_processor.models import QueueSample, Source

KEPT = timedelta(days=1)
RECENT = timedelta(minutes=1)
"""A sample is compared with the one before it, unless that is older: a rate over a gap tells nothing."""


def sample(broker: Broker) -> list[QueueSample]:
    """Measures every queue once and keeps the samples. A queue that is not there gives none.
    Raises BrokerUnavailable, and keeps nothing then."""
    figures = {name: measured for name in _watched() if (measured := _measure(broker, *name))}
    now = timezone.now()
    before = {(one.queue, one.subscriber): one for one in latest(now - RECENT)}
    samples = [_sample(name, measured, before.get(name), now) for name, measured in figures.items()]
    return QueueSample.objects.bulk_create(samples)


def latest(since: datetime) -> list[QueueSample]:
    """The latest sample of each queue that was measured since; read by no more rows than there are queues."""
    return list(QueueSample.objects.raw(_LATEST, {"since": since}))


def forget() -> None:
    """Forgets old samples."""
    sql.run("DELETE FROM queue_sample WHERE at < now() - %(kept)s::interval", {"kept": KEPT})


def shown(samples: Iterable[QueueSample]) -> dict[str, dict[str, float | None]]:
    """The samples as pages get them: by queue and subscriber, `trades › placement`, like a source's name."""
    names = ("ready", "unacknowledged", "consumers", "oldest_seconds", "rate_in", "rate_out")
    return {label(s.queue, s.subscriber): {name: getattr(s, name) for name in names} for s in samples}


def label(queue: str, subscriber: str) -> str:
    return str(Source(queue=queue, subscriber=subscriber))


def _watched() -> list[tuple[str, str]]:
    """Queue and subscriber: what failures came from, and the intake."""
    sources = Source.objects.order_by("queue", "subscriber").values_list("queue", "subscriber")
    return list(dict.fromkeys([*sources, (INTAKE_QUEUE, INTAKE_SUBSCRIBER)]))


def _measure(broker: Broker, queue: str, subscriber: str) -> QueueFigures | None:
    try:
        return broker.measure(queue, subscriber)
    except QueueMissing:
        return None


def _sample(
    name: tuple[str, str], measured: QueueFigures, before: QueueSample | None, now: datetime
) -> QueueSample:
    seconds = (now - before.at).total_seconds() if before else 0
    return QueueSample(
        queue=name[0],
        subscriber=name[1],
        at=now,
        ready=measured.ready,
        unacknowledged=measured.unacknowledged,
        consumers=measured.consumers,
        oldest_seconds=measured.oldest_seconds,
        entered=measured.entered,
        left=measured.left,
        rate_in=_rate(before.entered if before else None, measured.entered, seconds),
        rate_out=_rate(before.left if before else None, measured.left, seconds),
    )


def _rate(before: int | None, now: int | None, seconds: float) -> float | None:
    """What a counter gained in a second. None where that cannot be told, as after the broker reset it."""
    if before is None or now is None or seconds <= 0 or now < before:
        return None
    return (now - before) / seconds


# From one queue to the next in the order of the index, whatever lies between them.
_LATEST = """
WITH RECURSIVE latest AS (
    (SELECT * FROM queue_sample ORDER BY queue, subscriber, at DESC LIMIT 1)
    UNION ALL
    SELECT following.* FROM latest, LATERAL (
        SELECT * FROM queue_sample s WHERE (s.queue, s.subscriber) > (latest.queue, latest.subscriber)
        ORDER BY queue, subscriber, at DESC LIMIT 1
    ) AS following
)
SELECT * FROM latest WHERE at > %(since)s
"""
