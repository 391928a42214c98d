"""A text without places of its own: `$` is all of it."""

from collections.abc import Sequence
from typing import Any, Self

from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import Document, Place, Value, text
from workflow_processor.repair.texts.paths import Path


class Plain(Document):
    """Any text."""

    def places(self, path: Path) -> Sequence[Place]:
        if path.parts:
            raise Cannot(f"{path} is no place in plain text; $ is all of it")
        return [Place("the body", self.begin, len(self.text), text(self.text[self.begin :]))]

    def spelled(self, place: Place, value: Value) -> str:  # noqa: ARG002
        return value.text

    def plain(self) -> Any:
        return self.text[self.begin :]

    def remade(self, text: str) -> Self:
        return type(self)(text)
