"""What a person may want to type next: keys, and values as figures and the latest messages have them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Sum

from dashboard.queries.keys import language
from dashboard.queries.tokens import LENGTH_LIMIT, spell
from workflow_processor.models import Group, Searchable, Source, State

SHOWN = 8
LOOKED_AT = 200
"""The latest messages whose headers and bodies are looked into."""
FIXED = {
    "status": State.values,
    "edited": ["yes", "no"],
    "duplicate": ["yes", "no"],
    "age": [">1h", ">1d", ">1w", "<1h", "1h..2h"],
    "size": [">10KB", ">1MB", "<1KB"],
    "attempts": [">=1", "0", ">=3"],
    "failures": [">1", ">=3"],
}
_BEFORE = re.compile(r'(?:^|\s)(?P<token>-?(?:[^\s"]|"(?:[^"\\]|\\.)*"?)*)$')
_KEYED = re.compile(r'(?P<key>-?[A-Za-z](?:[^\s":]|"[^"]*")*):(?P<others>.*,)?(?P<value>[^,]*)$', re.DOTALL)


class Completion(NamedTuple):
    label: str
    meaning: str
    text: str
    """The whole query, were it taken."""
    at: int
    """Where the cursor is then."""


def completions(text: str, at: int) -> list[Completion]:
    """What can stand where the cursor is; nothing where nothing is being typed that is known."""
    found = _BEFORE.search(text[:at]) if len(text) <= LENGTH_LIMIT else None
    if not found:
        return []
    start, token = found.start("token"), found["token"]
    keyed = _KEYED.fullmatch(token)
    begun = _values(keyed) if keyed else _keys(token)
    return list(islice((_taken(text, start, at, *one) for one in begun), SHOWN))


def _taken(text: str, start: int, at: int, label: str, meaning: str, token: str) -> Completion:
    end = "" if token.endswith((":", ".")) or text[at : at + 1].isspace() else " "
    return Completion(label, meaning, f"{text[:start]}{token}{end}{text[at:]}", start + len(token) + len(end))


Begun = Iterator[tuple[str, str, str]]
"""What it is called, what it means, and the token that it makes."""


def _keys(token: str) -> Begun:
    minus, word = ("-", token[1:]) if token.startswith("-") else ("", token)
    root, dot, _ = word.partition(".")
    if dot and root in ("body", "header"):
        for name in _names(root):
            if name.startswith(word):
                yield f"{name}:", "", f"{minus}{name}:"
        return
    for key in language():
        if key.name.startswith(word.lower()):
            end = "." if key.at_path and not key.of_searchable else ":"
            yield f"{key.name}{end}", key.meaning, f"{minus}{key.name}{end}"
            if key.at_path and key.of_searchable:
                yield f"{key.name}.", "a value in it, by its name", f"{minus}{key.name}."


def _values(keyed: re.Match[str]) -> Begun:
    key, typed = keyed["key"], keyed["value"].strip('"').lower()
    name = key.removeprefix("-")
    fitting = [one for one in _known(name) if one[0] and typed in one[0].lower()]
    for value, meaning in sorted(fitting, key=lambda one: not one[0].lower().startswith(typed)):
        spelled = value if name in FIXED else spell(value)
        yield value, meaning, f"{key}:{keyed['others'] or ''}{spelled}"


def _known(key: str) -> Iterable[tuple[str, str]]:
    match key.partition(".")[0]:
        case "queue" | "subscriber":
            return _plain(Source.objects.values_list(key, flat=True).distinct().order_by(key))
        case "error" | "handler":
            column = {"error": "error_type", "handler": "handler"}[key]
            counted = Group.objects.values_list(column).annotate(number=Sum("open"))
            return ((name, f"{number:,} open") for name, number in counted.order_by("-number", column))
        case "group":
            found = Group.objects.filter(merged_into=None).order_by("-parked", "-last_seen_at", "-id")
            return ((str(group.pk), str(group)) for group in found[:50])
        case "assignee":
            names = get_user_model().objects.filter(is_active=True).order_by("username")
            return _plain(["none", *names.values_list("username", flat=True)])
        case "body" | "header":
            return _plain(dict.fromkeys(value for name, value in _places(key) if name == key))
    return _plain(FIXED.get(key, ()))


def _plain(values: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((value, "") for value in values)


def _names(root: str) -> Sequence[str]:
    """The names of headers, or the paths in bodies, that the latest messages have."""
    return list(dict.fromkeys(name for name, _ in _places(root)))


def _places(key: str) -> Iterator[tuple[str, str]]:
    root = key.partition(".")[0]
    column = "headers" if root == "header" else "body"
    latest = Searchable.objects.order_by("-dead_letter_id").values_list(column, flat=True)[:LOOKED_AT]
    for document in latest:
        yield from _inside(root, document, flat=root == "header")


def _inside(path: str, value: Any, *, flat: bool = False) -> Iterator[tuple[str, str]]:
    """Every plain value with its path; a list has one place for all of its elements."""
    match value:
        case dict():
            for name, part in value.items():
                yield from _inside(f"{path}.{_step(name, flat)}", part, flat=flat)
        case list():
            for part in value[:SHOWN]:
                yield from _inside(path, part, flat=flat)
        case None:
            return
        case bool():
            yield path, str(value).lower()
        case _:
            yield path, str(value)


def _step(name: str, flat: bool) -> str:
    plain = re.fullmatch(r'[^\s.,:"\[\]]+', name) or (flat and re.fullmatch(r'[^\s,:"\[\]]+', name))
    return name if plain else '"' + re.sub(r'["\\]', r"\\\g<0>", name) + '"'
