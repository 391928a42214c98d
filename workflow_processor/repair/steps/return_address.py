"""Another queue to send the message back to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workflow_processor.repair.changes import Change, Readdressed
from workflow_processor.repair.kinds import NAME
from workflow_processor.repair.outcomes import Cannot, NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.header_step import HeaderStep
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work


@dataclass(frozen=True)
class ReturnAddress(HeaderStep):
    name = "return_address"
    label = "Change the return address"
    to: str = given(NAME, "Return address", "The return address of a source the office knows")

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        return [cls(change.to)] if isinstance(change, Readdressed) else ()

    def words(self) -> str:
        return f"send it back to {self.to}"

    def done(self, work: Work) -> Work:
        if work.return_address == self.to:
            raise NothingToDo(f"it goes back to {self.to} anyway")
        if self.to not in work.surroundings.addresses:
            raise Cannot(f"{self.to} is not the return address of any source the office knows")
        return replace(work, return_address=self.to)
