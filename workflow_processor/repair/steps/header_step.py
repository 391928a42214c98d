"""What steps about headers share."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from consumers.errors import OfficeError
from consumers.fields import STANDARD
from consumers.message import RESERVED
from consumers.properties import Headers
from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.paths import Path


@dataclass(frozen=True)
class HeaderStep(Step):
    """A step that leaves the body alone."""

    @property
    def touched(self) -> Collection[Path]:
        return ()


def must_be_free(name: str) -> None:
    """Raises ValueError where nobody but the office, or nobody at all, may set a header of this name."""
    if name.lower().startswith(RESERVED):
        raise ValueError(f"headers that begin with {RESERVED} are the office's own")
    if name.lower() in STANDARD:
        raise ValueError(f"{name} is part of the message's identity, and no header")
    if not name.isprintable():
        raise ValueError("a header's name has no control characters in it")


def headers(work: Work) -> Headers:
    """Raises Cannot where they cannot be read."""
    try:
        return work.properties.headers
    except OfficeError as error:
        raise Cannot(f"its headers cannot be read: {error}") from error


def with_headers(work: Work, changes: Headers, drop: Collection[str] = ()) -> Work:
    """The work with other headers. Raises Cannot."""
    try:
        properties = work.properties.with_headers(changes, drop)
    except (OfficeError, ValueError) as error:
        raise Cannot(f"the broker's format cannot hold these headers: {error}") from error
    room = properties.room or len(properties.raw)
    if len(properties.raw) > room or limits.grown(len(work.properties.raw), len(properties.raw)):
        raise Cannot(f"the headers would grow to {len(properties.raw):,} bytes")
    return replace(work, properties=properties)
