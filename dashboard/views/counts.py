"""How many messages a search finds, and of what: on its page where figures are kept by what it asks for, and
otherwise fetched once the list is there."""

from collections import Counter
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.parts.names import last_part
from dashboard.parts.states import look
from dashboard.queries import DeadLetterQuery, QueryError
from dashboard.queries.facets import Facet
from dashboard.queries.pages import Page
from dashboard.queries.tallies import Tally
from dashboard.views.addresses import address
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks


@looks
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """The facets of what `q` finds, and how many it is; `shown` of them are on the page, which is told to
    look again where that cannot be true any more. `alone`: there is no other page of them."""
    try:
        query = DeadLetterQuery.parse(request.GET.get("q", ""))
    except QueryError as error:
        raise BadRequest(str(error)) from error
    shown, tally = number(request.GET, "shown"), query.tally()
    answer = show(request, "messages/_counts.html", **_counted(query, shown, tally))
    none_of_some = "alone" in request.GET and not shown and tally.total
    if tally.whole and (tally.total < shown or none_of_some):
        answer["HX-Trigger"] = "live:counted"
    return answer


def beside(request: HttpRequest, query: DeadLetterQuery, page: Page) -> dict[str, Any]:
    """What stands beside a list: the counts, or where to fetch them."""
    shown = len(page.letters)
    if query.kept or "counted" in request.GET:
        return _counted(query, shown, query.tally())
    alone = "" if page.older or {"older", "newer"} & request.GET.keys() else "yes"
    return {
        "summary": f"{shown:,} shown, newest first",
        "counts_url": address("message-counts", q=query.text, shown=shown, alone=alone),
        "counted_url": address("messages", q=query.text, counted="yes"),
    }


def _counted(query: DeadLetterQuery, shown: int, tally: Tally) -> dict[str, Any]:
    total = _words(tally)
    facets = [facet for facet in query.facets(tally) if len(facet.values) > 1 or facet.left_out]
    return {
        "total_words": total,
        "summary": f"{shown:,} of {total}, newest first",
        "facets": [_drawn(facet, query) for facet in facets],
    }


def _words(tally: Tally) -> str:
    if tally.whole:
        return intcomma(tally.total)
    return f"more than {tally.total - 1:,}" if tally.total else "an unknown number"


def _drawn(facet: Facet, query: DeadLetterQuery) -> dict[str, Any]:
    short = Counter(last_part(value.value) for value in facet.values)
    values = [
        {
            "label": _label(facet.key, value.value, short),
            "count": value.number,
            "current": value.chosen,
            "state": value.value if facet.key == "status" else "",
            "url": address("messages", q=query.toggled(facet.key, value.value)),
        }
        for value in facet.values
    ]
    return {"title": facet.title, "values": values, "left_out": facet.left_out, "whole": facet.whole}


def _label(key: str, value: str, short: Counter[str]) -> str:
    """A value in words; of a dotted name the last part, where no other one ends so."""
    if key == "status":
        return look(value).word
    dotted = key in ("error", "handler") and short[last_part(value)] == 1
    return (last_part(value) if dotted else value) or "(none)"
