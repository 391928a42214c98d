"""The filter language in plain Python, from the messages themselves: what the database is held against."""

import csv
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from workflow_processor.models import DeadLetter, Revision

Asked = tuple[str, bool, list[tuple[str, bool]]]
"""A key with its path, whether it is negated, and values with whether they are in quotes."""
MISSING = object()
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


@dataclass
class Known:
    """A dead letter with its message."""

    letter: DeadLetter
    body: bytes
    headers: dict[str, Any]

    @classmethod
    def of(cls, letter: DeadLetter) -> "Known":
        message = Revision.objects.get(dead_letter=letter, number=letter.revision).message()
        return cls(letter, message.body, dict(message.headers))

    @property
    def document(self) -> Any:
        """The body as JSON, or its columns by number."""
        try:
            text = self.body.decode()
            found = json.loads(text, parse_float=Decimal, parse_constant=lambda _: 1 / 0)
            return MISSING if "\0" in json.dumps(found, default=str).replace("\\u0000", "\0") else found
        except (ValueError, ZeroDivisionError):
            pass
        try:
            lines = self.body.decode().splitlines()
        except UnicodeDecodeError:
            return MISSING
        row = next(csv.reader(lines), []) if len(lines) == 1 and "\0" not in lines[0] else []
        return {str(n): value for n, value in enumerate(row, 1)} if len(row) > 1 else MISSING


def fits(known: Known, asked: Asked, now: datetime) -> bool:
    """Whether a term holds for a dead letter."""
    key, negated, values = asked
    return negated != any(_fits(known, key, value, quoted, now) for value, quoted in values)


def _fits(known: Known, key: str, value: str, quoted: bool, now: datetime) -> bool:
    letter = known.letter
    if key.startswith(("body.", "body[", "header.")):
        document = known.headers if key[0] == "h" else known.document
        return _at(document, re.sub(r"^\w+", "", key), value, quoted)
    match key:
        case "" | "body":
            texts = [readable(known), *([letter.error_text] if not key else [])]
            return any(somewhere(value, quoted, text) for text in texts)
        case "error" | "handler":
            return whole(value, quoted, column(letter, key), "(?:.*[.:])?")
        case "age":
            return _bounded(value, quoted, (now - letter.received_at).total_seconds(), _seconds)
        case "size":
            return _bounded(value, quoted, letter.size, _bytes)
        case "attempts" | "failures":
            number = letter.attempt if key == "attempts" else letter.failures
            return _bounded(value, quoted, number, int)
        case "failed":
            return _in_span(value, letter.last_failed_at)
        case "edited" | "duplicate":
            return (value == "yes") == (letter.revision > 0 if key == "edited" else letter.possible_duplicate)
        case "assignee":
            return _is_on(assignee(letter), value, quoted)
    return whole(value, quoted, column(letter, key))


def _is_on(person: str | None, value: str, quoted: bool) -> bool:
    if value == "none" and not quoted:
        return person is None
    return person is not None and whole(value, quoted, person)


def assignee(letter: DeadLetter) -> str | None:
    """Who is on it, or else on its group, or on what that was merged into."""
    group = letter.group.merged_into or letter.group
    person = letter.assignee or group.assignee
    return person.get_username() if person else None


def column(letter: DeadLetter, key: str) -> str:
    columns: dict[str, str] = {
        "id": str(letter.id),
        "group": str(letter.group_id),
        "status": letter.state,
        "queue": letter.source.queue,
        "subscriber": letter.source.subscriber,
        "message": letter.message_id,
        "correlation": letter.correlation_id,
        "key": letter.ordering_key or "",
        "error": letter.error_type,
        "handler": letter.handler,
    }
    return columns[key]


def readable(known: Known) -> str:
    """The text of a body, and what JSON hides in it behind escapes."""
    text = known.body.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        hidden = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return text
    return f"{text}\n{hidden}" if "\\" in text and known.document is not MISSING else text


def whole(value: str, quoted: bool, text: str, before: str = "") -> bool:
    parts = [value] if quoted else value.split("*")
    return bool(re.fullmatch(before + ".*".join(map(re.escape, parts)), text, re.DOTALL))


def somewhere(value: str, quoted: bool, text: str) -> bool:
    parts = [value.upper()] if quoted else value.upper().split("*")
    return bool(re.search(".*".join(map(re.escape, parts)), text.upper(), re.DOTALL))


def _at(document: Any, path: str, value: str, quoted: bool) -> bool:
    if document is MISSING:
        return False
    if isinstance(document, dict) and path[1:] in document:
        document, path = document[path[1:]], ""  # a name with dots in it
    nodes = [document]
    for step in re.findall(r'\.([^."\[\]]+)|\."([^"]+)"|(\[\d*\])', path):
        nodes = list(_step(nodes, step[0] or step[1], step[2]))
    if not quoted and "*" in value and not value.strip("*"):
        return bool(nodes)
    return any(_is(node, value, quoted) for node in _elements(nodes))


def _step(nodes: Iterable[Any], name: str, place: str) -> Iterable[Any]:
    if name:
        return [node[name] for node in _elements(nodes) if isinstance(node, dict) and name in node]
    if place == "[]":
        return _elements(nodes)
    number = int(place[1:-1])
    lists = (node if isinstance(node, list) else [node] for node in nodes)
    return [some[number] for some in lists if number < len(some)]


def _elements(nodes: Iterable[Any]) -> list[Any]:
    return [part for node in nodes for part in (node if isinstance(node, list) else [node])]


def _is(node: Any, value: str, quoted: bool) -> bool:
    plain = _plain(node)
    if plain is None and node is not None:
        return False
    if quoted:
        return isinstance(node, str) and node == value
    if "*" in value:
        return plain is not None and whole(value, False, plain)
    if (ends := _ends(value)) is None:
        number = _number(value)
        if not isinstance(node, str) and node is not None and not isinstance(node, bool):
            return number is not None and number == node
        return (plain or "null") == value
    return all(_compares(node, sign, text) for sign, text in ends)


def _compares(node: Any, sign: str, text: str) -> bool:
    number = _number(text)
    if number is None:
        return isinstance(node, str) and _holds(sign, node, text)
    if isinstance(node, bool):
        return False
    own = node if isinstance(node, int | Decimal) else _number(node) if isinstance(node, str) else None
    return own is not None and _holds(sign, own, number)


def _plain(node: Any) -> str | None:
    if isinstance(node, bool):
        return str(node).lower()
    return str(node) if isinstance(node, int | Decimal | str) else None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text) else None


def _ends(value: str) -> list[tuple[str, str]] | None:
    if found := re.fullmatch(r"(>=|<=|>|<)(.*)", value):
        return [(found[1], found[2])]
    low, dots, high = value.partition("..")
    return [(sign, text) for sign, text in ((">=", low), ("<=", high)) if text] if dots else None


def _holds(sign: str, one: Any, other: Any) -> bool:
    return bool({">": one > other, ">=": one >= other, "<": one < other, "<=": one <= other}[sign])


def _bounded(value: str, quoted: bool, own: float, kind: Callable[[str], float]) -> bool:
    ends = None if quoted else _ends(value)
    return own == kind(value) if ends is None else all(_holds(sign, own, kind(text)) for sign, text in ends)


def _seconds(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


def _bytes(text: str) -> float:
    return int(text[:-2]) * 1024 if text.endswith("KB") else int(text)


def _in_span(value: str, own: datetime) -> bool:
    def day(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}T00:00:00+00:00")

    later = timedelta(days=1)
    ends = _ends(value)
    if ends is None:
        return day(value) <= own < day(value) + later
    return all(
        {
            ">": lambda t: own >= t + later,
            ">=": lambda t: own >= t,
            "<": lambda t: own < t,
            "<=": lambda t: own < t + later,
        }[sign](day(text))
        for sign, text in ends
    )
