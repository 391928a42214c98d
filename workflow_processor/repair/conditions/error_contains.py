"""A text within the text of the error."""

from dataclasses import dataclass

from workflow_processor.repair.conditions.condition import Condition
from workflow_processor.repair.kinds import NAME
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class ErrorContains(Condition):
    name = "error_contains"
    label = "Error text contains"
    error_contains: str = given(NAME, "Error text contains", "invalid literal")

    def words(self) -> str:
        return f"the error text contains {self.error_contains!r}"

    def why_not(self, work: Work) -> str:
        found = self.error_contains in work.failed.failure.text
        return "" if found else f"the error text does not contain {self.error_contains!r}"
