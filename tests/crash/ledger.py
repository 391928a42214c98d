"""The producer's ledger: what it is about to publish, on disk before, and what was confirmed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

from consumers.broker import Broker, Confirmation, Outgoing
from consumers.errors import BrokerUnavailable
from tests.crash import lines
from tests.crash.letters import SEAL, Kind, Letter, digest, mended
from tests.crash.lines import Lines

ENDS = {Kind.LEFT: "parked", Kind.REFUSED: "discarded"}
"""Where a message of the kind ends that is not processed."""


@dataclass(frozen=True, slots=True)
class Entered:
    """One message in the ledger."""

    id: str
    key: str
    sequence: int
    kind: Kind
    seal: str
    digest: str
    """SHA-256 of the body as it was published."""
    mended: str
    """SHA-256 of the body as it is to be processed."""
    confirmed: bool


class Ledger:
    """Publishes to one queue and keeps the book."""

    def __init__(self, path: Path, queue: str) -> None:
        self._lines = Lines(path, flushed=True)
        self._queue = queue

    def publish(self, broker: Broker, letters: Sequence[Letter]) -> int:
        """Publishes them in order. What may have arrived, with no confirmation, is not published again: it is
        in the book as that, and what is not confirmed may be lost. Gives how many were confirmed."""
        self._lines.write(*(_record(letter) for letter in letters))
        confirmed = _confirmed(broker, [_outgoing(broker, self._queue, letter) for letter in letters])
        self._lines.write(*({"confirmed": letters[at].id} for at in confirmed))
        return len(confirmed)

    def entries(self) -> list[Entered]:
        return read(self._lines.path)

    def close(self) -> None:
        self._lines.close()


def read(path: Path) -> list[Entered]:
    """The ledger at this path, in the order of publishing."""
    records = lines.read(path)
    confirmed = {record["confirmed"] for record in records if "confirmed" in record}
    return [_entered(record, confirmed) for record in records if "id" in record]


def letters(prefix: str, kinds: Iterable[Kind], keys: int, first: int = 0) -> list[Letter]:
    """One letter of each kind that is named, over so many keys. `first` of the prefix came before."""
    made = []
    for number, kind in enumerate(kinds, first):
        key, sequence = number % keys, number // keys
        made.append(Letter.new(f"{prefix}-{number:06}", f"{prefix}-key-{key}", sequence, kind))
    return made


def expected(entries: Iterable[Entered], *, ordered: bool) -> Counter[str]:
    """How many of them end processed, parked, held and discarded."""
    closed: set[str] = set()
    states: Counter[str] = Counter()
    for entry in entries:
        if entry.key in closed:
            states["held"] += 1
            continue
        states[ENDS.get(entry.kind, "processed")] += 1
        if ordered and entry.kind is Kind.LEFT:
            closed.add(entry.key)
    return states


def _confirmed(broker: Broker, outgoing: list[Outgoing]) -> list[int]:
    """The positions of those that the broker confirmed. Waits for a broker that is away or takes nothing."""
    confirmed: list[int] = []
    left = list(range(len(outgoing)))
    while left:
        try:
            answers = broker.publish([outgoing[at] for at in left])
        except BrokerUnavailable:  # nothing was sent
            sleep(0.05)
            continue
        told = list(zip(left, answers, strict=True))
        confirmed += [at for at, answer in told if answer is Confirmation.CONFIRMED]
        left = [at for at, answer in told if answer in (Confirmation.UNROUTABLE, Confirmation.REFUSED)]
        sleep(0.05 if left else 0)
    return confirmed


def _outgoing(broker: Broker, queue: str, letter: Letter) -> Outgoing:
    return Outgoing(queue, broker.message(letter.body, {SEAL: letter.seal}, message_id=letter.id))


def _record(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "key": letter.key,
        "sequence": letter.sequence,
        "kind": letter.kind,
        "seal": letter.seal,
        "digest": digest(letter.body),
        "mended": digest(mended(letter.body)),
    }


def _entered(record: dict[str, Any], confirmed: set[str]) -> Entered:
    return Entered(
        id=record["id"],
        key=record["key"],
        sequence=record["sequence"],
        kind=Kind(record["kind"]),
        seal=record["seal"],
        digest=record["digest"],
        mended=record["mended"],
        confirmed=record["id"] in confirmed,
    )
