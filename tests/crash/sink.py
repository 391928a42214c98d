"""The sink: a line for every effect, each time it happens. Nothing in it is unique.

It is a file: what the handler has done is done at once and for certain. (An effect in a database can be
committed while the answer is lost; then the handler fails although it has had its effect, and a message that
is processed again says nothing of that. This is what the inbox is for.)
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consumers.message import ATTEMPT, POSSIBLE_DUPLICATE, REQUEUE, Message
from tests.crash import lines
from tests.crash.letters import SEAL, Letter, digest
from tests.crash.lines import Lines


@dataclass(frozen=True, slots=True)
class Effect:
    """One message, processed once. In the order of the sink."""

    id: str
    requeue: str
    """The requeue id, or "" for a message that came from its producer."""
    attempt: int
    key: str
    sequence: int
    digest: str
    seal: str
    marked: bool
    """It said that it might be a duplicate: dlo-possible-duplicate."""
    redelivered: bool
    """The broker said that it might have delivered it before."""


class Sink:
    def __init__(self, path: Path) -> None:
        self._lines = Lines(path, flushed=False)  # a SIGKILL takes nothing from the system's own buffers

    def take(self, message: Message, *, redelivered: bool) -> None:
        """The effect of a message."""
        self._lines.write(effect(message, redelivered=redelivered))


def effect(message: Message, *, redelivered: bool) -> dict[str, Any]:
    """What is written down of a message."""
    letter, headers = Letter.read(message.body), message.headers
    return {
        "id": str(message.message_id),
        "requeue": str(headers.get(REQUEUE, "")),
        "attempt": int(str(headers.get(ATTEMPT, 0))),
        "key": letter.key,
        "sequence": letter.sequence,
        "digest": digest(message.body),
        "seal": str(headers.get(SEAL)),
        "marked": POSSIBLE_DUPLICATE in headers,
        "redelivered": redelivered,
        "process": os.getpid(),
    }


def read(path: Path) -> list[Effect]:
    """Every effect, in order."""
    return [restored(record) for record in lines.read(path)]


def restored(record: dict[str, Any]) -> Effect:
    """The effect that `effect` wrote down."""
    return Effect(**{name: record[name] for name in Effect.__slots__})
