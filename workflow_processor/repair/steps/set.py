"""A value, whatever stood there; a member that was not there is added to its object."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from workflow_processor.repair.changes import Added, Change, Changed
from workflow_processor.repair.kinds import PATH, TEXT
from workflow_processor.repair.outcomes import Cannot, NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.steps.written import as_of, given_as, in_words, value_of
from workflow_processor.repair.texts.document import Document, Splice, Value
from workflow_processor.repair.texts.json_scan import OBJECT
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.json_values import spelled
from workflow_processor.repair.texts.paths import Path


@dataclass(frozen=True)
class Set(Step):
    name = "set"
    label = "Set a value"
    at: Path = given(PATH, "Where", "shares, order.lines[*].qty; a column by its name or number")
    value: str = given(TEXT, "Value")
    as_: str = given_as()

    def __post_init__(self) -> None:
        value_of(self.value, self.as_)

    @cached_property
    def meant(self) -> Value:
        return value_of(self.value, self.as_)

    @property
    def touched(self) -> tuple[Path, ...]:
        return (self.at,)

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        if not isinstance(change, Changed | Added) or not change.path.parts:
            return ()
        return [cls(change.path, change.after.text, as_of(change.after))]

    def words(self) -> str:
        return f"set {self.at} to {in_words(self.meant)}"

    def done(self, work: Work) -> Work:
        before = work.document
        document = before.put((place, self.meant) for place in before.places(self.at))
        document = added(document, self.at, self.meant)
        if document is before:
            raise NothingToDo(f"{self.at} is as it should be")
        return work.with_document(document)


def added(document: Document, path: Path, value: Value) -> Document:
    """The document with this member in each of the objects that it belongs to and that have none. Raises
    Cannot where there is no such object, and no such place."""
    splices = list(_members(document, path, value))
    if not splices and not document.places(path):
        raise Cannot(f"there is no place for {path}")
    return document.spliced(splices)


def _members(document: Document, path: Path, value: Value) -> Iterator[Splice]:
    if isinstance(document, JsonText) and isinstance(name := path.name, str):
        for parent in (found.node for found in document.found(path.parent)):
            if parent.kind == OBJECT and name not in [key.name for key in parent.keys]:
                yield document.member(parent, name, spelled(value))
