"""The type of the message, as the catalogue of schemas tells it."""

from dataclasses import dataclass

from workflow_processor.repair.conditions.named import Named, a_name
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class MessageType(Named):
    name = "message_type"
    label = "Message type"
    what = "the message type"
    message_type: str = a_name("Message type", "order")

    @property
    def wanted(self) -> str:
        return self.message_type

    def actual(self, work: Work) -> str:
        return work.message_type
