"""A stream's entries in and out of messages.

The field `body` holds the body; all other fields are the properties, in their order. An entry without it,
as other people's producers write, is a message with an empty body whose fields are all headers. For that to
leave as it came, an empty body is written only where the entry would be misread, or have no field, without.
"""

from collections.abc import Sequence
from typing import cast

from consumers.fields import FieldProperties
from consumers.message import Message

BODY = b"body"


def message_of(fields: Sequence[bytes]) -> Message:
    """The message in an entry: name, value, name, value …"""
    pairs = list(zip(fields[::2], fields[1::2], strict=True))
    for at, (name, value) in enumerate(pairs):
        if name == BODY:
            del pairs[at]
            return Message(value, FieldProperties.of(pairs))
    return Message(b"", FieldProperties.of(pairs))


def fields_of(message: Message) -> list[bytes]:
    """The inverse: name, value, name, value …"""
    properties = cast(FieldProperties, message.properties)
    fields = [part for pair in properties.pairs() for part in pair]
    if message.body or not fields or BODY in fields[::2]:
        return [BODY, message.body, *fields]
    return fields
