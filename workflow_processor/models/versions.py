"""What every version of something that people write tells of itself."""

from django.conf import settings
from django.db import models


class Version(models.Model):
    """One immutable version."""

    id = models.BigAutoField(primary_key=True)
    number = models.PositiveIntegerField()
    author = models.TextField()
    """A person's name, or the file that it was read from."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
