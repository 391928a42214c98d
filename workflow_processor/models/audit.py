"""What people did."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act of one person, written in the transaction of the act."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    act = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    dead_letters = models.JSONField(default=list)
    """Ids of the dead letters it changed."""
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
