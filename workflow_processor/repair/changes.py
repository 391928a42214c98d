"""What differs between a message and the same message after an edit, one place at a time."""

from dataclasses import dataclass

from consumers.properties import HeaderValue
from workflow_processor.repair.texts.document import Value
from workflow_processor.repair.texts.paths import Path


@dataclass(frozen=True, slots=True)
class Changed:
    """Another value in a place."""

    path: Path
    before: Value
    after: Value
    typed: bool = True
    """Whether the body tells numbers from texts."""


@dataclass(frozen=True, slots=True)
class Added:
    """A member that was not there."""

    path: Path
    after: Value


@dataclass(frozen=True, slots=True)
class Removed:
    """A member that is not there any more."""

    path: Path


@dataclass(frozen=True, slots=True)
class Moved:
    """A member of the same value in another place."""

    path: Path
    to: Path


@dataclass(frozen=True, slots=True)
class Reordered:
    """A column with a heading in another place among the others."""

    path: Path
    to: int
    """Which one it is now, from 1."""


@dataclass(frozen=True, slots=True)
class HeaderSet:
    name: str
    value: HeaderValue


@dataclass(frozen=True, slots=True)
class HeaderRemoved:
    name: str


@dataclass(frozen=True, slots=True)
class Readdressed:
    to: str


Change = Changed | Added | Removed | Moved | Reordered | HeaderSet | HeaderRemoved | Readdressed
