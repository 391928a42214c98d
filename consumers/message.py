"""A message: exact body bytes, and properties in the encoding of its broker. Never changed, only copied."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from consumers.properties import Headers, Properties

DEAD_LETTER = "dlo-id"
ATTEMPT = "dlo-attempt"
REQUEUE = "dlo-requeue-id"
POSSIBLE_DUPLICATE = "dlo-possible-duplicate"
RESERVED = "dlo-"
"""Headers of ours start so. Nobody else may set one."""


@dataclass(frozen=True, slots=True)
class Message:
    """Business content with its headers and identity."""

    body: bytes
    properties: Properties

    @property
    def headers(self) -> Headers:
        return self.properties.headers

    @property
    def message_id(self) -> str | None:
        """The identity its producer gave it, or None. An empty one would make all that have it the same."""
        return self.properties.message_id or None

    @property
    def correlation_id(self) -> str | None:
        return self.properties.correlation_id

    @property
    def content_type(self) -> str | None:
        return self.properties.content_type

    @property
    def identity(self) -> str:
        """The message id or, where the producer gave none, one derived from all of its bytes."""
        return self.message_id or self.derived_id

    @property
    def derived_id(self) -> str:
        """An identity made from all of its bytes, for a message that has none."""
        return f"derived-{sha256(self.properties.raw + self.body).hexdigest()[:32]}"

    def text(self, encoding: str = "utf-8") -> str:
        """The body as text. Raises UnicodeDecodeError where it is not."""
        return self.body.decode(encoding)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is not."""
        return json.loads(self.body)

    def with_headers(self, changes: Headers) -> "Message":
        """A copy with these headers set."""
        return Message(self.body, self.properties.with_headers(changes))

    def with_body(self, body: bytes) -> "Message":
        """A copy with this body."""
        return Message(body, self.properties)
