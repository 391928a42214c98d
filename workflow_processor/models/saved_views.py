"""Lists that people come back to."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """The address of a list, kept under a name by one person and, where it is shared, for all."""

    class Page(models.TextChoices):
        MESSAGES = "messages"
        GROUPS = "groups"

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=10, choices=Page)
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    """What follows the question mark, without the place in the list."""
    shared = models.BooleanField(default=False)

    class Meta:
        db_table = "saved_view"
        default_permissions = ()
        permissions = [("share_view", "Can share saved views, and change shared ones")]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name
