"""What rules would make of parked messages."""

from django.db import models

from consumers import brokers
from consumers.message import Message


class Suggestion(models.Model):
    """The repair of one parked message that waits for a person to accept it.

    It is kept, not made anew when somebody looks: rules run in workers, where whatever they do is contained,
    and what is accepted is, byte for byte, what was shown."""

    dead_letter = models.OneToOneField(
        "DeadLetter", models.CASCADE, primary_key=True, related_name="suggestion"
    )
    revision = models.PositiveIntegerField()
    """That it was made of. It is stale when the message has another."""
    rule = models.TextField()
    """The rule's name."""
    version = models.PositiveIntegerField()
    reason = models.TextField(blank=True)
    body = models.BinaryField()
    properties = models.BinaryField()
    properties_format = models.CharField(max_length=20)
    return_address = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "suggestion"
        indexes = [models.Index(fields=["rule", "version"], name="suggestion_of_rule")]

    def message(self) -> Message:
        """The repaired message, byte for byte."""
        return Message(bytes(self.body), brokers.properties(self.properties_format, bytes(self.properties)))
