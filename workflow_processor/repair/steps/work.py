"""A message while a rule works on it."""

from dataclasses import dataclass, replace
from functools import cached_property

from consumers.message import Message
from consumers.properties import Properties
from consumers.repair import FailedMessage
from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.surroundings import Surroundings
from workflow_processor.repair.texts.document import Document
from workflow_processor.repair.texts.readings import Reading


@dataclass(frozen=True)
class Work:
    """Never changed, only copied."""

    failed: FailedMessage
    reading: Reading
    surroundings: Surroundings
    properties: Properties
    return_address: str
    made: Document | None = None
    """The body, once a step has changed it."""

    @cached_property
    def document(self) -> Document:
        """The body. Raises Cannot where it is not what the rule reads."""
        return self.made or self.reading.document(self.failed.message.body)

    @cached_property
    def message_type(self) -> str:
        """What kind of message it is; "" where nobody knows."""
        return self.surroundings.schemas.type_of(self.failed)

    @property
    def message(self) -> Message:
        body = self.made.text.encode() if self.made else self.failed.message.body
        return Message(body, self.properties)

    def with_document(self, document: Document) -> "Work":
        """The same with another body. Raises Cannot where it has grown too much."""
        size = len(document.text.encode())
        if limits.grown(len(self.failed.message.body), size):
            raise Cannot(f"the body would grow to {size:,} bytes")
        return replace(self, made=document)
