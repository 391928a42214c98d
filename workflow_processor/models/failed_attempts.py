"""Failures on record."""

from django.db import models


class FailedAttempt(models.Model):
    """One failure of one dead letter, as its consumer told it (`consumers.failure.Failure`)."""

    id = models.BigAutoField(primary_key=True)
    dead_letter = models.ForeignKey(
        "DeadLetter", models.CASCADE, related_name="failed_attempts", db_index=False, db_constraint=False
    )
    failure_id = models.UUIDField(unique=True)
    attempt = models.PositiveIntegerField()
    """Which requeue failed; 0 is the first delivery, before the office knew the message."""
    group = models.ForeignKey("Group", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=10)
    error_type = models.TextField()
    text = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    top_frame = models.TextField(blank=True)
    handler = models.TextField()
    host = models.TextField(blank=True)
    tries = models.PositiveIntegerField(default=1)
    retry_after = models.FloatField(null=True)
    """Seconds."""
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "failed_attempt"
        indexes = [models.Index(fields=["dead_letter", "id"], name="failed_attempt_of_letter")]
