"""Corrected messages that were brought in as a file, until they are made revisions or forgotten."""

from django.conf import settings
from django.db import models


class ImportFile(models.Model):
    """A file of corrected messages."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    name = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    lines = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    """The first lines that could not be read: their numbers, and why."""
    unreadable = models.PositiveIntegerField(default=0)
    """Lines that could not be read."""

    class Meta:
        db_table = "import_file"
        default_permissions = ()


class ImportedBody(models.Model):
    """What the file has for one dead letter."""

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="bodies", db_index=False)
    dead_letter = models.UUIDField()
    version = models.PositiveIntegerField()
    """As it was exported: what has changed since is not touched."""
    body = models.BinaryField()

    class Meta:
        db_table = "imported_body"
        constraints = [models.UniqueConstraint(fields=["file", "dead_letter"], name="imported_once")]
