"""How a source is treated."""

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor.acts.record import audit, check
from workflow_processor.models import Source

LONGEST = 30 * 24 * 3600


def set_quiet_period(person: User, source: Source, seconds: int | None) -> None:
    """After so many seconds without an answer a requeue counts as processed; None: a receipt is waited for.
    Raises ValueError where it makes no sense."""
    check(person, "manage_source")
    if seconds is not None and not 0 < seconds <= LONGEST:
        raise ValueError("A quiet period lasts from a second to 30 days.")
    with transaction.atomic():
        locked = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        before, locked.quiet_seconds = locked.quiet_seconds, seconds
        if before != seconds:
            locked.save(update_fields=["quiet_seconds"])
            audit(
                person,
                "set quiet period",
                subject=f"source {source}",
                before={"quiet_seconds": before},
                after={"quiet_seconds": seconds},
            )
