"""What a rule is told of the office around it. It is read beforehand: a rule reads nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from consumers.repair import FailedMessage


class Schemas(Protocol):
    """The catalogue of message types."""

    def type_of(self, failed: FailedMessage) -> str:
        """The name of the message's type; "" where none is known."""

    def problems(self, type: str, body: bytes) -> Sequence[str]:
        """Why this is no body of the type; nothing where it is one, or where the type has no schema."""


class NoSchemas:
    """A catalogue with nothing in it."""

    def type_of(self, failed: FailedMessage) -> str:  # noqa: ARG002
        return ""

    def problems(self, type: str, body: bytes) -> Sequence[str]:  # noqa: ARG002
        return ()


NONE = NoSchemas()


@dataclass(frozen=True, slots=True)
class Surroundings:
    addresses: frozenset[str] = frozenset()
    """The return addresses there are."""
    schemas: Schemas = NONE
