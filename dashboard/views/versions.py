"""The versions of a rule or of a schema, some at a time."""

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest

from dashboard.views.addresses import address
from dashboard.views.numbers import number

VERSIONS = 20
"""On a page."""


class Versions(NamedTuple):
    """A page of them, the latest first."""

    shown: list[Any]
    with_before: list[Any]
    """The same, and the one before the last of them where there is one."""
    newer_url: str
    older_url: str


def versions_page(request: HttpRequest, page: str, id: int, versions: QuerySet[Any]) -> Versions:
    """Of these versions those `older` than one, else the latest; `page` is the URL's name."""
    older, latest = number(request.GET, "older"), versions.order_by("-number")
    found = list((latest.filter(number__lt=older) if older else latest)[: VERSIONS + 1])
    rest = address(page, id, older=found[VERSIONS - 1].number) if len(found) > VERSIONS else ""
    return Versions(found[:VERSIONS], found, address(page, id) if older else "", rest)
