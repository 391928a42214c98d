"""`"1254"` becomes 1254, where nothing is lost."""

from dataclasses import dataclass

from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.steps.step import JSON
from workflow_processor.repair.steps.value_step import ValueStep
from workflow_processor.repair.texts.document import Value
from workflow_processor.repair.texts.json_scan import NUMBER_KIND, STRING
from workflow_processor.repair.texts.numbers import number


@dataclass(frozen=True)
class ToNumber(ValueStep):
    name = "to_number"
    label = "Text to number"
    bodies = frozenset({JSON})

    def words(self) -> str:
        return f"write {self.at} as a number"

    def mended(self, value: Value) -> Value:
        if value.kind == NUMBER_KIND:
            return value
        if value.kind != STRING:
            raise Cannot(f"it is {value.kind}, not text")
        return Value(NUMBER_KIND, number(value.text))
