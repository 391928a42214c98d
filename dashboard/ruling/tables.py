"""A table of texts as people write it: a line for each, `BYU => BUY`. What would not survive that, such as a
text with a line end in it or spaces around it, is written as a JSON text: `"BYU " => BUY`."""

import json
from collections.abc import Mapping

ARROW = "=>"


def written(table: Mapping[str, str]) -> str:
    """The inverse of `read`."""
    return "\n".join(f"{_side(one)} {ARROW} {_side(other)}" for one, other in table.items())


def read(text: str) -> dict[str, str]:
    """The table. Raises ValueError, which names the line."""
    table: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        one, arrow, other = _split(line)
        if not arrow:
            raise ValueError(f"line {number} has no {ARROW} in it")
        if one in table:
            raise ValueError(f"line {number} tells again what {one} becomes")
        table[one] = other
    return table


def _split(line: str) -> tuple[str, str, str]:
    one, rest = _quoted(line.strip())
    between, arrow, other = rest.partition(ARROW)
    if one is None or between.strip():
        one, arrow, other = line.strip().partition(ARROW)
        one = one.strip()
    quoted, beyond = _quoted(other.strip())
    return one, arrow, other.strip() if quoted is None or beyond else quoted


def _quoted(line: str) -> tuple[str | None, str]:
    """The JSON text that the line begins with, if it does, and what follows."""
    if not line.startswith('"'):
        return None, line
    try:
        text, end = json.JSONDecoder().raw_decode(line)
    except ValueError:
        return None, line
    return text, line[end:]


def _side(text: str) -> str:
    plain = text == text.strip() and text and ARROW not in text and text.isprintable() and text[0] != '"'
    return text if plain else json.dumps(text, ensure_ascii=False)
