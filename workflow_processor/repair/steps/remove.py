"""A member out of its object."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Change, Removed
from workflow_processor.repair.kinds import PATH
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.places import members, must_name_member
from workflow_processor.repair.steps.step import JSON, Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.paths import Path


@dataclass(frozen=True)
class Remove(Step):
    name = "remove"
    label = "Remove a member"
    bodies = frozenset({JSON})
    at: Path = given(PATH, "What", "order.note, lines[*].note")

    def __post_init__(self) -> None:
        must_name_member(self.at)

    @property
    def touched(self) -> tuple[Path, ...]:
        return (self.at,)

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        return [cls(change.path)] if isinstance(change, Removed) else ()

    def words(self) -> str:
        return f"remove {self.at}"

    def done(self, work: Work) -> Work:
        document, found = members(work.document, self.at)
        return work.with_document(
            document.spliced(document.gone(one.parent, one.at) for one in found if one.parent)
        )
