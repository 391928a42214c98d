"""Order per key: closed gates, and the messages that wait behind them.

These two tables are the contract with consumers of ordered queues (`consumers/ordering.py`), which read and
write them with psycopg. The row of a gate is what everybody agrees on: holding shares its lock, and opening
takes it alone.
"""

from django.db import models
from django.db.models import Q


class Gate(models.Model):
    """The closed gate of a key that has an open dead letter. An open gate is no row."""

    id = models.BigAutoField(primary_key=True)
    queue = models.TextField()
    subscriber = models.TextField(blank=True)
    key = models.TextField()
    head = models.ForeignKey("DeadLetter", models.PROTECT, null=True, related_name="gates")
    """What all others of the key wait for; none until the intake has stored it. An edit can change the key of
    a message: then it is the head of two."""
    head_identity = models.BinaryField(max_length=32)
    """Of the head, by which the intake knows it (`consumers.identity.digest`)."""
    closed_at = models.DateTimeField()

    class Meta:
        db_table = "gate"
        constraints = [models.UniqueConstraint(fields=["queue", "subscriber", "key"], name="gate_once")]

    def __str__(self) -> str:
        return " › ".join(filter(None, (self.queue, self.subscriber, self.key)))


class HeldMessage(models.Model):
    """A message that waits behind a gate. The order of ids is the order of arrival."""

    id = models.BigAutoField(primary_key=True)
    gate = models.ForeignKey(Gate, models.PROTECT, related_name="held", db_index=False)
    dead_letter = models.UUIDField(null=True)
    """Of which it is a requeue, where it is one: that waits too, behind another dead letter of its key."""
    identity = models.BinaryField(max_length=32)
    identity_derived = models.BooleanField()
    body = models.BinaryField()
    properties = models.BinaryField()
    properties_format = models.CharField(max_length=20)
    return_address = models.TextField()
    redelivered = models.BooleanField(default=False, db_default=False)
    """The broker had delivered it before: it may have been processed then."""
    held_at = models.DateTimeField()

    class Meta:
        db_table = "held_message"
        indexes = [
            models.Index(fields=["gate", "id"], name="held_in_order"),
            models.Index(fields=["dead_letter"], name="held_requeue", condition=Q(dead_letter__isnull=False)),
        ]
        constraints = [
            # A message that the broker delivers once more waits once.
            models.UniqueConstraint(
                fields=["gate", "identity"], name="held_once", condition=Q(identity_derived=False)
            )
        ]
