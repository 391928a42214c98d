"""Anything that can be told from body, headers and failure, in CEL."""

from dataclasses import dataclass

from workflow_processor.repair.conditions.condition import Condition
from workflow_processor.repair.languages.expressions import EXPRESSION, compiled
from workflow_processor.repair.languages.subject import variables
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class Expression(Condition):
    name = "condition"
    label = "Condition"
    condition: str = given(EXPRESSION, "Condition", "In CEL: body.shares != '' && headers.desk == 'retail'")

    def __post_init__(self) -> None:
        expression = compiled(self.condition)
        if expression.type not in ("BOOL", "DYN"):
            raise ValueError(f"a condition must be true or false, and this is {expression.type.lower()}")
        if "it" in expression.reads:
            raise ValueError("a condition is about no place, so there is no `it`")

    def words(self) -> str:
        return f"{self.condition} holds"

    def why_not(self, work: Work) -> str:
        try:
            value = compiled(self.condition).value(variables(work))
        except Cannot as obstacle:
            return f"{self.condition} is not known to hold: {obstacle}"
        return "" if value is True else f"{self.condition} does not hold"
