"""Another name for a member, or for a column with a heading, where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Change, Moved
from workflow_processor.repair.kinds import NAME, PATH
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.columns import column, must_be_column, must_have_headings
from workflow_processor.repair.steps.places import members, must_name_member
from workflow_processor.repair.steps.step import JSON, LINES, Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.columns import renamed
from workflow_processor.repair.texts.document import Splice
from workflow_processor.repair.texts.json_values import quoted
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path
from workflow_processor.repair.texts.readings import AsLines, Reading


@dataclass(frozen=True)
class Rename(Step):
    name = "rename"
    label = "Rename a member or a column"
    bodies = frozenset({JSON, LINES})
    at: Path = given(PATH, "What", "order.acct, lines[*].quantity; a column by its heading")
    to: str = given(NAME, "New name", "account")

    def __post_init__(self) -> None:
        must_name_member(self.at)
        if self.at.name == self.to:
            raise ValueError(f"{self.to} is its name already")

    def must_fit(self, reading: Reading) -> None:
        if isinstance(reading, AsLines):
            must_have_headings(reading)
            must_be_column(self.at, reading)

    @property
    def touched(self) -> tuple[Path, ...]:
        return self.at, Path((*self.at.parent.parts, self.to))

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        if not isinstance(change, Moved) or change.path.parent != change.to.parent:
            return ()
        return [cls(change.path, str(change.to.name))]

    def words(self) -> str:
        return f"rename {self.at} to {self.to}"

    def done(self, work: Work) -> Work:
        if isinstance(work.document, Lines):
            return work.with_document(self._with_heading(work.document))
        document, found = members(work.document, self.at)
        keys = [one.parent.keys for one in found if one.parent]
        if any(key.name == self.to for siblings in keys for key in siblings):
            raise Cannot(f"there is a {self.to} already")
        renamed = [siblings[one.at] for siblings, one in zip(keys, found, strict=True)]
        return work.with_document(
            document.spliced(Splice(key.start, key.end, quoted(self.to)) for key in renamed)
        )

    def _with_heading(self, lines: Lines) -> Lines:
        at = column(lines, self.at)
        if lines.called(self.to) is not None:
            raise Cannot(f"there is a {self.to} already")
        return renamed(lines, at, self.to)
