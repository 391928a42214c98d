"""The immutable versions of a dead letter's message."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models

from consumers import brokers
from consumers.message import Message


class Revision(models.Model):
    """The original (number 0), or what a repair or an edit made of it. Its bytes are what a requeue sends."""

    id = models.BigAutoField(primary_key=True)
    dead_letter = models.ForeignKey(
        "DeadLetter", models.CASCADE, related_name="revisions", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField()
    body = models.BinaryField()
    properties = models.BinaryField()
    properties_format = models.CharField(max_length=20)
    return_address = models.TextField()
    author = models.TextField()
    """"original", "rule share_quantity 1", or a person's name."""
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "revision"
        constraints = [models.UniqueConstraint(fields=["dead_letter", "number"], name="revision_once")]

    def message(self) -> Message:
        """The message, byte for byte."""
        return Message(bytes(self.body), brokers.properties(self.properties_format, bytes(self.properties)))
