"""A JSON Patch (RFC 6902), for what no other step does."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workflow_processor.repair.kinds import Kind, text_of
from workflow_processor.repair.outcomes import Cannot, NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.step import JSON, Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts import json_patch
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.paths import Path


def _read(raw: Any) -> str:
    text = text_of(raw)
    json_patch.parse(text)
    return text


@dataclass(frozen=True)
class Patch(Step):
    name = "patch"
    label = "JSON Patch"
    bodies = frozenset({JSON})
    settles = False
    patch: str = given(Kind("patch", _read), "Patch", '[{"op": "remove", "path": "/note"}]')

    @cached_property
    def operations(self) -> tuple[json_patch.Operation, ...]:
        return json_patch.parse(self.patch)

    @property
    def touched(self) -> Collection[Path]:
        return (Path(()),)

    def words(self) -> str:
        return f"apply a JSON Patch of {len(self.operations)} operations"

    def done(self, work: Work) -> Work:
        before = work.document
        if not isinstance(before, JsonText):
            raise Cannot("a JSON Patch is for JSON")
        document = before
        for operation in self.operations:
            document = operation.done(document)
            work.with_document(document)  # a patch that copies what it copied grows before it is through
        if document.text == before.text:
            raise NothingToDo("the patch changes nothing")
        return work.with_document(document)
