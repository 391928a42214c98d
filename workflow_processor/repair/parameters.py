"""What a step or a condition is told, declared to make forms and check definitions by.

A parameter is a field of a frozen dataclass, made with `given`. In a definition every one is a text, a
switch, a choice or a table of texts; nothing there depends on how a JSON reader holds numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple

from workflow_processor.repair import limits
from workflow_processor.repair.texts import paths


class Problem(NamedTuple):
    """What is wrong with one field of a definition."""

    field: str
    """`then[0].at`, `when.error_matches`; "" for the whole."""
    text: str


class DefinitionError(ValueError):
    """This is no definition of a rule. Holds every problem found; as text it is a sentence of them."""

    def __init__(self, problems: "tuple[Problem, ...]") -> None:
        super().__init__("; ".join(f"{where}: {said}" if where else said for where, said in problems))
        self.problems = problems


class Kind(NamedTuple):
    """How a parameter is read from a definition and written to it."""

    name: str
    read: Callable[[Any], Any]
    """Raises ValueError, which says what is wrong."""
    write: Callable[[Any], Any] = str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, as forms show it and definitions hold it."""

    name: str
    label: str
    help: str
    kind: str
    required: bool
    default: Any
    """As a definition would hold it; None where there is none."""
    choices: tuple[str, ...]


def text_of(raw: Any, most: int = limits.TEXT) -> str:
    """A text as it is. Raises ValueError."""
    if not isinstance(raw, str):
        raise ValueError(f"it is a text, not {_named(raw)}")
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
        raise ValueError(f"it is true or false, not {_named(raw)}")
    return raw


def _table(raw: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(raw, Mapping) or not raw:
        raise ValueError("it is a table of texts and what each becomes, with one line at least")
    if len(raw) > limits.TABLE:
        raise ValueError(f"it has {len(raw):,} lines, and at most {limits.TABLE} are allowed")
    return tuple((text_of(one), text_of(other)) for one, other in raw.items())


def _fit(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("it has characters that no encoding can hold") from error
    if "\0" in text:
        raise ValueError("it has a NUL character in it")


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
            raise ValueError(f"it is one of {', '.join(choices)}")
        return str(raw)

    return Kind(f"choice:{'|'.join(choices)}", read)


def given(kind: Kind, label: str, help: str = "", default: Any = MISSING, name: str = "") -> Any:
    """A field that a definition gives; required where it has no default."""
    return field(default=default, metadata={"kind": kind, "label": label, "help": help, "name": name})


def parameters(cls: Any) -> tuple[Parameter, ...]:
    """The parameters of a step or a condition, in their order."""
    return tuple(_parameter(one) for one in fields(cls) if "kind" in one.metadata)


def read(cls: Any, raw: Mapping[str, Any], where: str) -> Any:
    """A step or a condition of this class. Raises DefinitionError with every problem."""
    values, problems = {}, []
    known = {_name(one): one for one in fields(cls) if "kind" in one.metadata}
    for name in raw.keys() - known.keys():
        problems.append(Problem(f"{where}.{name}", "there is no such parameter"))
    for name, one in known.items():
        if name in raw:
            try:
                values[one.name] = one.metadata["kind"].read(raw[name])
            except ValueError as error:
                problems.append(Problem(f"{where}.{name}", str(error)))
        elif one.default is MISSING:
            problems.append(Problem(f"{where}.{name}", "it is missing"))
    if problems:
        raise DefinitionError(tuple(problems))
    try:
        return cls(**values)
    except ValueError as error:
        raise DefinitionError((Problem(where, str(error)),)) from error


def written(one: Any) -> dict[str, Any]:
    """The inverse of `read`; what is as its default says is left out."""
    values = {part: getattr(one, part.name) for part in fields(one) if "kind" in part.metadata}
    return {
        _name(part): part.metadata["kind"].write(value)
        for part, value in values.items()
        if value != part.default
    }


def _name(one: Any) -> str:
    return str(one.metadata["name"] or one.name)


def _parameter(one: Any) -> Parameter:
    kind, _, choices = one.metadata["kind"].name.partition(":")
    default = None if one.default is MISSING else one.metadata["kind"].write(one.default)
    return Parameter(
        name=_name(one),
        label=one.metadata["label"],
        help=one.metadata["help"],
        kind=kind,
        required=one.default is MISSING,
        default=default,
        choices=tuple(choices.split("|")) if choices else (),
    )
