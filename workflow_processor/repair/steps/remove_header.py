"""A header, taken out."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Change, HeaderRemoved
from workflow_processor.repair.kinds import NAME
from workflow_processor.repair.outcomes import NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.header_step import HeaderStep, headers, must_be_free, with_headers
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class RemoveHeader(HeaderStep):
    name = "remove_header"
    label = "Remove a header"
    header: str = given(NAME, "Header", "region", name="name")

    def __post_init__(self) -> None:
        must_be_free(self.header)

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        return [cls(change.name)] if isinstance(change, HeaderRemoved) else ()

    def words(self) -> str:
        return f"remove the header {self.header}"

    def done(self, work: Work) -> Work:
        if self.header not in headers(work):
            raise NothingToDo(f"there is no header {self.header}")
        return with_headers(work, {}, (self.header,))
