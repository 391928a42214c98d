"""Dead letters with the same cause."""

from django.db import models


class Group(models.Model):
    """One cause of failure, by its fingerprint (`consumers.failure`)."""

    fingerprint = models.CharField(max_length=64, unique=True)
    fingerprint_version = models.PositiveSmallIntegerField()
    source = models.ForeignKey("Source", models.PROTECT, related_name="groups")
    error_type = models.TextField()
    handler = models.TextField()
    text = models.TextField(blank=True)
    """The error's text with what differs from message to message taken out."""
    top_frame = models.TextField(blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "failure_group"

    def __str__(self) -> str:
        return f"{self.error_type}: {self.text}"
