"""The latest figures of each queue, and their history, from the samples that are kept."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet
from django.utils import timezone

from consumers.ordering import HELD_AT_MOST
from dashboard.queries import gates
from workflow_processor.models import HeldMessage, ProcessHealth, QueueSample, Source
from workflow_processor.queues import label, latest

SHOWN = timedelta(minutes=15)
STALE = timedelta(seconds=15)
"""Samples come every two seconds. The latest one being older than this, the figures are no longer live."""


NEARLY = 0.9
"""Of the cap, from where on people are warned."""


class Queue(NamedTuple):
    """A queue as one subscriber reads it."""

    name: str
    """Like a source's; live figures come under it."""
    sample: QueueSample | None
    """The latest; None where the broker has no such queue, or was never asked."""
    held: int
    """Messages that wait behind closed gates."""
    lost: int
    """Keys that wait for a message which never came to the office."""

    @property
    def live(self) -> bool:
        return self.sample is not None and timezone.now() - self.sample.at < STALE

    @property
    def nearly_full(self) -> bool:
        """Whether so many wait that its consumer has slowed down, or soon will."""
        return self.held >= NEARLY * HELD_AT_MOST

    @property
    def empty(self) -> bool:
        """Whether there is nothing whose age could be told."""
        return self.sample is not None and not self.sample.ready and not self.sample.unacknowledged


def queues() -> list[Queue]:
    """Every queue that was measured lately, and every source; in the order of their names."""
    samples = {label(one.queue, one.subscriber): one for one in latest(timezone.now() - SHOWN)}
    held = _count(HeldMessage.objects.values_list("gate__queue", "gate__subscriber"))
    lost = _count(gates.lost().values_list("queue", "subscriber"))
    sources = {str(source) for source in Source.objects.exclude(return_address="")}
    names = sorted(sources | samples.keys() | lost.keys())
    return [Queue(name, samples.get(name), held.get(name, 0), lost.get(name, 0)) for name in names]


def _count(sources: QuerySet[Any, tuple[str, str]]) -> dict[str, int]:
    rows = sources.annotate(count=Count("id"))
    return {label(queue, subscriber): count for queue, subscriber, count in rows}


def trouble() -> str:
    """What keeps the figures from coming; empty where nothing is known to."""
    sampler = ProcessHealth.objects.filter(kind="sampler").order_by("-seen_at").first()
    if not sampler or timezone.now() - sampler.seen_at > STALE:
        return "Nothing is measuring the queues: check that a worker and beat are running."
    return "" if sampler.working else f"The queues cannot be measured: {sampler.note}."


def history(sample: QueueSample, fields: Sequence[str]) -> tuple[list[float], dict[str, list[Any]]]:
    """What charts begin with: times in unix seconds, and a list for each field."""
    since = timezone.now() - SHOWN
    found = QueueSample.objects.filter(queue=sample.queue, subscriber=sample.subscriber, at__gt=since)
    rows = list(found.order_by("at").values_list("at", *fields))
    columns = list(zip(*rows, strict=True)) or [()] * (len(fields) + 1)
    return [at.timestamp() for at in columns[0]], dict(zip(fields, map(list, columns[1:]), strict=True))
