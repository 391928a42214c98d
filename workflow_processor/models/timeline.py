"""What happened to a dead letter, in order."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models


class Event(models.Model):
    """One thing that happened. Every change of state has its event, in the same transaction."""

    class Kind(models.TextChoices):
        RECEIVED = "received"
        SEEN_AGAIN = "seen again"
        CAME_BACK = "came back"
        CAME_BACK_LATE = "came back late", "An earlier requeue came back after a later one was sent"
        CLAIMED = "repairing"
        RETRY_SCHEDULED = "retry scheduled"
        REPAIRED = "repaired"
        PARKED = "parked"
        EDITED = "edited"
        REQUEUED = "requeued"
        WITHDRAWN = "withdrawn"
        SENT = "sent"
        UNROUTABLE = "unroutable"
        PROCESSED = "processed"
        PROCESSED_LATE = "processed late", "A receipt came for a requeue that is not the latest or not open"
        SILENCE = "resolved by silence"
        DISCARDED = "discarded"
        RESTORED = "restored"
        RECONSIDERED = "reconsidered", "A person has it decided about once more"
        RELEASED = "released", "What it waited for has ended"
        ASSIGNED = "assigned"
        COMMENTED = "commented"
        LINKED = "linked", "A ticket was linked"
        UNLINKED = "unlinked", "A link to a ticket was taken away"

    id = models.BigAutoField(primary_key=True)
    dead_letter = models.ForeignKey(
        "DeadLetter", models.CASCADE, related_name="events", db_index=False, db_constraint=False
    )
    at = models.DateTimeField(db_default=TransactionNow())
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.TextField()
    """The process ("intake", "triage", "relay"), the rule, or the person's name."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    text = models.TextField(blank=True)
    """A sentence for people: the reason, the queue, the attempt."""
    details = models.JSONField(null=True)
    """What else there is to tell: `tried`, the rules that did not help, each with its version and why."""
    attempt = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "event"
        indexes = [models.Index(fields=["dead_letter", "id"], name="event_of_letter")]
