"""The list of messages: searched, counted, paged; and what is new in it."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.parts.states import look
from dashboard.queries import DeadLetterQuery, QueryError, newest
from dashboard.queries.facets import Facet
from dashboard.queries.keys import language
from dashboard.queries.tallies import LIMIT, Tally
from dashboard.views.addresses import address
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from workflow_processor.models import HeldMessage, Source
from workflow_processor.search import due


@looks
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """The messages that `q` finds, `older` or `newer` than one."""
    text = request.GET.get("q", "")
    try:
        query = DeadLetterQuery.parse(text)
    except QueryError as error:
        return show(request, "messages/unreadable.html", status=400, query=text, error=error, keys=language())
    until = newest()
    page = query.page(_id(request, "older"), _id(request, "newer"))
    tally = query.tally()
    return show(
        request,
        "messages/list.html",
        query=query.text,
        letters=page.letters,
        total=tally.total,
        total_words=(words := _words(tally)),
        summary=f"{len(page.letters):,} of {words}, newest first",
        counted=tally.whole,
        behind=(behind := due.behind() if query.searches else 0),
        behind_title=f"Still being made searchable: {intcomma(behind)} of the messages.",
        keys=language(),
        until=until,
        new_url=address("new-messages", q=query.text, since=until),
        newer_url=page.newer and address("messages", q=query.text, newer=page.newer),
        older_url=page.older and address("messages", q=query.text, older=page.older),
        chips=_chips(query),
        facets=[
            _drawn(facet, query) for facet in query.facets(tally) if len(facet.values) > 1 or facet.left_out
        ],
        connected=bool(until) or Source.objects.exists(),
        bulk_actions=_bulk_actions(request, query.text),
        anything_held=HeldMessage.objects.exists(),
    )


@looks
@require_GET
def new_messages(request: HttpRequest) -> HttpResponse:
    """How many that `q` finds are newer than `since`: a button, or nothing."""
    text, since = request.GET.get("q", ""), _id(request, "since")
    try:
        query = DeadLetterQuery.parse(text)
    except QueryError as error:
        raise BadRequest(str(error)) from error
    count = query.count_since(since) if since else query.count()
    return show(request, "components/new_rows.html", count=count, list_url=address("messages", q=text))


def _words(tally: Tally) -> str:
    if not tally.ended:
        return "an unknown number"
    return intcomma(tally.total) if tally.whole else f"more than {LIMIT:,}"


def _id(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET[name]) if request.GET.get(name) else None
    except ValueError as error:
        raise BadRequest("That is no id.") from error


def _chips(query: DeadLetterQuery) -> list[dict[str, Any]]:
    return [
        {
            "key": term.token.key or "text",
            "value": ", ".join(value.text for value in term.token.values),
            "negated": term.token.negated,
            "remove_url": address("messages", q=query.dropped(term)),
        }
        for term in query.terms
    ]


def _drawn(facet: Facet, query: DeadLetterQuery) -> dict[str, Any]:
    short = Counter(_last_name(value.value) for value in facet.values)
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
    dotted = key in ("error", "handler") and short[_last_name(value)] == 1
    return (_last_name(value) if dotted else value) or "(none)"


def _last_name(value: str) -> str:
    return value.rsplit(".", 1)[-1]


def _bulk_actions(request: HttpRequest, query: str) -> list[dict[str, Any]]:
    actions = {
        "requeue": {"label": "Requeue", "icon": "corner-up-left", "key": "r", "primary": True},
        "discard": {"label": "Discard", "icon": "archive-x", "key": "d", "danger": True},
    }
    return [
        {**action, "dialog": name, "matching_url": _operation(request, name, query)}
        for name, action in actions.items()
        if request.user.has_perm(f"workflow_processor.{name}_dead_letter")
    ]


def _operation(request: HttpRequest, kind: str, query: str) -> str:
    """Where to do it to all that match."""
    return address("new-operation", kind=kind, scope="matching", q=query, next=request.get_full_path())
