"""Where failed messages come from: a queue as one subscriber reads it."""

from django.db import models


class Source(models.Model):
    """A queue and the subscriber that failed on it. Made by the first failure from there."""

    queue = models.TextField()
    subscriber = models.TextField(blank=True)
    return_address = models.TextField()
    quiet_seconds = models.PositiveIntegerField(null=True, blank=True)
    """For subscribers that send no receipts: a requeue that has not come back after so long counts as
    processed, and is shown as resolved by silence. None: a receipt is waited for."""
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "source"
        default_permissions = ()
        permissions = [("manage_source", "Can change how a source is treated")]
        constraints = [models.UniqueConstraint(fields=["queue", "subscriber"], name="source_once")]

    def __str__(self) -> str:
        return f"{self.queue} › {self.subscriber}" if self.subscriber else self.queue
