"""`"BUY"` becomes `"buy"`."""

from dataclasses import dataclass

from workflow_processor.repair.steps.value_step import TextStep


@dataclass(frozen=True)
class Lower(TextStep):
    name = "lower"
    label = "Lower case"

    def words(self) -> str:
        return f"write {self.at} in lower case"

    def rewritten(self, characters: str) -> str:
        return characters.lower()
