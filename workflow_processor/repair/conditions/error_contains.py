"""A text within the text of the error."""

from dataclasses import dataclass

from workflow_processor.repair.conditions.condition import Condition
from workflow_processor.repair.kinds import NAME
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class ErrorContains(Condition):
    name = "error_contains"
    label = "Text of the error contains"
    error_contains: str = given(NAME, "Text of the error contains", "invalid literal")

    def words(self) -> str:
        return f"the error's text has {self.error_contains!r} in it"

    def why_not(self, work: Work) -> str:
        found = self.error_contains in work.failed.failure.text
        return "" if found else f"the error's text does not have {self.error_contains!r} in it"
