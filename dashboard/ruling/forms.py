"""The form of a rule: what a person typed, and the definition that it makes.

Its fields have the names by which a definition's problems call them: `when.queue`, `body.as`, `then[0].at`,
`after.valid`. What was typed is kept as it is, whether a rule can be made of it or not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from dashboard.ruling import names, tables
from workflow_processor.repair.conditions.registry import CONDITIONS
from workflow_processor.repair.parameters import Parameter
from workflow_processor.repair.steps.registry import STEPS

FORMAT = 1
ON = "on"
Typed = Mapping[str, str]
"""By the name of a parameter. A switch is there, or is not."""


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step as it was typed."""

    do: str
    typed: Typed

    @classmethod
    def new(cls, do: str) -> Self:
        """One that nobody has filled in; with what its parameters are by default."""
        defaults = {one.name: one.default for one in _parameters(do) if one.default is not None}
        return cls.of({"do": do, **defaults})

    @classmethod
    def of(cls, step: Mapping[str, Any]) -> Self:
        """The inverse of `step`."""
        typed = {one.name: _typed(one, step.get(one.name, one.default)) for one in _parameters(step["do"])}
        return cls(step["do"], {name: text for name, text in typed.items() if text is not None})

    def step(self) -> dict[str, Any]:
        """As a definition has it. Raises FieldError where what was typed cannot be read."""
        found = {one.name: _value(one, self.typed) for one in _parameters(self.do)}
        return {"do": self.do} | {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A rule as it was typed, but for its name and what else is told of it."""

    when: Typed
    body: Typed
    """`as`, and for lines `separator`, `header` and `columns`."""
    steps: Sequence[StepForm]
    valid: bool

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> Self:
        """The inverse of `definition`."""
        body = definition.get("body", {"as": "json"})
        typed = {"as": body["as"], "separator": body.get("separator", ",")}
        typed |= {"header": ON} if body.get("header") else {"columns": names.written(body.get("columns", ()))}
        steps = [StepForm.of(step) for step in definition.get("then", ())]
        return cls(definition.get("when", {}), typed, steps, definition.get("after", {}).get("valid", True))

    @classmethod
    def sent(cls, fields: Typed) -> Self:
        """What came back with the form."""
        steps = [StepForm(do, _below(f"then[{number}].", fields)) for number, do in _kinds(fields)]
        return cls(_below("when.", fields), _below("body.", fields), steps, "after.valid" in fields)

    def definition(self) -> tuple[dict[str, Any], dict[str, str]]:
        """What is to be parsed, and what cannot even be that, by the field."""
        steps, problems = [], {}
        for number, one in enumerate(self.steps):
            try:
                steps.append(one.step())
            except FieldError as error:
                problems[f"then[{number}].{error.name}"] = str(error)
        body: dict[str, Any] = {}
        try:
            body = self._body()
        except ValueError as error:
            problems["body"] = str(error)
        when = {name: self.when[name] for name in CONDITIONS if self.when.get(name)}
        parts = {"when": when, "body": body, "then": steps, "after": {"valid": self.valid}}
        return {"format": FORMAT, **parts}, problems

    def changed(self, act: str, step: str = "") -> Self:
        """The form after an act on its steps: `add` one of the kind `step`; `remove 2`, `up 2`, `down 2`."""
        verb, _, place = act.partition(" ")
        number, steps = int(place or -1), list(self.steps)
        match verb:
            case "add" if step in STEPS:
                steps.append(StepForm.new(step))
            case "remove":
                del steps[number : number + 1]
            case "up" if 0 < number < len(steps):
                steps.insert(number - 1, steps.pop(number))
            case "down" if 0 <= number < len(steps):
                steps.insert(number + 1, steps.pop(number))
        return replace(self, steps=steps)

    def _body(self) -> dict[str, Any]:
        """A reading as a definition has it. Raises ValueError."""
        kind = self.body.get("as", "json")
        if kind != "lines":
            return {"as": kind}
        lines: dict[str, Any] = {"as": kind, "separator": self.body.get("separator") or ","}
        if columns := names.read(self.body.get("columns", "")):
            lines["columns"] = columns
        if "header" in self.body:
            lines["header"] = True
        return lines


class FieldError(ValueError):
    """A field cannot be read; says why."""

    def __init__(self, name: str, said: str) -> None:
        super().__init__(said)
        self.name = name


def _parameters(do: str) -> Sequence[Parameter]:
    return STEPS[do].parameters() if do in STEPS else ()


def _typed(parameter: Parameter, value: Any) -> str | None:
    """What a field shows of a value; None for a switch that is off, or where there is none."""
    match parameter.kind:
        case "switch":
            return ON if value else None
        case "table":
            return tables.written(value or {})
        case _:
            return value if value is None else str(value)


def _value(parameter: Parameter, typed: Typed) -> Any:
    """The inverse; None where nothing was typed and a rule does without."""
    text = typed.get(parameter.name, "").replace("\r\n", "\n")
    match parameter.kind:
        case "switch":
            return parameter.name in typed
        case "table":
            try:
                return tables.read(text)
            except ValueError as error:
                raise FieldError(parameter.name, str(error)) from error
        case _:
            return text if text or parameter.required else None


def _kinds(fields: Typed) -> Iterator[tuple[int, str]]:
    number = 0
    while do := fields.get(f"then[{number}].do"):
        yield number, do
        number += 1


def _below(start: str, fields: Typed) -> dict[str, str]:
    return {name.removeprefix(start): text for name, text in fields.items() if name.startswith(start)}
