"""What a transaction decided to publish."""

from django.db import models
from django.db.models import Q


class OutboxEntry(models.Model):
    """One requeue on its way out. `tries` is raised and committed before each publish, so that a publish
    whose outcome is unknown is known to have been tried."""

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        """The broker confirmed it."""
        WITHDRAWN = "withdrawn"
        """Undone before it left."""
        FAILED = "failed"
        """It cannot be published, and the dead letter was parked with the reason."""

    id = models.BigAutoField(primary_key=True)
    dead_letter = models.ForeignKey(
        "DeadLetter", models.CASCADE, related_name="requeues", db_index=False, db_constraint=False
    )
    attempt = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()
    queue = models.TextField()
    """The return address of the revision."""
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    possible_duplicate = models.BooleanField(default=False)
    """The message may have been processed before, whatever comes of this publish."""
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    """Publishes that may have reached the broker; the latest one's number is its fence."""
    refusals = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How often the broker declined it."""
    leased_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox"
        constraints = [
            models.UniqueConstraint(fields=["dead_letter", "attempt"], name="outbox_once_per_attempt")
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="outbox_due", condition=Q(state="pending"))]
