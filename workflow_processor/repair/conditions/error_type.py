"""The type of the error."""

from dataclasses import dataclass

from workflow_processor.repair.conditions.named import Named, a_name
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class ErrorType(Named):
    name = "error_type"
    label = "Error type"
    what = "the error type"
    error_type: str = a_name("Error type", "ValueError")

    @property
    def wanted(self) -> str:
        return self.error_type

    def actual(self, work: Work) -> str:
        return work.failed.failure.error_type
