"""A stream's entries in and out of messages.

The field `body` holds the body; all other fields are the properties, in their order. An entry without it,
as other people's producers write, is a message with an empty body whose fields are all headers. For that to
leave as it came, an empty body is written only where the entry would be misread, or have no field, without.
"""

from typing import cast

from consumers.fields import FieldProperties
from consumers.message import Message

BODY = b"body"


def message_of(fields: list[bytes]) -> Message:
    """The message in an entry: name, value, name, value …, a list that becomes the message's."""
    at = 0
    if not fields or fields[0] != BODY:  # where our own producers put it
        names = fields[::2]
        if BODY not in names:
            return Message(b"", FieldProperties.of_parts(fields))
        at = 2 * names.index(BODY)
    body = fields[at + 1]
    del fields[at : at + 2]
    return Message(body, FieldProperties.of_parts(fields))


def fields_of(message: Message) -> list[bytes]:
    """The inverse: name, value, name, value …"""
    fields = cast(FieldProperties, message.properties).parts
    if message.body or not fields or BODY in fields[::2]:
        return [BODY, message.body, *fields]
    return list(fields)
