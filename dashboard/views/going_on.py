"""Going from one message of a list to the next: the list's query `q` goes along from page to page."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest

from dashboard.queries import DeadLetterQuery, QueryError
from dashboard.queries.neighbours import neighbours
from dashboard.views.addresses import address


def named(query: DeadLetterQuery) -> str:
    """What names the list of this query behind the address of one of its messages."""
    return f"?{urlencode({'q': query.text})}"


def going_on(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """Addresses around a message: `here` is its own, and `after` where to go once something was done with it.

    Of the list that it was opened from, if it was: `newer` and `older`, and in `listed` what names the list.
    """
    text = request.GET.get("q", request.POST.get("q"))
    try:
        query = None if text is None else DeadLetterQuery.parse(text)
    except QueryError:
        query = None
    if query is None:
        here = address("message", id)
        return {"here": here, "after": here}
    found = neighbours(query, id)
    listed = named(query)
    older = found.older and address("message", found.older) + listed
    return {
        "query": query.text,
        "listed": listed,
        "here": address("message", id) + listed,
        "newer": found.newer and address("message", found.newer) + listed,
        "older": older,
        "after": older or address("messages") + listed,
    }
