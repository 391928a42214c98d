"""What every step is."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import ClassVar

from workflow_processor.repair.changes import Change
from workflow_processor.repair.parameters import Parameter, parameters
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.paths import Path
from workflow_processor.repair.texts.readings import Reading

JSON, LINES, TEXT = "json", "lines", "text"
EVERY_BODY = frozenset({JSON, LINES, TEXT})


class Step(ABC):
    """One thing to do. A frozen dataclass whose fields are its parameters, made with `given`."""

    name: ClassVar[str]
    """In a definition."""
    label: ClassVar[str]
    """What it is for, for the list to choose from."""
    bodies: ClassVar[frozenset[str]] = EVERY_BODY
    """The readings that it works on."""
    settles: ClassVar[bool] = True
    """Whether doing it twice is certainly doing it once. Where it is not, that is tried each time."""

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        return parameters(cls)

    @classmethod
    def guesses(cls, change: Change) -> Iterable["Step"]:  # noqa: ARG003
        """The steps of this kind that could have made a change that a person made; each is tried."""
        return ()

    def must_fit(self, reading: Reading) -> None:  # noqa: B027  # most fit
        """Raises ValueError where it cannot be meant for bodies that are read so."""

    @abstractmethod
    def words(self) -> str:
        """What it does, as a person would tell it: "take the number out of shares"."""

    @property
    @abstractmethod
    def touched(self) -> Collection[Path]:
        """The places in the body that it may change; none where it is not about the body."""

    @abstractmethod
    def done(self, work: Work) -> Work:
        """The work after it. Raises NothingToDo or Cannot."""
