"""A member to another object, with its value as it is spelled."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Change, Moved
from workflow_processor.repair.kinds import PATH
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.places import members, must_be_one, must_name_member
from workflow_processor.repair.steps.step import JSON, Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.json_scan import OBJECT
from workflow_processor.repair.texts.paths import Path


@dataclass(frozen=True)
class Move(Step):
    name = "move"
    label = "Move a member"
    bodies = frozenset({JSON})
    at: Path = given(PATH, "What", "quantity")
    to: Path = given(PATH, "Where to", "order.quantity")

    def __post_init__(self) -> None:
        for path in (self.at, self.to):
            must_name_member(path)
            must_be_one(path)
        if self.to.parts[: len(self.at.parts)] == self.at.parts:
            raise ValueError(f"{self.at} cannot be moved into itself")

    @property
    def touched(self) -> tuple[Path, ...]:
        return self.at, self.to

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        return [cls(change.path, change.to)] if isinstance(change, Moved) else ()

    def words(self) -> str:
        return f"move {self.at} to {self.to}"

    def done(self, work: Work) -> Work:
        document, [one] = members(work.document, self.at)
        if document.found(self.to):
            raise Cannot(f"there is a {self.to} already")
        value = document.text[one.node.start : one.node.end]
        without = document.spliced([document.gone(one.parent, one.at)] if one.parent else [])
        parents = [found.node for found in without.found(self.to.parent) if found.node.kind == OBJECT]
        if not parents:
            raise Cannot(f"there is no place for {self.to}")
        name = str(self.to.name)
        return work.with_document(without.spliced([without.member(parents[0], name, value)]))
