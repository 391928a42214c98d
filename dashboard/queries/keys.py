"""The keys of the filter language: what each means, and where it is looked up.

A condition is on dead letters, or on what is searchable of them. Where figures are kept by what a key asks
for, it is on these too, so that nobody has to count. Functions raise ValueError with a sentence where a value
cannot be what its key wants.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial, reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from dashboard.queries import values
from dashboard.queries.moments import at, received, when
from dashboard.queries.paths import in_body, in_headers
from dashboard.queries.patterns import contains, matches, named
from dashboard.queries.tokens import Value
from dashboard.queries.words import telling
from workflow_processor.models import Group, Source, State

Condition = Callable[[Value], Q]
_LOOKUPS = {"=": "exact", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the language."""

    name: str
    """Empty for free text."""
    meaning: str
    """In a few words, for people."""
    example: str
    of_letter: Condition | None = None
    """A condition on DeadLetter."""
    of_searchable: Condition | None = None
    """A condition on Searchable, in place of that."""
    index: Condition | None = None
    """The same as `of_letter`, on Searchable: that has the index."""
    at_path: Callable[[str, Value], Q] | None = None
    """The same for a key with a path behind it."""
    of_figures: Condition | None = None
    """The same as `of_letter`, on StateCount."""


def keys(now: datetime) -> dict[str, Key]:
    """Every key by its name."""
    return {key.name: key for key in (*_KEPT, *_LOOKED_UP, _age(now))}


def language() -> list[Key]:
    """The keys as people are told of them."""
    return [key for key in keys(timezone.now()).values() if key.name]


def _of_source(name: str, meaning: str, example: str, column: str) -> Key:
    def condition(value: Value) -> Q:
        return Q(source__in=_ids(Source, matches(column, value)))

    return Key(name, meaning, example, condition, of_figures=partial(matches, f"source__{column}"))


def _of_cause(name: str, meaning: str, example: str, column: str) -> Key:
    def condition(value: Value) -> Q:
        return Q(group__in=_ids(Group, named(column, value)))

    return Key(name, meaning, example, condition, of_figures=partial(named, f"group__{column}"))


def _indexed(name: str, meaning: str, example: str, condition: Condition) -> Key:
    """Of a column that both have, and Searchable with an index."""
    return Key(name, meaning, example, condition, index=condition)


def _ids(model: Any, condition: Q) -> list[int]:
    """There are few sources and causes. Known by their ids, the database knows how many rows they have."""
    return sorted(model.objects.filter(condition).values_list("id", flat=True))


def _status(value: Value) -> Q:
    if value.text not in State.values:
        raise ValueError(f"There is no status {value.text}. There are {', '.join(State.values)}.")
    return Q(state=value.text)


def _group(value: Value) -> Q:
    if not re.fullmatch(r"[0-9]{1,18}", value.text):
        raise ValueError("A group is named by its number: group:12.")
    number = int(value.text)
    return Q(group__in=_ids(Group, Q(id=number) | Q(merged_into=number)))


def _ordering_key(value: Value) -> Q:
    """Where there is none, it is as if it were empty."""
    some = Q(ordering_key__isnull=False) & matches("ordering_key", value)
    said = value.text.strip("*") if value.wild else value.text
    return some if said else some | Q(ordering_key=None)


def _assignee(value: Value) -> Q:
    """One's own, or else that of the group; one that was merged goes by what it was merged into."""
    nobody = value.text == "none" and not value.quoted
    wanted: dict[str, Any] = {"assignee__isnull": False}
    if not nobody:
        wanted = {"assignee__in": _ids(User, matches("username", value))}
    through = {f"merged_into__{name}": one for name, one in wanted.items()}
    groups = _ids(Group, Q(merged_into=None, **wanted) | Q(**through))
    if nobody:
        return Q(assignee=None) & ~Q(group__in=groups)
    return Q(**wanted) | Q(assignee=None, group__in=groups)


def _id(value: Value) -> Q:
    try:
        return Q(id=UUID(value.text))
    except ValueError:
        message = "A dead letter's id has 32 digits: id:0192f3c1-8a8e-7d2a-9f57-9b7f4b6f6c11."
        raise ValueError(message) from None


def _compared(column: str, kind: Callable[[str], Any], value: Value) -> Q:
    found = values.read(value, kind)
    return reduce(and_, (Q(**{f"{column}__{_LOOKUPS[sign]}": thing}) for sign, thing in found))


def _age(now: datetime) -> Key:
    older = {"=": "", ">": "lt", ">=": "lte", "<": "gt", "<=": "gte"}

    def condition(value: Value) -> Q:
        found = values.read(value, values.age)
        if any(sign == "=" for sign, _ in found):
            raise ValueError("An age is > or <, a number and s, min, h, d or w: age:>2h, age:1h..2h.")
        try:
            return reduce(and_, (received(older[sign], now - age) for sign, age in found))
        except OverflowError:
            raise ValueError("Nothing can be that old.") from None

    return Key("age", "how long the office has had it", "age:>2h", condition)


def _in_text(*columns: str) -> Condition:
    def condition(value: Value) -> Q:
        words = telling(value)
        return reduce(or_, (contains(column, value, words) for column in columns))

    return condition


_KEPT = (
    Key("status", "the state it is in", "status:parked", _status, of_figures=_status),
    _of_source("queue", "the queue it failed on", "queue:trades*", "queue"),
    _of_source("subscriber", "the subscriber that read it", "subscriber:placement", "subscriber"),
    _of_cause("error", "the error's type", "error:ValueError", "error_type"),
    _of_cause("handler", "the handler that failed", "handler:place_trade", "handler"),
    Key("group", "the number of its group", "group:12", _group, of_figures=_group),
)
"""Figures are kept by these."""

_LOOKED_UP = (
    Key(
        "",
        "text in the error or the body",
        '"8756 SHARES"',
        of_searchable=_in_text("error_text", "body_text"),
    ),
    Key(
        "body",
        "a value in a JSON body, or a column by its number",
        "body.account:12654A87FR4",
        of_searchable=_in_text("body_text"),
        at_path=in_body,
    ),
    Key("header", "a header's value", "header.desk:retail", at_path=in_headers),
    _indexed("message", "the message id", "message:4f2c*", partial(matches, "message_id")),
    Key("correlation", "the correlation id", "correlation:basket-7", partial(matches, "correlation_id")),
    Key(
        "key",
        "the ordering key",
        "key:12654A87FR4",
        _ordering_key,
        index=partial(matches, "ordering_key"),
    ),
    Key("id", "the dead letter's own id", "id:0192f3c1-8a8e-7d2a-9f57-9b7f4b6f6c11", _id),
    _indexed("size", "the size of the body", "size:>10KB", partial(_compared, "size", values.size)),
    Key(
        "attempts", "how often it was requeued", "attempts:>=2", partial(_compared, "attempt", values.number)
    ),
    Key("failures", "how often it failed", "failures:2..5", partial(_compared, "failures", values.number)),
    Key("failed", "when it last failed", "failed:2026-11-20", partial(when, at("last_failed_at"))),
    Key("first", "when it first failed", "first:<2026-11-20T14:30", partial(when, at("first_failed_at"))),
    Key("received", "when the office received it", "received:>=2026-11-20", partial(when, received)),
    Key("changed", "when its state changed", "changed:>2026-11-20", partial(when, at("changed_at"))),
    Key("assignee", "who it is assigned to, or none", "assignee:ada", _assignee),
    Key("edited", "whether its message was changed", "edited:yes", lambda v: _either(v, Q(revision__gt=0))),
    Key(
        "duplicate",
        "whether it may already have been processed",
        "duplicate:yes",
        lambda value: _either(value, Q(possible_duplicate=True)),
    ),
)


def _either(value: Value, condition: Q) -> Q:
    return condition if values.yes(value) else ~condition
