"""Where a failure is worked on elsewhere."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Ticket(models.Model):
    """A link from a dead letter or a group to a page of some other system."""

    id = models.BigAutoField(primary_key=True)
    dead_letter = models.ForeignKey("DeadLetter", models.CASCADE, null=True, related_name="tickets")
    group = models.ForeignKey("Group", models.CASCADE, null=True, related_name="tickets")
    url = models.TextField()
    """http or https, and nothing else."""
    title = models.TextField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ticket"
        constraints = [
            models.CheckConstraint(
                condition=Q(dead_letter__isnull=True) ^ Q(group__isnull=True), name="ticket_of_one"
            )
        ]
