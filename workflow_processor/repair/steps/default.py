"""A value where there is none."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Added, Change
from workflow_processor.repair.kinds import SWITCH
from workflow_processor.repair.outcomes import NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.set import Set, added
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.steps.written import in_words
from workflow_processor.repair.texts.document import Place
from workflow_processor.repair.texts.json_scan import NULL, STRING


@dataclass(frozen=True)
class Default(Set):
    name = "default"
    label = "Set a value where there is none"
    empty: bool = given(
        SWITCH,
        "Also where it is null or an empty text",
        "A column of a line is never missing, only empty",
        default=False,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.empty and not self.value and self.as_ == "text":
            raise ValueError("an empty text cannot be what an empty text is replaced by")

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        return super().guesses(change) if isinstance(change, Added) else ()

    def words(self) -> str:
        missing = "missing or empty" if self.empty else "missing"
        return f"set {self.at} to {in_words(self.meant)} where it is {missing}"

    def done(self, work: Work) -> Work:
        before = work.document
        places = before.places(self.at)
        document = before.put((place, self.meant) for place in places if self._empty(place))
        document = added(document, self.at, self.meant)
        if document is before:
            raise NothingToDo(f"{self.at} is there already")
        return work.with_document(document)

    def _empty(self, place: Place) -> bool:
        kind, said = place.value
        return self.empty and (kind == NULL or (kind == STRING and not said.strip()))
