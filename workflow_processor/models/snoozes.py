"""Groups that are put away until later."""

from django.conf import settings
from django.db import models


class Snooze(models.Model):
    """Keeps a group out of sight until a time, or until it has failed so many times more."""

    group = models.OneToOneField("Group", models.CASCADE, primary_key=True, related_name="snooze")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    more = models.PositiveIntegerField(null=True)
    """Further failures that end it before its time. None: its time alone does."""
    before = models.BigIntegerField(default=0)
    """Failures in the minute of `since` that had happened by then."""

    class Meta:
        db_table = "snooze"
