"""What every body offers to a rule, whatever it is written in."""

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

from workflow_processor.repair import limits
from workflow_processor.repair.outcomes import Cannot, OtherBody
from workflow_processor.repair.texts.json_scan import STRING
from workflow_processor.repair.texts.paths import Path

BOM = "\ufeff"
_surrogate = re.compile("[\ud800-\udfff]")


class Value(NamedTuple):
    """A value, as what it says and not as Python's idea of it."""

    kind: str
    """`text`, `number`, `boolean`, `null`, `array` or `object`."""
    text: str
    """A text's characters; of all other kinds the JSON, as it is spelled."""


class Place(NamedTuple):
    """Where a value stands in a document: from `start` up to `end`, in characters."""

    where: str
    """In words."""
    start: int
    end: int
    value: Value


class Splice(NamedTuple):
    """The characters from `start` up to `end`, replaced."""

    start: int
    end: int
    new: str


def text(characters: str) -> Value:
    return Value(STRING, characters)


class Document(ABC):
    """A body as text. Immutable: a change makes another."""

    def __init__(self, text: str) -> None:
        self.text = text

    @abstractmethod
    def places(self, path: Path) -> Sequence[Place]:
        """Where the path leads; nowhere is an answer too. Raises Cannot where that is not certain."""

    @abstractmethod
    def spelled(self, place: Place, value: Value) -> str:
        """The characters that say this value in this place. Raises Cannot where none do."""

    @abstractmethod
    def plain(self) -> Any:
        """The body as plain values, for expressions to read. Raises Cannot."""

    @abstractmethod
    def remade(self, text: str) -> Self:
        """The same kind of document with another text."""

    @property
    def begin(self) -> int:
        """Where the content begins: behind the byte order mark, if there is one."""
        return int(self.text.startswith(BOM))

    def put(self, changes: Iterable[tuple[Place, Value]]) -> Self:
        """The document with these values in these places. One that is there already keeps its spelling."""
        return self.spliced(
            Splice(place.start, place.end, self.spelled(place, value))
            for place, value in changes
            if value != place.value
        )

    def spliced(self, splices: Iterable[Splice]) -> Self:
        """The document with these characters replaced, and no others; itself where nothing differs. The
        places do not overlap."""
        parts, at = [], 0
        for start, end, new in sorted(splices):
            parts += [self.text[at:start], new]
            at = end
        made = "".join([*parts, self.text[at:]])
        return self if made == self.text else self.remade(made)


def twice(names: Iterable[str]) -> str:
    """One of the names that stand there twice; "" where none does."""
    return next((name for name, times in Counter(names).items() if times > 1), "")


def encodable(text: str) -> bool:
    """Whether UTF-8 can hold it; what was escaped in JSON may be half of a character."""
    return not _surrogate.search(text)


def decoded(body: bytes) -> str:
    """The body as text, which encodes to the same bytes again. Raises Cannot where it is none."""
    if len(body) > limits.BODY:
        raise Cannot(f"the body has {len(body):,} bytes, and rules read at most {limits.BODY:,}")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise OtherBody(f"the body is not UTF-8 (byte {error.start:,})") from error
