"""Dead letters with the same cause."""

from django.conf import settings
from django.db import models
from django.db.models import F


class Group(models.Model):
    """One cause of failure, by its fingerprint (`consumers.failure`).

    People can merge one into another. It keeps its fingerprint and its dead letters, whose counts are then
    added to those of the group it was merged into; so a split loses nothing.
    """

    fingerprint = models.CharField(max_length=64, unique=True)
    fingerprint_version = models.PositiveSmallIntegerField()
    source = models.ForeignKey("Source", models.PROTECT, related_name="groups")
    error_type = models.TextField()
    handler = models.TextField()
    text = models.TextField(blank=True)
    """The error's text with what differs from message to message taken out; the first one's, where no word
    would be left."""
    top_frame = models.TextField(blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    """Of what was merged into it too."""

    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    """One that is itself merged into none."""
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    """Who is on it."""
    note = models.TextField(blank=True, db_default="")
    """What is known of it, in people's own words."""
    back = models.TextField(blank=True, db_default="")
    """Why it came back from a snooze, in a sentence."""

    parked = models.BigIntegerField(default=0, db_default=0)
    """How many of its dead letters, and of what was merged into it, are parked, by the folded state counts
    alone; 0 where it is merged itself. What is not folded yet is to be added."""
    open = models.BigIntegerField(default=0, db_default=0)
    """How many are open; likewise."""

    class Meta:
        db_table = "failure_group"
        default_permissions = ()
        permissions = [
            ("comment_dead_letter", "Can comment, keep notes and link tickets"),
            ("assign_dead_letter", "Can assign dead letters and groups to people"),
            ("manage_group", "Can snooze, merge and split groups"),
        ]
        indexes = [
            models.Index(
                F("parked").desc(), F("last_seen_at").desc(), F("id").desc(), name="group_by_parked"
            ),
            models.Index(F("last_seen_at").desc(), F("id").desc(), name="group_by_last_seen"),
            models.Index(F("first_seen_at").desc(), F("id").desc(), name="group_by_first_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.error_type}: {self.text}"
