"""The kinds of parameters: what a definition may hold for one, and what it is read as."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from workflow_processor.repair import limits
from workflow_processor.repair.texts import paths


class Kind(NamedTuple):
    """How a parameter is read from a definition and written to it."""

    name: str
    read: Callable[[Any], Any]
    """Raises ValueError, which says what is wrong."""
    write: Callable[[Any], Any] = str


def text_of(raw: Any, most: int = limits.TEXT) -> str:
    """A text as it is. Raises ValueError."""
    if not isinstance(raw, str):
        raise ValueError(f"it must be text, not {_named(raw)}")
    if len(raw) > most:
        raise ValueError(f"it has {len(raw):,} characters, and at most {most:,} are allowed")
    _fit(raw)
    return raw


def _required(raw: Any) -> str:
    text = text_of(raw)
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _switch(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(f"it must be true or false, not {_named(raw)}")
    return raw


def _table(raw: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(raw, Mapping) or not raw:
        raise ValueError("it must be a table of texts and what each becomes, with at least one line")
    if len(raw) > limits.TABLE:
        raise ValueError(f"it has {len(raw):,} lines, and at most {limits.TABLE} are allowed")
    return tuple((text_of(one), text_of(other)) for one, other in raw.items())


def _fit(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("it contains characters that no encoding can hold") from error
    if "\0" in text:
        raise ValueError("it contains a NUL character")


def _named(raw: Any) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", type(None): "nothing"}
    return names.get(type(raw), "a number")


TEXT = Kind("text", text_of)
NAME = Kind("text", _required)
PATH = Kind("path", lambda raw: paths.parse(_required(raw)))
SWITCH = Kind("switch", _switch, bool)
TABLE = Kind("table", _table, dict)


def choice(*choices: str) -> Kind:
    """One of these texts."""

    def read(raw: Any) -> str:
        if raw not in choices:
            raise ValueError(f"it must be one of {', '.join(choices)}")
        return str(raw)

    return Kind(f"choice:{'|'.join(choices)}", read)
