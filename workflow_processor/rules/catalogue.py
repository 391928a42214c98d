"""The catalogue of message types as rules see it: which type a message is of, and what its schema says."""

from collections.abc import Sequence
from dataclasses import dataclass

from consumers.errors import OfficeError
from consumers.repair import FailedMessage
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.schemas.validation import Schema
from workflow_processor.repair.texts.paths import Path
from workflow_processor.repair.texts.readings import AsJson


@dataclass(frozen=True, slots=True)
class KnownType:
    """A message type, ready to be told."""

    name: str
    queue: str
    header: str = ""
    field: Path | None = None
    value: str = ""
    schema: Schema | None = None

    def fits(self, failed: FailedMessage) -> bool:
        if self.header:
            return _header(failed, self.header) == self.value
        return self.field is None or _field(failed, self.field) == self.value

    @property
    def told_by(self) -> int:
        """The order in which types of a queue are tried: those that anything fits come last."""
        return 0 if self.header else 1 if self.field else 2


class Catalogue:
    """A `repair.surroundings.Schemas`, read beforehand."""

    def __init__(self, types: Sequence[KnownType]) -> None:
        self._types = {one.name: one for one in types}
        self._queues: dict[str, list[KnownType]] = {}
        for one in sorted(types, key=lambda one: one.told_by):
            self._queues.setdefault(one.queue, []).append(one)
        self._latest: tuple[FailedMessage | None, str] = None, ""

    def type_of(self, failed: FailedMessage) -> str:
        """Each of many rules asks for the same message in turn: the latest answer is kept."""
        if self._latest[0] is not failed:
            fitting = (one.name for one in self._queues.get(failed.queue, ()) if one.fits(failed))
            self._latest = failed, next(fitting, "")
        return self._latest[1]

    def problems(self, type: str, body: bytes) -> Sequence[str]:
        known = self._types.get(type)
        return known.schema.problems(body) if known and known.schema else ()


def _header(failed: FailedMessage, name: str) -> str | None:
    try:
        value = failed.message.headers.get(name)
    except OfficeError:  # properties that cannot be read tell no type
        return None
    return None if value is None else str(value)


def _field(failed: FailedMessage, field: Path) -> str | None:
    try:
        places = AsJson().document(failed.message.body).places(field)
    except Cannot:
        return None
    return places[0].value.text if len(places) == 1 else None
