"""The automatic coercions of a message type, as the rule that they amount to."""

from collections.abc import Collection

from consumers.message import Message
from consumers.repair import FailedMessage
from workflow_processor.repair.schemas.coercions import coerced
from workflow_processor.repair.schemas.validation import Schema
from workflow_processor.repair.surroundings import Schemas

NAMED = "coercions of "
"""What their names begin with, and those of no others."""


class Coercions:
    """Spells values as the schema of the message wants them, where nothing is lost."""

    def __init__(
        self, type: str, change: int, schema: Schema, switches: Collection[str], types: Schemas
    ) -> None:
        self.name, self.version = f"{NAMED}{type}", change
        self._type, self._schema, self._switches, self._types = type, schema, switches, types

    def matches(self, failed: FailedMessage) -> bool:
        return self._types.type_of(failed) == self._type

    def repair(self, failed: FailedMessage) -> Message | None:
        made = coerced(failed.message.body, self._schema, self._switches)
        if made is None or self._schema.problems(made.body):
            return None
        return failed.message.with_body(made.body)
