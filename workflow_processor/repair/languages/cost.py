"""What an expression could cost at most, told by its text before it is ever worked out.

CEL has no loops but walks over lists (`all`, `exists`, `map` …), and its interpreter frees nothing until it
is through. So walks are not put into one another, and what copies texts or looks for patterns is counted.
"""

import re
from collections.abc import Sequence

from workflow_processor.repair import limits
from workflow_processor.repair.languages.patterns import compiled

WALKS = frozenset({"all", "exists", "exists_one", "map", "filter"})
COPIES = frozenset({"+", "bytes", "string"})

_token = re.compile(
    r"""[rR](?:"[^"\n]*"|'[^'\n]*')"""  # a raw text
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""  # a text
    r"|[A-Za-z_]\w*|//|\S"
)


def tokens(expression: str) -> list[str]:
    """Its words, signs and texts. Raises ValueError where they cannot be told apart."""
    found = _token.findall(expression)
    if "//" in found or '"""' in expression or "'''" in expression:
        raise ValueError("it has a comment, or a text in three quotes, which are not read here")
    return found


def check(found: Sequence[str]) -> None:
    """Raises ValueError where the expression could cost too much."""
    walks = _walks(found)
    if walks and sum(token in COPIES for token in found) > limits.CEL_COPIES:
        raise ValueError("it walks a list and makes too many texts on the way")
    reach = limits.CEL_TEXT * (limits.CEL_ITEMS * walks or 1)
    if sum(map(_size, _patterns(found))) * reach > limits.CEL_STEPS:
        raise ValueError("its patterns are too complex, for a list most of all")


def _walks(found: Sequence[str]) -> int:
    """How many lists it walks, one after the other. Raises ValueError for a walk in a walk."""
    count, depth = 0, 0
    inside: int | None = None
    for at, sign in enumerate(found):
        if sign == "(" and found[max(at - 2, 0)] == "." and found[at - 1] in WALKS:
            if inside is not None:
                raise ValueError("it walks a list within a list")
            count, inside = count + 1, depth
        depth += (sign in "([{") - (sign in ")]}")
        if inside is not None and depth <= inside:
            inside = None
    return count


def _patterns(found: Sequence[str]) -> list[str]:
    """The texts that it looks for by `matches`. Raises ValueError where one is not written out."""
    texts = []
    for at, word in enumerate(found):
        if word == "matches":
            match found[max(at - 1, 0)], *found[at + 1 : at + 4]:
                case ".", "(", text, ")" if text[-1] in "'\"":
                    texts.append(text)
                case _:
                    raise ValueError("a pattern is written out: body.shares.matches('^[0-9]+$')")
    return texts


def _size(text: str) -> int:
    """How much there is to do for each character, for the pattern in this text. Raises ValueError for signs
    that stand for others, behind which a pattern could hide."""
    said = text.lstrip("rR")[1:-1]
    if text[0] in "rR":
        return int(compiled(said).programsize)
    if any(sign not in "\\\"'" for sign in re.findall(r"\\(.)", said)):
        raise ValueError(r"a pattern with such signs is written as it is, behind an r: r'^\d+$'")
    return int(compiled(re.sub(r"\\(.)", r"\1", said)).programsize)
