"""What people did, and what the office did in their place."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """One act, written in the transaction of the act."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    office = models.TextField(blank=True)
    """Which part of the office did it, where no person did."""
    act = models.CharField(max_length=40)
    subject = models.TextField(blank=True)
    """What it was done to, where that is no dead letter: "rule" or "message type", and the name."""
    reason = models.TextField(blank=True)
    dead_letters = models.JSONField(default=list)
    """Ids of the dead letters it changed."""
    group = models.ForeignKey("Group", models.SET_NULL, null=True, related_name="acts")
    """The group it changed, where it is one."""
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        default_permissions = ()
        permissions = [("manage_people", "Can change people's roles")]
        indexes = [models.Index(fields=["subject", "-id"], name="audit_of_subject", condition=~Q(subject=""))]

    @property
    def who(self) -> str:
        return self.person.get_username() if self.person else self.office
