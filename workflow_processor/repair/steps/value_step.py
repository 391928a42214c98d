"""Steps that change values where they stand."""

from abc import abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from workflow_processor.repair.changes import Change, Changed
from workflow_processor.repair.kinds import PATH
from workflow_processor.repair.outcomes import Cannot, NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.document import Place, Value, text
from workflow_processor.repair.texts.json_scan import STRING
from workflow_processor.repair.texts.paths import Path

AT: Any = given(PATH, "Where", "shares, order.lines[0].qty, lines[*].qty; a column by its name or number")


@dataclass(frozen=True)
class ValueStep(Step):
    """Changes each value that its path leads to, or none: where one of them cannot be, nothing is done."""

    at: Path = AT

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        return cls.guesses_of(change) if isinstance(change, Changed) else ()

    @classmethod
    def guesses_of(cls, change: Changed) -> Iterable[Step]:
        """The same for a value that was changed."""
        return (cls(change.path),)

    @abstractmethod
    def mended(self, value: Value) -> Value:
        """What the value becomes: itself where it is as it should be. Raises Cannot."""

    @property
    def touched(self) -> Collection[Path]:
        return (self.at,)

    def done(self, work: Work) -> Work:
        places = work.document.places(self.at)
        if not places:
            raise NothingToDo(f"there is no {self.at}")
        document = work.document.put((place, self._mended(place)) for place in places)
        if document is work.document:
            raise NothingToDo(f"{self.at} is as it should be")
        return work.with_document(document)

    def _mended(self, place: Place) -> Value:
        try:
            return self.mended(place.value)
        except Cannot as obstacle:
            raise Cannot(f"{place.where}: {obstacle}") from obstacle


@dataclass(frozen=True)
class TextStep(ValueStep):
    """Changes texts; numbers and the like are as they should be."""

    @abstractmethod
    def rewritten(self, characters: str) -> str:
        """What the text becomes. Raises Cannot."""

    def mended(self, value: Value) -> Value:
        return text(self.rewritten(value.text)) if value.kind == STRING else value
