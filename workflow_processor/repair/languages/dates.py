"""Dates by a format that people write, such as DD.MM.YYYY or YYYY-MM-DDTHH:mm:ssZZ.

    YYYY MM DD     year, month and day, in four and two digits; D and M in one or two
    HH mm ss SSS   hour of 24, minute, second, milliseconds
    ZZ             the zone: Z, or +02:00
Everything else stands for itself. Years in two digits are not read: nobody can know the century.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from workflow_processor.repair.kinds import Kind, text_of
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.numbers import shown

_TOKENS = {
    "YYYY": r"[0-9]{4}",
    "MM": r"[0-9]{2}",
    "DD": r"[0-9]{2}",
    "HH": r"[0-9]{2}",
    "mm": r"[0-9]{2}",
    "ss": r"[0-9]{2}",
    "SSS": r"[0-9]{3}",
    "ZZ": r"Z|[+-][0-9]{2}:[0-9]{2}",
    "D": r"[0-9]{1,2}",
    "M": r"[0-9]{1,2}",
}
_token = re.compile("|".join(_TOKENS))
_letters = re.compile(r"YY|[DMHmsS]{1,3}")
COMMON = ("YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "YYYY/MM/DD", "YYYYMMDD")
"""Formats that an edit is looked at for."""
Parts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """A format, taken apart."""

    text: str
    pieces: tuple[str, ...]
    """Tokens, and the texts between them."""

    @property
    def tokens(self) -> list[str]:
        return [piece for piece in self.pieces if piece in _TOKENS]

    @property
    def parts(self) -> set[str]:
        """What it tells, whatever the number of digits."""
        return {_part(token) for token in self.tokens}

    @property
    def shape(self) -> tuple[str, ...]:
        """The same for formats between which a text does not tell."""
        return tuple("".join(map(_shaped, self.pieces)))

    def read(self, text: str) -> Parts | None:
        """The date in the text, by parts; None where it is none in this format."""
        patterns = (f"({_TOKENS[piece]})" if piece in _TOKENS else re.escape(piece) for piece in self.pieces)
        found = re.fullmatch("".join(patterns), text)
        if not found:
            return None
        parts = {_part(token): said for token, said in zip(self.tokens, found.groups(), strict=True)}
        return parts if _exists(parts) else None

    def written(self, parts: Parts) -> str:
        said = {"D": str(int(parts["D"])), "M": str(int(parts["M"]))}
        said |= {"DD": parts["D"].zfill(2), "MM": parts["M"].zfill(2)}
        return "".join(said.get(piece) or parts.get(piece, piece) for piece in self.pieces)


@lru_cache(maxsize=1000)
def format_of(text: str) -> Format:
    """The format. Raises ValueError where it names no whole date."""
    pieces = tuple(piece for piece in re.split(f"({_token.pattern})", text) if piece)
    made = Format(text, pieces)
    if len(made.parts) < len(made.tokens):
        raise ValueError(f"{text} names a part of the date twice")
    if not {"YYYY", "M", "D"} <= made.parts:
        raise ValueError(f"{text} does not name a day, a month and a year in four digits (DD, MM, YYYY)")
    if any(_letters.search(piece) for piece in pieces if piece not in _TOKENS):
        raise ValueError(f"{text} has letters in it that stand for nothing")
    if any({one, two} & {"D", "M"} and {one, two} <= _TOKENS.keys() for one, two in pairwise(pieces)):
        raise ValueError(f"in {text} a sign is wanted beside D or M, whose digits may be one or two")
    return made


def converted(text: str, given: Format, wanted: Format) -> str:
    """The date in the text, written in the wanted format; itself where it is so. Raises Cannot."""
    if wanted.read(text):
        return text
    parts = given.read(text)
    if not parts:
        raise Cannot(f"{shown(text)} is no date in the format {given.text}")
    return wanted.written(parts)


def _part(token: str) -> str:
    return token[0] if token in ("DD", "MM") else token


def _shaped(piece: str) -> str:
    return "d" * max(len(piece), 2) if piece in _TOKENS and piece != "ZZ" else piece


def _exists(parts: Parts) -> bool:
    try:
        datetime(*(int(parts.get(part, 0)) for part in ("YYYY", "M", "D", "HH", "mm", "ss")))  # type: ignore[arg-type]
    except ValueError:
        return False
    return True


def _read(raw: object) -> str:
    return format_of(text_of(raw, most=60)).text


FORMAT = Kind("text", _read)
