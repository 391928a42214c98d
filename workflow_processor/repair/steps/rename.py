"""Another name for a member, where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Change, Moved
from workflow_processor.repair.kinds import NAME, PATH
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.places import members, must_name_member
from workflow_processor.repair.steps.step import JSON, Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.document import Splice
from workflow_processor.repair.texts.json_values import quoted
from workflow_processor.repair.texts.paths import Path


@dataclass(frozen=True)
class Rename(Step):
    name = "rename"
    label = "Rename a member"
    bodies = frozenset({JSON})
    at: Path = given(PATH, "What", "order.acct, lines[*].quantity")
    to: str = given(NAME, "New name", "account")

    def __post_init__(self) -> None:
        must_name_member(self.at)
        if self.at.name == self.to:
            raise ValueError(f"{self.to} is its name already")

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
        document, found = members(work.document, self.at)
        keys = [one.parent.keys for one in found if one.parent]
        if any(key.name == self.to for siblings in keys for key in siblings):
            raise Cannot(f"there is a {self.to} already")
        renamed = [siblings[one.at] for siblings, one in zip(keys, found, strict=True)]
        return work.with_document(
            document.spliced(Splice(key.start, key.end, quoted(self.to)) for key in renamed)
        )
