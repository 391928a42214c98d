"""`"BYU"` becomes `"BUY"`: a value as a table says. What is not in the table stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from workflow_processor.repair.changes import Changed
from workflow_processor.repair.kinds import TABLE
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.value_step import ValueStep
from workflow_processor.repair.steps.written import as_of, given_as, value_of
from workflow_processor.repair.texts.document import Value
from workflow_processor.repair.texts.json_scan import BOOLEAN, NUMBER_KIND, STRING


@dataclass(frozen=True)
class Map(ValueStep):
    name = "map"
    label = "Replace by a table"
    table: tuple[tuple[str, str], ...] = given(TABLE, "Table", "Each value, and what it becomes")
    as_: str = given_as()

    def __post_init__(self) -> None:
        for value in self._meant.values():
            if self._meant.get(value.text, value) != value:
                raise ValueError(f"{value.text!r} is what one value becomes, and becomes another itself")

    @cached_property
    def _meant(self) -> dict[str, Value]:
        return {given: value_of(meant, self.as_) for given, meant in self.table}

    @classmethod
    def guesses_of(cls, change: Changed) -> Iterable[Step]:
        if not change.path.parts:  # a whole body in a table
            return ()
        as_ = as_of(change.after)
        return [cls(change.path, ((change.before.text, change.after.text),), as_)]

    def words(self) -> str:
        first, meant = self.table[0]
        more = f" and {len(self.table) - 1} more" if len(self.table) > 1 else ""
        return f"write {meant!r} for {first!r}{more} in {self.at}"

    def mended(self, value: Value) -> Value:
        return self._meant.get(value.text, value) if value.kind in (STRING, NUMBER_KIND, BOOLEAN) else value
