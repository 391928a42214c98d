"""How the parts of the office are: processes, queues and sources, each ok, late, down or unknown."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from consumers.ordering import HELD_AT_MOST
from dashboard.parts.times import ago
from dashboard.queries.queues import Queue
from dashboard.queries.tokens import spell
from workflow_processor.models import DeadLetter, ProcessHealth, Source

SILENT = timedelta(seconds=15)
"""Every process speaks at least every few seconds."""
NOW, LATELY = timedelta(minutes=5), timedelta(hours=1)
"""A source that failed so long ago at the most is failing now, or lately."""
PROCESSES = ("intake", "worker", "beat", "sampler")
"""What an office cannot do without."""


class Thing(NamedTuple):
    name: str
    state: str
    note: str
    query: str = ""
    """Finds what it speaks of, among the messages."""


def processes() -> list[Thing]:
    """Each kind of process, by those of it that are there."""
    known = defaultdict(list)
    for process in ProcessHealth.objects.order_by("-seen_at"):
        known[process.kind].append(process)
    return [_process(kind, known[kind]) for kind in dict.fromkeys((*PROCESSES, *sorted(known)))]


def of_queues(queues: Sequence[Queue]) -> Iterator[Thing]:
    for queue in queues:
        name, sample = queue.name, queue.sample
        if queue.lost:
            keys = "1 key waits" if queue.lost == 1 else f"{queue.lost:,} keys wait"
            yield Thing(name, "stuck", f"{keys} for a message that never reached the office")
        elif queue.nearly_full:
            yield Thing(name, "nearly full", f"{queue.held:,} held; its consumer slows at {HELD_AT_MOST:,}")
        elif not sample:
            yield Thing(name, "unknown", "not found on the broker, or not measured yet")
        elif timezone.now() - sample.at > SILENT:
            yield Thing(name, "late", f"measured {ago(sample.at)}")
        elif sample.consumers == 0:
            yield Thing(name, "down", "no consumer is reading it")
        else:
            consumers = (
                ""
                if sample.consumers is None
                else f"{sample.consumers:,} consumer{'s'[: sample.consumers != 1]}"
            )
            yield Thing(name, "ok", consumers)


def sources() -> Iterator[Thing]:
    """Each source, by its latest new dead letter; those that fail now first."""
    latest = DeadLetter.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    found = Source.objects.annotate(failed_at=Subquery(latest))
    for source in found.order_by(F("failed_at").desc(nulls_last=True), "queue", "subscriber"):
        note = f"last failed {ago(source.failed_at)}" if source.failed_at else "no failures on record"
        yield Thing(str(source), _failing(source.failed_at), note, f"queue:{spell(source.queue)}")


def _failing(latest: datetime | None) -> str:
    age = timezone.now() - latest if latest else None
    if not age or age > LATELY:
        return "quiet"
    return "failing" if age < NOW else "failed lately"


def _process(kind: str, known: Sequence[ProcessHealth]) -> Thing:
    there = [process for process in known if timezone.now() - process.seen_at < SILENT]
    waiting = [process for process in there if not process.working]
    if waiting:
        return Thing(kind, "late", waiting[0].note)
    if there:
        return Thing(kind, "ok", f"{len(there)} running" if len(there) > 1 else "")
    if known:
        return Thing(kind, "down", f"last seen {ago(known[0].seen_at)}")
    return Thing(kind, "unknown", "never seen")
