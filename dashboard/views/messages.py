"""The list of messages: searched, counted, paged; and what is new in it."""

import re
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.queries import DeadLetterQuery, QueryError, latest_attempt, newest
from dashboard.queries.tallies import LIMIT
from dashboard.views import counts, previews
from dashboard.views.addresses import address
from dashboard.views.going_on import named
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from workflow_processor.models import HeldMessage, Source


@looks
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """The messages that `q` finds, `older` or `newer` than one."""
    text = request.GET.get("q", "")
    try:
        query = DeadLetterQuery.parse(text)
    except QueryError as error:
        return show(request, "messages/unreadable.html", status=400, query=text, error=error)
    until, attempt = newest(), latest_attempt()
    behind = query.behind()  # asked first: what becomes searchable from here on is missed by nobody
    page = query.page(_id(request, "older"), _id(request, "newer"))
    return show(
        request,
        "messages/list.html",
        query=query.text,
        listed=named(query),
        letters=page.letters,
        partly=page.partly,
        **counts.beside(request, query, page),
        behind=behind,
        behind_title=_still(behind),
        until=until,
        new_url=address("new-messages", q=query.text, since=until, attempt=attempt),
        newer_url=page.newer and address("messages", q=query.text, newer=page.newer),
        older_url=page.older and address("messages", q=query.text, older=page.older),
        chips=_chips(query),
        connected=bool(until) or Source.objects.exists(),
        bulk_actions=_bulk_actions(request, query.text),
        **previews.selected(request, _id(request, "selected")),
        anything_held=HeldMessage.objects.exists(),
    )


@looks
@require_GET
def new_messages(request: HttpRequest) -> HttpResponse:
    """How many that `q` finds are newer than `since`, or came back after `attempt`: a button, or nothing."""
    text, since = request.GET.get("q", ""), _id(request, "since")
    attempt = request.GET.get("attempt", "")
    try:
        query = DeadLetterQuery.parse(text)
    except QueryError as error:
        raise BadRequest(str(error)) from error
    return show(
        request,
        "components/new_rows.html",
        count=query.count_since(since, int(attempt) if re.fullmatch("[0-9]{1,18}", attempt) else None),
        list_url=address("messages", q=text),
        target="#found",
    )


def _still(behind: int) -> str:
    if behind == 1:
        return "1 message is still being indexed."
    number = f"{behind:,}" if behind <= LIMIT else f"More than {LIMIT:,}"
    return f"{number} messages are still being indexed."


def _id(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET[name]) if request.GET.get(name) else None
    except ValueError as error:
        raise BadRequest("That is no id.") from error


def _chips(query: DeadLetterQuery) -> list[dict[str, Any]]:
    return [
        {
            "key": term.token.name or "text",
            "value": ", ".join(value.text for value in term.token.values),
            "negated": term.token.negated,
            "remove_url": address("messages", q=query.dropped(term)),
        }
        for term in query.terms
    ]


def _bulk_actions(request: HttpRequest, query: str) -> list[dict[str, Any]]:
    asked = {"assign": ("Assign", "user"), "edit": ("Edit", "pencil")}
    confirmed = {
        "requeue": {"label": "Requeue", "icon": "corner-up-left", "key": "r", "primary": True},
        "discard": {"label": "Discard", "icon": "archive-x", "key": "d", "danger": True},
    }
    url = address("new-operation")
    actions: list[dict[str, Any]] = [
        {"kind": kind, "label": label, "icon": icon, "url": url} for kind, (label, icon) in asked.items()
    ]
    actions += [
        {**action, "kind": kind, "dialog": kind, "matching_url": _operation(request, kind, query)}
        for kind, action in confirmed.items()
    ]
    return [one for one in actions if request.user.has_perm(f"workflow_processor.{one['kind']}_dead_letter")]


def _operation(request: HttpRequest, kind: str, query: str) -> str:
    """Where to do it to all that match."""
    return address("new-operation", kind=kind, scope="matching", q=query, next=request.get_full_path())
