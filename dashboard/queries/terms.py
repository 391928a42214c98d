"""What a key of the filter language means: one function each, from a value to a condition on dead letters.

A function raises ValueError with a sentence where the value cannot be what its key wants.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import partial, reduce
from operator import or_
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from dashboard.queries.patterns import contains, matches, named
from dashboard.queries.tokens import QueryError, Token, Value, tokens
from workflow_processor.models import Group, State

Condition = Callable[[Value], Q]

_AGE = re.compile(r"(?P<sign>[<>])(?P<number>\d{1,6})(?P<unit>s|min|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Term(NamedTuple):
    """One token with its meaning."""

    token: Token
    condition: Q


def conditions(now: datetime) -> dict[str, Condition]:
    """The keys of the language; the empty one is free text."""
    return {
        "": _text,
        "status": _status,
        "queue": partial(matches, "source__queue"),
        "subscriber": partial(matches, "source__subscriber"),
        "handler": partial(named, "handler"),
        "error": partial(named, "error_type"),
        "message": partial(matches, "message_id"),
        "correlation": partial(matches, "correlation_id"),
        "group": _group,
        "id": _id,
        "age": partial(_age, now),
    }


def terms(text: str, now: datetime) -> list[Term]:
    """The terms of a query. Raises QueryError."""
    known = conditions(now)
    return [Term(token, _meaning(text, token, known)) for token in tokens(text)]


def _meaning(text: str, token: Token, known: Mapping[str, Condition]) -> Q:
    if token.key not in known:
        start = token.start + token.negated
        raise QueryError(text, start, start + len(token.key), _no_such_key(token.key, known))
    either = reduce(or_, (_condition(text, value, known[token.key]) for value in token.values))
    return ~either if token.negated else either


def _condition(text: str, value: Value, condition: Condition) -> Q:
    try:
        return condition(value)
    except ValueError as error:
        raise QueryError(text, value.start, value.end, str(error)) from error


def _no_such_key(key: str, known: Iterable[str]) -> str:
    keys = [name for name in known if name]
    near = get_close_matches(key, keys, n=1)
    meant = f"Did you mean {near[0]}?" if near else f"There are {', '.join(keys)}."
    return f"There is no key {key}. {meant} To look for it as text, put it in quotes."


def _text(value: Value) -> Q:
    return contains("error_text", value) | contains("preview", value)


def _status(value: Value) -> Q:
    if value.text not in State.values:
        raise ValueError(f"There is no status {value.text}. There are {', '.join(State.values)}.")
    return Q(state=value.text)


def _group(value: Value) -> Q:
    if not re.fullmatch(r"[0-9]{1,18}", value.text):
        raise ValueError("A group is named by its number: group:12.")
    number = int(value.text)
    return Q(group__in=Group.objects.filter(Q(id=number) | Q(merged_into=number)).values("id"))


def _id(value: Value) -> Q:
    try:
        return Q(id=UUID(value.text))
    except ValueError:
        message = "A dead letter's id has 32 digits: id:0192f3c1-8a8e-7d2a-9f57-9b7f4b6f6c11."
        raise ValueError(message) from None


def _age(now: datetime, value: Value) -> Q:
    found = _AGE.fullmatch(value.text)
    if not found:
        raise ValueError("An age is > or <, a number and s, min, h, d or w: age:>2h, age:<30min.")
    try:
        since = now - timedelta(**{_UNITS[found["unit"]]: int(found["number"])})
    except OverflowError:
        raise ValueError("Nothing can be as old as that.") from None
    return Q(received_at__lt=since) if found["sign"] == ">" else Q(received_at__gt=since)
