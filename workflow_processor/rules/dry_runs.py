"""Dry runs: what a rule, saved or not, would do to the messages that there are. Nothing happens to them.

People start, cancel and read them here; `dry_running` is the worker's side.
"""

import json
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from workflow_processor.acts.record import check
from workflow_processor.models import DryRun, DryRunItem, RepairRule
from workflow_processor.operations.planning import Chosen
from workflow_processor.repair.definition import Definition, to_json

KEPT = timedelta(days=7)
LONGEST = 365
"""Days that one may go back."""


def start(person: User, definition: Definition, *, rule: RepairRule | None = None, days: int = 0) -> DryRun:
    """A dry run for a worker to begin: over the dead letters that are parked or, with `days`, over those of
    so many days as they came. `rule` is the one that the definition is of, or is to be a version of."""
    check(person, "write_rules")
    check(person, "view_dead_letter")
    text = json.dumps(to_json(definition))
    saved = rule.versions.filter(number=rule.number, definition=text).exists() if rule else False
    return DryRun.objects.create(
        rule=rule,
        version=rule.number if rule and saved else 0,
        definition=text,
        days=min(max(days, 0), LONGEST),
        person=person,
    )


def cancel(person: User, id: int) -> bool:
    """Tells whether there was anything to cancel."""
    check(person, "write_rules")
    going_on = DryRun.objects.filter(id=id, state__in=(DryRun.State.WAITING, DryRun.State.RUNNING))
    return bool(going_on.update(state=DryRun.State.CANCELLED, finished_at=timezone.now()))


def repaired(run: DryRun) -> Chosen:
    """The dead letters that would be repaired, as they were tried: what an operation is to be about."""
    return Chosen(_REPAIRED, {"run": run.pk, "outcome": str(DryRunItem.Outcome.REPAIRED)})


def forget() -> None:
    """Forgets those of long ago."""
    DryRun.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


_REPAIRED = """
SELECT dead_letter, version FROM dry_run_item WHERE dry_run_id = %(run)s AND outcome = %(outcome)s
"""
