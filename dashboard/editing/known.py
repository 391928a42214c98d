"""The message type that a message is of, as the catalogue has it, and that type's schema."""

from collections.abc import Sequence
from functools import cached_property

from django.db.models import F

from consumers.failure import Failure
from consumers.message import Message
from consumers.repair import FailedMessage
from dashboard.editing.outline import NOTHING, Outline
from workflow_processor.models import DeadLetter, SchemaVersion
from workflow_processor.rules import book


class Known:
    """What is known of messages like this one."""

    def __init__(self, record: DeadLetter, message: Message) -> None:
        self._schemas = book.current().surroundings.schemas
        failure = Failure(record.error_type, record.error_text, record.handler)
        self.type = self._schemas.type_of(
            FailedMessage(message, failure, record.source.queue, record.attempt)
        )
        """Its name; "" where none is known."""

    def problems(self, body: bytes) -> Sequence[str]:
        """Why this is no body of the type; nothing where it is one, or where nobody says what one is."""
        return self._schemas.problems(self.type, body) if self.schema else ()

    @cached_property
    def schema(self) -> SchemaVersion | None:
        """The current one of its type."""
        of_type = SchemaVersion.objects.filter(message_type__name=self.type)
        return of_type.filter(number=F("message_type__schema")).first() if self.type else None

    @cached_property
    def outline(self) -> Outline:
        """What the schema says of single values."""
        return Outline.read(self.schema.text) if self.schema else NOTHING
