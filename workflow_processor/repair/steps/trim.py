"""`" 12 "` becomes `"12"`."""

from dataclasses import dataclass

from workflow_processor.repair.steps.value_step import TextStep


@dataclass(frozen=True)
class Trim(TextStep):
    name = "trim"
    label = "Trim white space at both ends"

    def words(self) -> str:
        return f"trim the white space at both ends of {self.at}"

    def rewritten(self, characters: str) -> str:
        return characters.strip()
