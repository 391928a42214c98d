"""A pattern that is found in the text of the error."""

from dataclasses import dataclass

from workflow_processor.repair.conditions.condition import Condition
from workflow_processor.repair.languages.patterns import PATTERN, fit
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class ErrorMatches(Condition):
    name = "error_matches"
    label = "Error text matches"
    error_matches: str = given(PATTERN, "Error text matches", "A pattern in RE2 syntax")

    def words(self) -> str:
        return f"the error text matches {self.error_matches}"

    def why_not(self, work: Work) -> str:
        text = work.failed.failure.text
        try:
            found = fit(self.error_matches, text).search(text)
        except Cannot as obstacle:
            return str(obstacle)
        return "" if found else f"the error text does not match {self.error_matches}"
