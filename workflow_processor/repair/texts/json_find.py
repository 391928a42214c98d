"""One member of a JSON text, found without a tree of all of it: what most rules ask for, much faster.

It answers for texts without a backslash, in which every key is spelled as it is called, and for containers
that are not nested too deep for its patterns. For all others it does not know, and the tree does.
"""

import json
import re
from functools import lru_cache
from typing import NoReturn

from workflow_processor.repair.texts.paths import Path

_BLANK = r"[ \t\n\r]*+"
_STRING = r'"[^"]*+"'
_REST = rf'[^\[\]{{}}"]++|{_STRING}'
_CONTAINER = rf"[\[{{](?:{_REST})*+[\]}}]"
for _ in range(4):  # what may be within one another
    _CONTAINER = rf"[\[{{](?:{_REST}|{_CONTAINER})*+[\]}}]"
_VALUE = rf'(?:{_STRING}|[^\[\]{{}}",\s]++|{_CONTAINER})'

Span = tuple[int, int]


def simple(text: str, at: int) -> bool:
    """Whether the text from `at` on is JSON that can be searched so."""
    return "\\" not in text and is_json(text[at:])


def lacks(text: str, path: Path) -> bool:
    """Whether the path leads nowhere in this simple text, for certain."""
    return any(isinstance(name, str) and _key(name) not in text for name in path.parts)


def find(text: str, at: int, path: Path) -> Span | None:
    """Where the value stands that the path leads to, in a simple text. None: not known."""
    if not path.parts:
        return None
    start, end = at, len(text)
    while start < end and text[start] in " \t\n\r":
        start += 1
    for name in path.parts:
        found = _member(name).match(text, start) if isinstance(name, str) else None
        if not found:
            return None
        start, end = found.span(1)
    return start, end


def is_json(text: str) -> bool:
    """Whether the text is JSON; not known of a text that is nested very deep."""
    try:
        _decoder.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


@lru_cache(maxsize=1000)
def _member(name: str) -> re.Pattern[str]:
    """An object in which this key stands once."""
    key = re.escape(_key(name))
    other = rf"(?!{key}{_BLANK}:){_STRING}{_BLANK}:{_BLANK}{_VALUE}{_BLANK}"
    before, after = rf"(?:{other},{_BLANK})*+", rf"(?:,{_BLANK}{other})*+"
    return re.compile(rf"\{{{_BLANK}{before}{key}{_BLANK}:{_BLANK}({_VALUE}){_BLANK}{after}\}}")


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def refused(spelled: str) -> NoReturn:
    """For NaN and Infinity, which Python reads."""
    raise ValueError(f"{spelled} is not JSON")


_decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=refused)
