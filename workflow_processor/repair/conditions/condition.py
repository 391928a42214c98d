"""What every condition is."""

from abc import ABC, abstractmethod
from typing import ClassVar

from workflow_processor.repair.parameters import Parameter, parameters
from workflow_processor.repair.steps.work import Work


class Condition(ABC):
    """One thing that must hold. A frozen dataclass of one field, made with `given`, that has the condition's
    name."""

    name: ClassVar[str]
    """In a definition."""
    label: ClassVar[str]

    @classmethod
    def parameter(cls) -> Parameter:
        return parameters(cls)[0]

    @abstractmethod
    def words(self) -> str:
        """As a person would tell it: "the queue is trades"."""

    @abstractmethod
    def why_not(self, work: Work) -> str:
        """Why it does not hold: "the queue is orders, not trades"; "" where it holds."""
