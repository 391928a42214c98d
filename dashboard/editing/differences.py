"""Two messages as texts, so that what differs between them can be shown."""

from typing import NamedTuple

from consumers.message import Message
from dashboard.editing import headers
from dashboard.editing.drafts import headers_of
from dashboard.parts.payload import hex_lines

LIMIT = 256 * 1024
"""Bytes of each body that are compared."""


class Sides(NamedTuple):
    """One aspect of two messages."""

    title: str
    before: str
    after: str
    note: str = ""


def differences(before: Message, after: Message, address_before: str, address_after: str) -> list[Sides]:
    """The aspects in which they differ; none where they are the same, byte for byte."""
    found = []
    if before.body != after.body:
        note = f"Only the first {LIMIT // 1024} KiB of each are compared." if _long(before, after) else ""
        found.append(Sides("Body", *_texts(before.body[:LIMIT], after.body[:LIMIT]), note))
    if before.properties != after.properties:
        found.append(Sides("Headers", _listed(before), _listed(after)))
    if address_before != address_after:
        found.append(Sides("Return address", address_before, address_after))
    return found


def _long(before: Message, after: Message) -> bool:
    return max(len(before.body), len(after.body)) > LIMIT


def _texts(before: bytes, after: bytes) -> tuple[str, str]:
    """Both as text where both are; otherwise both as hexadecimal lines, which show every byte."""
    try:
        return before.decode(), after.decode()
    except UnicodeDecodeError:
        return _hex(before), _hex(after)


def _hex(body: bytes) -> str:
    return "".join(f"{line.offset}  {line.bytes}  {line.text}\n" for line in hex_lines(body))


def _listed(message: Message) -> str:
    return "".join(f"{row.name}: {row.value} ({row.kind})\n" for row in headers.rows(headers_of(message)))
