"""The messages of a crash test: what each is to go through is written in its first line, and the rest of its
body is bytes that no encoding can read."""

import os
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Self

BROKEN, MENDED = b" broken\n", b" mended\n"
SEAL = "x-seal"
"""A business header that has to come through as well."""


class Kind(StrEnum):
    """What becomes of a message, in the end and whatever dies on the way."""

    FINE = "fine"
    RULE = "rule"
    """A repair rule mends it."""
    PASSING = "passing"
    """The world is to blame at first; it needs no mending."""
    SHAKY = "shaky"
    """It is processed where it comes for the first time, and fails where it is delivered once more."""
    CLERK = "clerk"
    """A person mends it."""
    REFUSED = "refused"
    """A person discards it."""
    LEFT = "left"
    """Nobody mends it: it stays parked."""


FAILING = tuple(kind for kind in Kind if kind is not Kind.FINE)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its producer made it."""

    id: str
    key: str
    sequence: int
    """Its place among the messages of its key, counted from 0."""
    kind: Kind
    body: bytes

    @classmethod
    def new(cls, id: str, key: str, sequence: int, kind: Kind) -> Self:
        fault = MENDED if kind in (Kind.FINE, Kind.PASSING, Kind.SHAKY) else BROKEN
        line = f"{id} {key} {sequence} {kind}".encode() + fault
        return cls(id, key, sequence, kind, line + os.urandom(64) + bytes(range(256)))

    @classmethod
    def read(cls, body: bytes) -> Self:
        """The letter of which this is the body."""
        id, key, sequence, kind, _ = body.partition(b"\n")[0].decode().split()
        return cls(id, key, int(sequence), Kind(kind), body)

    @property
    def broken(self) -> bool:
        return self.body.partition(b"\n")[0].endswith(BROKEN.rstrip())

    @property
    def seal(self) -> str:
        """The value of its business header."""
        return digest(self.body)[:16]


def mended(body: bytes) -> bytes:
    """The body without its fault, and otherwise as it was."""
    return body.replace(BROKEN, MENDED, 1)


def digest(body: bytes) -> str:
    return sha256(body).hexdigest()
