"""The form of a rule as its page draws it: each field with what was typed, and what is wrong with that."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboard.ruling.drafts import Draft
from workflow_processor.repair.conditions.registry import CONDITIONS
from workflow_processor.repair.parameters import Parameter
from workflow_processor.repair.steps.registry import STEPS

SUGGESTED = {"queue": "queues", "handler": "handlers", "error_type": "error-types", "message_type": "types"}
"""Lists of what the office has seen, by the condition that they help to fill in."""


class Field(NamedTuple):
    name: str
    parameter: Parameter
    typed: str | None
    """None for a switch that is off."""
    problem: str
    suggestions: str = ""
    """The id of a list of them."""

    @property
    def id(self) -> str:
        return self.name.replace("[", "-").replace("]", "").replace(".", "-")


class Step(NamedTuple):
    number: int
    do: str
    label: str
    fields: Sequence[Field]
    problem: str
    last: bool


def conditions(draft: Draft) -> list[Field]:
    return [
        _field("when", kind.parameter(), draft.form.when, draft.problems, SUGGESTED.get(name, ""))
        for name, kind in CONDITIONS.items()
    ]


def steps(draft: Draft) -> list[Step]:
    return [_step(number, draft) for number in range(len(draft.form.steps))]


def offered(draft: Draft) -> list[tuple[str, str]]:
    """Steps that can be added where the body is read as it is: name and label."""
    reading = draft.form.body.get("as", "json")
    return [(name, step.label) for name, step in STEPS.items() if reading in step.bodies]


def _step(number: int, draft: Draft) -> Step:
    one, where = draft.form.steps[number], f"then[{number}]"
    known = STEPS.get(one.do)
    parameters = known.parameters() if known else ()
    fields = [_field(where, parameter, one.typed, draft.problems) for parameter in parameters]
    problem = draft.problems.get(where) or draft.problems.get(f"{where}.do", "")
    last = number == len(draft.form.steps) - 1
    return Step(number, one.do, known.label if known else one.do, fields, problem, last)


def _field(
    where: str,
    parameter: Parameter,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    suggestions: str = "",
) -> Field:
    name = f"{where}.{parameter.name}"
    return Field(name, parameter, typed.get(parameter.name), problems.get(name, ""), suggestions)
