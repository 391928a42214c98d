"""What a kind of operation is called, and what its confirmation asks besides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from dashboard.editing.changes import Preview
from workflow_processor.models import DeadLetter
from workflow_processor.operations.kinds.kind import Kind


def _nothing(fields: Mapping[str, str]) -> dict[str, Any]:
    del fields
    return {}


@dataclass(frozen=True, slots=True)
class Form:
    """One kind, for people."""

    kind: Kind
    verb: str
    """As on a button: Requeue."""
    participle: str
    """As in "12 can be": sent back."""
    icon: str
    effect: str
    """What it does to each, in a sentence."""
    danger: bool = False
    choices: str = ""
    """The template of its own fields."""
    read: Callable[[Mapping[str, str]], dict[str, Any]] = _nothing
    """These fields as the operation's parameters. Raises ValueError with a sentence."""
    preview: Callable[[Mapping[str, Any], QuerySet[DeadLetter]], Preview] | None = None
    """What it would make of them, where that has to be seen before it is confirmed."""

    elsewhere: bool = False
    """Ordered from a page of its own, which knows its parameters."""

    @property
    def previews(self) -> bool:
        return self.preview is not None
