"""The catalogue of message types, and the schemas of each."""

from django.db import models

from workflow_processor.models.versions import Version


class MessageType(models.Model):
    """A kind of message on a queue, told by a header or by a field of its JSON body. With neither, every
    message of the queue is of this type."""

    name = models.CharField(max_length=60, unique=True)
    queue = models.TextField(db_index=True)
    header = models.TextField(blank=True)
    field = models.TextField(blank=True)
    """A path into the body, as rules name fields."""
    value = models.TextField(blank=True)
    """What the header or the field says in messages of this type."""
    schema = models.PositiveIntegerField(default=0)
    """Number of the current schema version; 0 while there is none."""
    coercions = models.JSONField(default=list)
    """Names of the automatic coercions that are switched on (`workflow_processor.repair`)."""
    change = models.PositiveIntegerField(default=1)
    """Raised by everything that is changed of it: what a person saw, and what a change expects."""

    class Meta:
        db_table = "message_type"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class SchemaVersion(Version):
    """One immutable version of a message type's JSON Schema."""

    message_type = models.ForeignKey(MessageType, models.CASCADE, related_name="schemas", db_index=False)
    text = models.TextField()

    class Meta:
        db_table = "schema_version"
        constraints = [models.UniqueConstraint(fields=["message_type", "number"], name="schema_version_once")]
