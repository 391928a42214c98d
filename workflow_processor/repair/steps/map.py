"""`"BYU"` becomes `"BUY"`: a value as a table says. What is not in the table stays."""

from dataclasses import dataclass
from functools import cached_property

from workflow_processor.repair.parameters import TABLE, given
from workflow_processor.repair.steps.value_step import ValueStep
from workflow_processor.repair.steps.written import given_as, value_of
from workflow_processor.repair.texts.document import Value
from workflow_processor.repair.texts.json_scan import BOOLEAN, NUMBER_KIND, STRING


@dataclass(frozen=True)
class Map(ValueStep):
    name = "map"
    label = "By a table"
    table: tuple[tuple[str, str], ...] = given(TABLE, "Table", "What stands there, and what is meant")
    as_: str = given_as()

    def __post_init__(self) -> None:
        for value in self._meant.values():
            if self._meant.get(value.text, value) != value:
                raise ValueError(f"{value.text!r} is what one value becomes, and becomes another itself")

    @cached_property
    def _meant(self) -> dict[str, Value]:
        return {given: value_of(meant, self.as_) for given, meant in self.table}

    def words(self) -> str:
        first, meant = self.table[0]
        more = f" and {len(self.table) - 1} more" if len(self.table) > 1 else ""
        return f"write {meant!r} for {first!r}{more} in {self.at}"

    def mended(self, value: Value) -> Value:
        return self._meant.get(value.text, value) if value.kind in (STRING, NUMBER_KIND, BOOLEAN) else value
