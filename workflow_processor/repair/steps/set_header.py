"""A header with this value."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from consumers.properties import HeaderValue
from workflow_processor.repair.changes import Change, HeaderSet
from workflow_processor.repair.kinds import NAME, TEXT, choice
from workflow_processor.repair.outcomes import NothingToDo
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.header_step import HeaderStep, headers, must_be_free, with_headers
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.work import Work
from workflow_processor.repair.texts.json_scan import NUMBER
from workflow_processor.repair.texts.numbers import shown

DIGITS = 30


@dataclass(frozen=True)
class SetHeader(HeaderStep):
    name = "set_header"
    label = "Set a header"
    header: str = given(NAME, "Header", "region", name="name")
    value: str = given(TEXT, "Value", "EU")
    as_: str = given(
        choice("text", "number", "boolean"),
        "Sent as",
        "Where the broker distinguishes them",
        "text",
        name="as",
    )

    def __post_init__(self) -> None:
        must_be_free(self.header)
        self._meant  # noqa: B018  # raises where the text cannot be sent so

    @classmethod
    def guesses(cls, change: Change) -> Iterable[Step]:
        match change:
            case HeaderSet(name, str(value)):
                return [cls(name, value)]
            case HeaderSet(name, bool(value)):
                return [cls(name, "true" if value else "false", "boolean")]
            case HeaderSet(name, int(value) | float(value)):
                return [cls(name, str(value), "number")]
        return ()

    def words(self) -> str:
        return f"set the header {self.header} to {self.value!r}"

    def done(self, work: Work) -> Work:
        there = headers(work).get(self.header)
        if there == self._meant and type(there) is type(self._meant):
            raise NothingToDo(f"the header {self.header} is as it should be")
        changed = with_headers(work, {self.header: self._meant})
        if changed.properties == work.properties:
            raise NothingToDo(f"the header {self.header} is as it should be")
        return changed

    @property
    def _meant(self) -> HeaderValue:
        if self.as_ == "boolean" and self.value not in ("true", "false"):
            raise ValueError(f"{self.value!r} is neither true nor false")
        if self.as_ == "boolean":
            return self.value == "true"
        return self.value if self.as_ == "text" else _number(self.value)


def _number(text: str) -> int | float:
    if len(text) > DIGITS or not re.fullmatch(NUMBER, text):
        raise ValueError(f"{shown(text)} is no number")
    number = int(text) if text.removeprefix("-").isdigit() else float(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{text} is larger than headers can hold")
    return number
