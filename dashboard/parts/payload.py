"""Bytes as people can read them: in parts that fold, in columns, as text, as hex; the first part of many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.parts import signs
from dashboard.parts.columns import Columns, columns
from dashboard.parts.folding import Part, parts

TEXT_LIMIT = 64 * 1024
HEX_LIMIT = 4 * 1024
READABLE = 0.9
"""From this share of UTF-8 on, bytes still read better as text than as hex."""


class HexLine(NamedTuple):
    offset: str
    bytes: str
    text: str


@dataclass(frozen=True, slots=True)
class Payload:
    size: int
    text: str
    text_left: int
    """Bytes beyond the part shown."""
    hex: list[HexLine]
    hex_left: int
    as_text: bool
    """Whether text is the better first look."""
    notes: list[str]
    """What the reader must know: bytes that are not UTF-8, characters shown as signs."""
    folded: Sequence[Part] = ()
    """Of JSON and XML."""
    columns: Columns | None = None
    """Of comma-separated text and its like."""

    @property
    def looks(self) -> list[tuple[str, str]]:
        """The ways to look at it, the best one first: a name and a word for each."""
        plain = [("text", "Text"), ("hex", "Hex")]
        told = [("folded", "Parts")] if self.folded else [("columns", "Columns")] if self.columns else []
        return [*told, *(plain if self.as_text else plain[::-1])]

    @property
    def exact(self) -> bool:
        """Whether the text shown is the body, character for character."""
        return self.as_text and not self.text_left and not self.notes


def payload(body: bytes) -> Payload:
    text, notes = _decode(body)
    shown = signs.shown(text)
    if shown != text:
        notes.append("Control characters are shown as signs; the download has them as they are.")
    return Payload(
        size=len(body),
        text=shown,
        text_left=max(0, len(body) - TEXT_LIMIT),
        hex=hex_lines(body[:HEX_LIMIT]),
        hex_left=max(0, len(body) - HEX_LIMIT),
        as_text=_readable(body[:TEXT_LIMIT]),
        notes=notes,
        folded=parts(body),
        columns=columns(body),
    )


def _decode(body: bytes) -> tuple[str, list[str]]:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        byte = body[error.start]
        note = f"Not UTF-8: byte {byte:#04x} at {error.start:,}. Such bytes are shown as \\x{byte:02x}."
        return body[:TEXT_LIMIT].decode(errors="backslashreplace"), [note]
    # The cut may go through a character; what is left of it is not the sender's fault.
    return body[:TEXT_LIMIT].decode(errors="ignore"), []


def _readable(part: bytes) -> bool:
    return b"\0" not in part and len(part.decode(errors="ignore").encode()) >= READABLE * len(part)


def hex_lines(body: bytes) -> list[HexLine]:
    rows = ((start, body[start : start + 16]) for start in range(0, len(body), 16))
    return [
        HexLine(f"{start:08x}", f"{row[:8].hex(' ')}  {row[8:].hex(' ')}".ljust(48), _ascii(row))
        for start, row in rows
    ]


def _ascii(row: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
