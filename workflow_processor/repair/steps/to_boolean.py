"""`"yes"` becomes true, where the step is told that yes means true."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Changed
from workflow_processor.repair.kinds import NAME
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.step import JSON, Step
from workflow_processor.repair.steps.value_step import ValueStep
from workflow_processor.repair.texts.document import Value
from workflow_processor.repair.texts.json_scan import BOOLEAN, NUMBER_KIND, STRING
from workflow_processor.repair.texts.numbers import shown


@dataclass(frozen=True)
class ToBoolean(ValueStep):
    name = "to_boolean"
    label = "Text or number to boolean"
    bodies = frozenset({JSON})
    true: str = given(NAME, "Text that means true", "true, yes, 1", "true")
    false: str = given(NAME, "Text that means false", "false, no, 0", "false")

    def __post_init__(self) -> None:
        if self.true == self.false:
            raise ValueError(f"{self.true!r} cannot mean both true and false")

    @classmethod
    def guesses_of(cls, change: Changed) -> Iterable[Step]:
        if change.after.text == "true":
            return [cls(change.path, true=change.before.text)]
        return [cls(change.path, false=change.before.text)]

    def words(self) -> str:
        return f"write {self.at} as true for {self.true!r} and false for {self.false!r}"

    def mended(self, value: Value) -> Value:
        if value.kind == BOOLEAN:
            return value
        if value.kind in (STRING, NUMBER_KIND) and value.text in (self.true, self.false):
            return Value(BOOLEAN, "true" if value.text == self.true else "false")
        raise Cannot(f"{shown(value.text)} is neither {self.true!r} nor {self.false!r}")
