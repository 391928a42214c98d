"""A rule as data: when it applies, how it reads a body, what it does, and what must hold after.

    {"format": 1,
     "when": {"queue": "trades", "error_type": "ValueError"},
     "body": {"as": "json"},
     "then": [{"do": "take_number", "at": "shares"}],
     "after": {"valid": true}}

`docs/rules.md` describes the format. Nothing in a definition is a program: steps and conditions are named
from closed registries, and expressions and patterns are in languages that reach nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflow_processor.repair import limits, settling
from workflow_processor.repair.conditions.condition import Condition
from workflow_processor.repair.conditions.registry import CONDITIONS
from workflow_processor.repair.parameters import DefinitionError, Problem, read, written
from workflow_processor.repair.steps.registry import STEPS
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.texts import readings
from workflow_processor.repair.texts.readings import AsJson, Reading

FORMAT = 1
_KEYS = ("format", "when", "body", "then", "after")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a rule is for and does."""

    conditions: tuple[Condition, ...]
    steps: tuple[Step, ...]
    reading: Reading = AsJson()  # noqa: RUF009  # frozen
    valid: bool = True
    """Whether its result must be valid against the schema of the message's type, where that has one."""


def parse(raw: str | bytes | Mapping[str, Any]) -> Definition:
    """The definition in this JSON. Raises DefinitionError with every problem that it has."""
    given = _object(raw)
    problems: list[Problem] = [
        Problem(name, "there is no such part of a definition") for name in given if name not in _KEYS
    ]
    if given.get("format", FORMAT) != FORMAT:
        problems.append(Problem("format", f"this office reads format {FORMAT}"))
    conditions = tuple(_conditions(given.get("when", {}), problems))
    reading = _reading(given.get("body"), problems)
    steps = tuple(_steps(given.get("then"), reading, problems))
    valid = _valid(given.get("after", {}), problems)
    definition = Definition(conditions, steps, reading, valid)
    if not problems and (why := settling.unsettled_by_form(steps)):
        problems.append(Problem("then", why))
    if problems:
        raise DefinitionError(tuple(problems))
    return definition


def to_json(definition: Definition) -> dict[str, Any]:
    """The inverse of `parse`: the same for the same definition."""
    when: dict[str, Any] = {}
    for condition in definition.conditions:
        when |= written(condition)
    return {
        "format": FORMAT,
        "when": when,
        "body": readings.to_json(definition.reading),
        "then": [{"do": step.name, **written(step)} for step in definition.steps],
        "after": {"valid": definition.valid},
    }


def _object(raw: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(raw, Mapping):
        return raw
    if len(raw) > limits.DEFINITION:
        raise DefinitionError((Problem("", f"it is longer than {limits.DEFINITION:,} bytes"),))
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DefinitionError((Problem("", "it is not JSON"),)) from error
    if not isinstance(given, dict):
        raise DefinitionError((Problem("", "it must be a JSON object with when and then"),))
    return given


def _conditions(raw: Any, problems: list[Problem]) -> Iterator[Condition]:
    if not isinstance(raw, Mapping) or not raw:
        problems.append(Problem("when", "it needs at least one condition, such as the queue"))
        return
    for name in raw:
        if name not in CONDITIONS:
            problems.append(Problem(f"when.{name}", "there is no such condition"))
    for name, condition in CONDITIONS.items():
        if name in raw:
            yield from _read(condition, {name: raw[name]}, "when", problems)


def _reading(raw: Any, problems: list[Problem]) -> Reading:
    try:
        return readings.parse(raw)
    except ValueError as error:
        problems.append(Problem("body", str(error)))
        return AsJson()


def _steps(raw: Any, reading: Reading, problems: list[Problem]) -> Iterator[Step]:
    if not isinstance(raw, list) or not 0 < len(raw) <= limits.STEPS:
        problems.append(Problem("then", f"it must be a list of 1 to {limits.STEPS} steps"))
        return
    for number, one in enumerate(raw):
        where = f"then[{number}]"
        step = STEPS.get(one["do"]) if isinstance(one, Mapping) and isinstance(one.get("do"), str) else None
        if not step:
            problems.append(Problem(f"{where}.do", f"it must be one of {', '.join(STEPS)}"))
        elif reading.name not in step.bodies:
            problems.append(Problem(f"{where}.do", f"{step.name} is not for {reading.described}"))
        else:
            for read_step in _read(step, {key: one[key] for key in one if key != "do"}, where, problems):
                yield from _fit(read_step, reading, where, problems)


def _fit(step: Step, reading: Reading, where: str, problems: list[Problem]) -> Iterator[Step]:
    try:
        step.must_fit(reading)
        yield step
    except ValueError as error:
        problems.append(Problem(where, str(error)))


def _read(cls: Any, raw: Mapping[str, Any], where: str, problems: list[Problem]) -> Iterator[Any]:
    try:
        yield read(cls, raw, where)
    except DefinitionError as error:
        problems += error.problems


def _valid(raw: Any, problems: list[Problem]) -> bool:
    if isinstance(raw, Mapping) and raw.keys() <= {"valid"} and isinstance(raw.get("valid", True), bool):
        return bool(raw.get("valid", True))
    problems.append(Problem("after", "it must be {valid: true} or {valid: false}"))
    return True
