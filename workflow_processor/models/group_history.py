"""What happened to a group, in order."""

from django.conf import settings
from django.db import models


class GroupEvent(models.Model):
    """One thing that people did with a group, or that came of it."""

    class Kind(models.TextChoices):
        ASSIGNED = "assigned"
        COMMENTED = "commented"
        LINKED = "linked", "A ticket was linked"
        UNLINKED = "unlinked", "A link to a ticket was taken away"
        NOTED = "noted"
        SNOOZED = "snoozed"
        WOKEN = "woken"
        MERGED = "merged"
        SPLIT = "split"

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey("Group", models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.TextField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    text = models.TextField(blank=True)

    class Meta:
        db_table = "group_event"
        indexes = [models.Index(fields=["group", "id"], name="group_event_of_group")]
