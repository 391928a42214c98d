"""As what a rule reads a body: JSON, delimited lines or plain text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workflow_processor.repair.texts.document import Document, decoded
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.lines import QUOTE, Lines
from workflow_processor.repair.texts.plain import Plain

COLUMNS = 200
"""The most columns that a rule names."""


@dataclass(frozen=True, slots=True)
class AsJson:
    name: ClassVar[str] = "json"
    described: ClassVar[str] = "JSON"

    def document(self, body: bytes) -> Document:
        """Raises Cannot where the body is no text."""
        return JsonText(decoded(body))


@dataclass(frozen=True, slots=True)
class AsText:
    name: ClassVar[str] = "text"
    described: ClassVar[str] = "plain text"

    def document(self, body: bytes) -> Document:
        """Raises Cannot where the body is no text."""
        return Plain(decoded(body))


@dataclass(frozen=True, slots=True)
class AsLines:
    name: ClassVar[str] = "lines"
    separator: str = ","
    header: bool = False
    """Whether the first line holds the columns' names."""
    columns: tuple[str, ...] = ()
    """Their names where no line does."""

    @property
    def described(self) -> str:
        """In words."""
        names = f" with the columns {', '.join(self.columns)}" if self.columns else ""
        return f"delimited lines (by {self.separator!r}){' with headings' if self.header else names}"

    def document(self, body: bytes) -> Lines:
        """Raises Cannot where the body is no text."""
        return Lines(decoded(body), self.separator, self.columns, header=self.header)


Reading = AsJson | AsText | AsLines


def parse(raw: Any) -> Reading:
    """The reading that a definition's `body` asks for. Raises ValueError, which says what is wrong."""
    match raw:
        case None:
            return AsJson()
        case {"as": "json", **rest} if not rest:
            return AsJson()
        case {"as": "text", **rest} if not rest:
            return AsText()
        case {"as": "lines", **rest} if rest.keys() <= {"separator", "header", "columns"}:
            return _lines(rest)
        case _:
            raise ValueError(
                "it must be {as: json}, {as: text}, or {as: lines} with separator, and header or columns"
            )


def to_json(reading: Reading) -> dict[str, Any]:
    """The inverse of `parse`."""
    if not isinstance(reading, AsLines):
        return {"as": reading.name}
    how: dict[str, Any] = {"as": "lines", "separator": reading.separator}
    if reading.header:
        return how | {"header": True}
    return how | ({"columns": list(reading.columns)} if reading.columns else {})


def _lines(raw: Mapping[Any, Any]) -> AsLines:
    separator, header, columns = raw.get("separator", ","), raw.get("header", False), raw.get("columns", [])
    if not isinstance(separator, str) or len(separator) != 1 or separator in f"{QUOTE}\r\n":
        raise ValueError("the separator must be one character, and neither a quote nor a line end")
    if not isinstance(header, bool):
        raise ValueError("header must be true or false")
    if not isinstance(columns, list) or not all(isinstance(name, str) and name for name in columns):
        raise ValueError("columns must be a list of names")
    if len(set(columns)) < len(columns) or len(columns) > COLUMNS:
        raise ValueError(f"columns are at most {COLUMNS}, and each has a name of its own")
    if header and columns:
        raise ValueError("the names of the columns stand in the first line, or are given here, but not both")
    return AsLines(separator, header, tuple(columns))
