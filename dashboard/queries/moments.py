"""Conditions on times: when a message failed, came in, changed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import and_
from uuid import UUID

from django.db.models import Q

from dashboard.queries import values
from dashboard.queries.tokens import Value

SKEW = timedelta(hours=1)
"""The clocks of an intake and of the database are less apart than that."""

Test = Callable[[str, datetime], Q]
"""A condition from a lookup, `lt` and so on, and a time."""


def when(test: Test, value: Value) -> Q:
    """A day means all of it: `>` is after its end, `<=` before it."""
    told = {
        "=": lambda span: test("gte", span.start) & test("lt", span.end),
        ">": lambda span: test("gte", span.end),
        ">=": lambda span: test("gte", span.start),
        "<": lambda span: test("lt", span.start),
        "<=": lambda span: test("lt", span.end),
    }
    return reduce(and_, (told[sign](span) for sign, span in values.read(value, values.moment)))


def at(column: str) -> Test:
    return partial(_at, column)


def received(lookup: str, moment: datetime) -> Q:
    """When the office got it. Its id was made right before and ids are in the order of their making, so the
    database has to look at no others."""
    earlier = lookup.startswith("l")
    bound = _first_id(moment, SKEW if earlier else -SKEW)
    return _at("received_at", lookup, moment) & Q(**{"id__lt" if earlier else "id__gte": bound})


def _at(column: str, lookup: str, moment: datetime) -> Q:
    return Q(**{f"{column}__{lookup}": moment})


def _first_id(moment: datetime, margin: timedelta) -> UUID:
    """Before all that are made so long after the moment: a UUID of version 7 begins with its milliseconds."""
    milliseconds = round((moment.timestamp() + margin.total_seconds()) * 1_000)
    return UUID(int=min(max(milliseconds, 0), 2**48 - 1) << 80)
