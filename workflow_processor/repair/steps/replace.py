"""`"8756 SHARES"` becomes `"8756"`: a text in a text, or what a pattern finds, replaced by another."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from workflow_processor.repair import limits
from workflow_processor.repair.changes import Changed
from workflow_processor.repair.kinds import SWITCH, TEXT
from workflow_processor.repair.languages.patterns import PATTERN, compiled, fit
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.parameters import given
from workflow_processor.repair.steps.step import Step
from workflow_processor.repair.steps.value_step import TextStep


@dataclass(frozen=True)
class Replace(TextStep):
    name = "replace"
    label = "Replace text"
    settles = False
    find: str = given(TEXT, "Find", "A text, or a pattern in RE2 syntax")
    by: str = given(TEXT, "Replace with", r"With a pattern, \1 is what its first group found", "")
    pattern: bool = given(SWITCH, "Find is a pattern", "", default=False)

    def __post_init__(self) -> None:
        if not self.find:
            raise ValueError("there is nothing to find")
        if self.pattern:
            PATTERN.read(self.find)
            _expanded(compiled(self.find).search(""), self.by, compiled(self.find).groups)
        elif self.find in self.by:
            raise ValueError(f"{self.by!r} has {self.find!r} in it, which would be replaced each time anew")

    @classmethod
    def guesses_of(cls, change: Changed) -> Iterable[Step]:
        before, after = change.before.text, change.after.text
        start = _shared(before, after)
        end = _shared(before[start:][::-1], after[start:][::-1])
        find, by = before[start : len(before) - end], after[start : len(after) - end]
        return [cls(change.path, find, by)] if find and find not in by else []

    def words(self) -> str:
        what = f"what the pattern {self.find} finds" if self.pattern else repr(self.find)
        return f"replace {what} in {self.at} by {self.by!r}" if self.by else f"take {what} out of {self.at}"

    def rewritten(self, characters: str) -> str:
        if not self.pattern:
            if characters.count(self.find) * len(self.by) > limits.BODY:
                raise Cannot("it would grow too long")
            return characters.replace(self.find, self.by)
        parts, at, size = [], 0, 0
        pattern = fit(self.find, characters)
        for found in pattern.finditer(characters):
            parts += [characters[at : found.start()], _expanded(found, self.by, pattern.groups)]
            at, size = found.end(), size + len(parts[-1])
            if size > limits.BODY:
                raise Cannot("it would grow too long")
        return "".join([*parts, characters[at:]])


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _expanded(found: object, by: str, groups: int) -> str:
    r"""The replacement with \0 to \9 for what the groups found, and \\ for a backslash. Raises ValueError."""
    parts, signs = [], iter(by)
    for sign in signs:
        if sign != "\\":
            parts.append(sign)
            continue
        sign = next(signs, "")
        if sign.isascii() and sign.isdigit() and int(sign) <= groups:
            parts.append((found[int(sign)] or "") if found else "")  # type: ignore[index]
        elif sign == "\\":
            parts.append(sign)
        else:
            raise ValueError(rf"\{sign} in the replacement is none of the pattern's {groups} groups")
    return "".join(parts)
