"""`"8756 SHARES"` becomes 8756: the one number in a text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from workflow_processor.repair.changes import Changed
from workflow_processor.repair.kinds import TEXT, choice
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.value_step import ValueStep
from workflow_processor.repair.texts.document import Value, text
from workflow_processor.repair.texts.json_scan import NUMBER_KIND, STRING
from workflow_processor.repair.texts.numbers import number, shown

_word = re.compile(r"\S+")
_number = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True)
class TakeNumber(ValueStep):
    """A number is a word of its own. Two of them, or one with anything else in its word, are not decided
    between: 1,254 is one number in London and another in Berlin."""

    name = "take_number"
    label = "Take the number out of a text"
    as_: str = given(choice("number", "text"), "Written as", "In JSON", "number", name="as")
    beside: str = given(TEXT, "Only where this text is beside it", "SHARES; leave empty for any text", "")

    @classmethod
    def guesses_of(cls, change: Changed) -> Iterable[Step]:
        as_ = "text" if change.typed and change.after.kind == STRING else "number"
        return [cls(change.path, as_)]

    def words(self) -> str:
        beside = f" where {self.beside!r} stands beside it" if self.beside else ""
        return f"take the number out of {self.at}{beside}" + (", as text" if self.as_ == "text" else "")

    def mended(self, value: Value) -> Value:
        if value.kind != STRING:
            return value
        found = self._found(value.text)
        return text(found) if self.as_ == "text" else Value(NUMBER_KIND, number(found))

    def _found(self, said: str) -> str:
        words = _word.findall(said)
        numbers: list[str] = [word for word in words if _number.fullmatch(word)]
        others = [word for word in words if not _number.fullmatch(word)]
        if len(numbers) != 1 or any(sign.isdigit() for word in others for sign in word):
            raise Cannot(f"{shown(said)} does not hold one number and words")
        if self.beside and " ".join(others) != self.beside:
            raise Cannot(f"{shown(said)} has something else than {self.beside} beside its number")
        return numbers[0]
