"""Conditions on a name, with * for any characters."""

from abc import abstractmethod
from typing import Any, ClassVar

from workflow_processor.repair.conditions.condition import Condition
from workflow_processor.repair.kinds import NAME
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.work import Work


class Named(Condition):
    """A name is this one, or is written like it."""

    what: ClassVar[str]
    """"the queue"."""

    @property
    @abstractmethod
    def wanted(self) -> str:
        """The name, with * for any characters."""

    @abstractmethod
    def actual(self, work: Work) -> str:
        """The name that the message has."""

    def words(self) -> str:
        return f"{self.what} is {self._like}"

    def why_not(self, work: Work) -> str:
        actual = self.actual(work)
        if matches(self.wanted, actual):
            return ""
        return f"{self.what} is {actual or 'not known'}, not {self._like}"

    @property
    def _like(self) -> str:
        return f"like {self.wanted}" if "*" in self.wanted else self.wanted


def a_name(label: str, example: str) -> Any:
    return given(NAME, label, f"{example}; * stands for any characters")


def matches(wanted: str, actual: str) -> bool:
    """Whether the name is the wanted one. However many * there are, it is quick about it."""
    first, *others = wanted.split("*")
    if not others:
        return actual == wanted
    if not actual.startswith(first):
        return False
    at, last = len(first), others.pop()
    for part in others:
        found = actual.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(actual) - at >= len(last) and actual.endswith(last)
