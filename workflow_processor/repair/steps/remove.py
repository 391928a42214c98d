"""A member out of its object, or a column out of its lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Change, Removed
from workflow_processor.repair.kinds import PATH
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.columns import column, must_be_column
from workflow_processor.repair.steps.places import members, must_name_member
from workflow_processor.repair.steps.step import JSON, LINES, Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.columns import arranged
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path
from workflow_processor.repair.texts.readings import AsLines, Reading


@dataclass(frozen=True)
class Remove(Step):
    name = "remove"
    label = "Remove a member or a column"
    bodies = frozenset({JSON, LINES})
    at: Path = given(PATH, "What", "order.note, lines[*].note; a column by its name")

    def __post_init__(self) -> None:
        must_name_member(self.at)

    def must_fit(self, reading: Reading) -> None:
        if isinstance(reading, AsLines):
            must_be_column(self.at, reading)

    @property
    def touched(self) -> tuple[Path, ...]:
        return (self.at,)

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        return [cls(change.path)] if isinstance(change, Removed) else ()

    def words(self) -> str:
        return f"remove {self.at}"

    def done(self, work: Work) -> Work:
        if isinstance(work.document, Lines):
            gone = column(work.document, self.at)
            order = [at for at in range(len(work.document.names)) if at != gone]
            return work.with_document(arranged(work.document, order))
        document, found = members(work.document, self.at)
        return work.with_document(
            document.spliced(document.gone(one.parent, one.at) for one in found if one.parent)
        )
