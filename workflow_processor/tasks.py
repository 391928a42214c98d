"""Celery's tasks. Each is thin, carries ids alone, and may run twice or not at all: the database knows what
is still to be done, and the sweep finds it there."""

from datetime import timedelta
from itertools import takewhile
from time import monotonic, time
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from consumers.errors import BrokerUnavailable
from workflow_processor import (
    due,
    figures,
    group_figures,
    health,
    lifecycle,
    live,
    notifying,
    ordering,
    queues,
    retention,
    snoozes,
)
from workflow_processor.celery import app
from workflow_processor.operations import files, outcomes, work
from workflow_processor.repair import pipeline
from workflow_processor.repair.discovery import rules
from workflow_processor.rules import dry_running, dry_runs, suggestions
from workflow_processor.rules import figures as rule_figures
from workflow_processor.search import indexing

# Between the pipeline's budget and its lease: a repair that nothing else ends is ended by Celery, and its
# claims lapse after that.
SOFT, HARD = 75, 90
SEARCH_BUDGET = 1.0


@app.task(soft_time_limit=SOFT, time_limit=HARD)
def repair(ids: list[str]) -> None:
    """Decides about failed messages, and sends what was repaired. Where tasks of a few messages lie in a row,
    the first does the work of those behind it, and they find nothing left to do."""
    handed_on = [UUID(id) for id in ids]
    room = pipeline.BATCH - len(handed_on)
    more = due.received(room) if room > 0 else []
    if pipeline.repair(list(dict.fromkeys([*handed_on, *more])), rules(), relay=app.relay):
        live.announce("changed")


@app.task
def relay() -> None:
    """Sends what is due."""
    lifecycle.wake(due.waiting())
    if app.relay.drain():
        live.announce("changed")
    missing = app.relay.outage.reason
    health.beat("worker", working=not missing, note=missing)


@app.task(soft_time_limit=SOFT, time_limit=HARD)
def sweep() -> None:
    """Repairs what was left: handed on to nobody, or by a worker that died."""
    lifecycle.lapse(due.lapsed())
    until = monotonic() + pipeline.BUDGET
    for ids in takewhile(lambda _: monotonic() < until, due.left()):
        pipeline.repair(ids, rules(), relay=app.relay)
    for id in dry_running.due():
        try_dry.delay(id)


@app.task(soft_time_limit=SOFT, time_limit=HARD)
def try_dry(id: int) -> None:
    """Carries on with a dry run."""
    if dry_running.carry_on(id):
        try_dry.delay(id)
    live.announce("changed")


@app.task
def make_searchable() -> None:
    """Makes searchable what is due; a second long, lest it keep others from the worker, and no more than a
    portion while failed messages wait for repair. Pages that miss something are told."""
    until = monotonic() + SEARCH_BUDGET
    made = 0
    while monotonic() < until and (more := indexing.catch_up()):
        made += more
        if due.received(1):
            break
    if made:
        live.announce("searchable")


@app.task
def silence() -> None:
    """Resolves what did not come back to sources that send no receipts."""
    lifecycle.resolve_by_silence(*due.silent())


@app.task
def operate() -> None:
    """Carries on with operations, and looks what became of what they sent."""
    if work.carry_on() + outcomes.refresh():
        live.announce("changed")


@app.task
def sample_queues() -> None:
    """Measures the queues, and tells pages these figures and the office's own."""
    try:
        samples = queues.sample(app.business)
    except BrokerUnavailable as error:
        health.beat("sampler", working=False, note=f"the business broker is away: {error}")
    else:
        health.beat("sampler")
        live.announce("queues", at=time(), queues=queues.shown(samples))
    live.announce("figures", at=time(), figures=figures.shown(), flow=figures.pace())


@app.task
def fold_figures() -> None:
    figures.fold()
    rule_figures.fold()
    group_figures.fold()


@app.task
def open_gates() -> None:
    """Lets go of what waits for messages that have ended without their gate's knowing."""
    if ordering.advance_ended(ordering.overlooked()):
        live.announce("changed")


@app.task
def wake_groups() -> None:
    """Brings back snoozed groups."""
    if snoozes.wake():
        live.announce("changed")


@app.task
def prune() -> None:
    """Forgets figures, processes and notifications of long ago."""
    queues.forget()
    figures.forget()
    rule_figures.forget()
    suggestions.forget_stale()
    dry_runs.forget()
    files.forget()
    health.forget()
    notifying.forget()


@app.task(soft_time_limit=SOFT, time_limit=HARD)
def retain() -> None:
    """Forgets what ended longer ago than it is to be kept, for as long as a tick may take."""
    if settings.RETENTION_DAYS:
        ended_before = timezone.now() - timedelta(days=settings.RETENTION_DAYS)
        until = monotonic() + pipeline.BUDGET
        for forget in (retention.forget, outcomes.forget):
            while monotonic() < until and forget(ended_before):
                continue
