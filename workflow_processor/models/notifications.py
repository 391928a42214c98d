"""What people are told of inside the dashboard."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notification(models.Model):
    """One thing that one person should know about a dead letter or a group."""

    class Kind(models.TextChoices):
        MENTIONED = "mentioned"
        ASSIGNED = "assigned"
        WOKEN = "woken", "A snoozed group came back"

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.TextField()
    text = models.TextField(blank=True)
    dead_letter = models.ForeignKey("DeadLetter", models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey("Group", models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    read = models.BooleanField(default=False)

    class Meta:
        db_table = "notification"
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_of_person"),
            models.Index(fields=["person"], name="notification_unread", condition=Q(read=False)),
        ]
