"""`"31.12.2025"` becomes `"2025-12-31"`: a date from one format to another."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations

from workflow_processor.repair.changes import Changed
from workflow_processor.repair.languages.dates import COMMON, FORMAT, converted, format_of
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.value_step import TextStep


@dataclass(frozen=True)
class ParseDate(TextStep):
    name = "parse_date"
    label = "Write a date in another format"
    from_: str = given(FORMAT, "Current format", "DD.MM.YYYY, D/M/YYYY HH:mm", name="from")
    to: str = given(FORMAT, "New format", "YYYY-MM-DD", "YYYY-MM-DD")

    def __post_init__(self) -> None:
        given, wanted = format_of(self.from_), format_of(self.to)
        if given.shape == wanted.shape:
            raise ValueError(f"a date in {self.from_} could also be one in {self.to}")
        if unknown := wanted.parts - given.parts:
            raise ValueError(f"{self.from_} does not tell {' and '.join(sorted(unknown))}")

    @classmethod
    def guesses_of(cls, change: Changed) -> Iterable[Step]:
        return [cls(change.path, one, other) for one, other in permutations(COMMON, 2) if _fit(one, other)]

    def words(self) -> str:
        return f"write the date in {self.at} as {self.to} in place of {self.from_}"

    def rewritten(self, characters: str) -> str:
        return converted(characters, format_of(self.from_), format_of(self.to))


def _fit(given: str, wanted: str) -> bool:
    return format_of(given).shape != format_of(wanted).shape
