"""`"buy"` becomes `"BUY"`."""

from dataclasses import dataclass

from workflow_processor.repair.steps.value_step import TextStep


@dataclass(frozen=True)
class Upper(TextStep):
    name = "upper"
    label = "Upper case"

    def words(self) -> str:
        return f"write {self.at} in upper case"

    def rewritten(self, characters: str) -> str:
        return characters.upper()
