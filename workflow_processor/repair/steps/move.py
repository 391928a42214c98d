"""A member to another object, or a column to another place, with its values as they are spelled."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Change, Moved, Reordered
from workflow_processor.repair.kinds import PATH
from workflow_processor.repair.outcomes import Cannot, NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.columns import column, must_be_column, must_have_headings
from workflow_processor.repair.steps.places import members, must_be_one, must_name_member
from workflow_processor.repair.steps.step import JSON, LINES, Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.columns import arranged
from workflow_processor.repair.texts.json_scan import OBJECT
from workflow_processor.repair.texts.lines import Lines
from workflow_processor.repair.texts.paths import Path
from workflow_processor.repair.texts.readings import AsLines, Reading


@dataclass(frozen=True)
class Move(Step):
    name = "move"
    label = "Move a member or a column"
    bodies = frozenset({JSON, LINES})
    at: Path = given(PATH, "What", "quantity; a column by its heading")
    to: Path = given(PATH, "Where to", "order.quantity; for a column, its new position: 1 is the first")

    def __post_init__(self) -> None:
        for path in (self.at, self.to):
            must_name_member(path)
            must_be_one(path)
        if self.to.parts[: len(self.at.parts)] == self.at.parts:
            raise ValueError(f"{self.at} cannot be moved into itself")

    def must_fit(self, reading: Reading) -> None:
        if isinstance(reading, AsLines):
            must_have_headings(reading)
            must_be_column(self.at, reading)
            if not re.fullmatch("[1-9][0-9]{0,3}", self.to.text):
                raise ValueError(f"a column is moved to a number, such as 1 for the first, not to {self.to}")

    @property
    def touched(self) -> tuple[Path, ...]:
        return self.at, self.to

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        if isinstance(change, Reordered):
            return [cls(change.path, Path((str(change.to),)))]
        return [cls(change.path, change.to)] if isinstance(change, Moved) else ()

    def words(self) -> str:
        return f"move {self.at} to {self.to}"

    def done(self, work: Work) -> Work:
        if isinstance(work.document, Lines):
            return work.with_document(self._arranged(work.document))
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

    def _arranged(self, lines: Lines) -> Lines:
        at, to, columns = column(lines, self.at), int(self.to.text) - 1, list(range(len(lines.names)))
        if to >= len(columns):
            raise Cannot(f"there are {len(columns)} columns, and so no number {self.to}")
        if at == to:
            raise NothingToDo(f"{self.at} is as it should be")
        columns.insert(to, columns.pop(at))
        return arranged(lines, columns)
