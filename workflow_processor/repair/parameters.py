"""What a step or a condition is told, declared to make forms and check definitions by.

A parameter is a field of a frozen dataclass, made with `given`. In a definition every one is a text, a
switch, a choice or a table of texts; nothing there depends on how a JSON reader holds numbers.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple

from workflow_processor.repair.kinds import Kind


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
