"""12 becomes `"12"`, in the spelling that it has."""

from dataclasses import dataclass

from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.steps.step import JSON
from workflow_processor.repair.steps.value_step import ValueStep
from workflow_processor.repair.texts.document import Value, text
from workflow_processor.repair.texts.json_scan import BOOLEAN, NUMBER_KIND, STRING


@dataclass(frozen=True)
class ToText(ValueStep):
    name = "to_text"
    label = "Number or boolean to text"
    bodies = frozenset({JSON})

    def words(self) -> str:
        return f"write {self.at} as text"

    def mended(self, value: Value) -> Value:
        if value.kind not in (STRING, NUMBER_KIND, BOOLEAN):
            raise Cannot(f"it is {value.kind}, not a number or a boolean")
        return text(value.text)
