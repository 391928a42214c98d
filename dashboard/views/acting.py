"""Carrying an act out over however many dead letters, and saying what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from dashboard.parts.toasts import announce
from dashboard.queries.tokens import LENGTH_LIMIT
from dashboard.views.addresses import address, came_from
from dashboard.views.pages import show
from workflow_processor import live
from workflow_processor.acts import Outcome

CHUNK = 1_000
"""Dead letters changed in one transaction: few enough that nobody waits long for their rows."""

Wanted = TypeVar("Wanted")


@dataclass(slots=True)
class Done:
    """What came of an act, all chunks together."""

    changed: list[UUID] = field(default_factory=list)
    unchanged: list[UUID] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)


def carry_out(act: Callable[[Sequence[Wanted]], Outcome], wanted: Sequence[Wanted]) -> Done:
    """Does it, chunk by chunk, and tells open pages."""
    done = Done()
    for start in range(0, len(wanted), CHUNK):
        outcome = act(wanted[start : start + CHUNK])
        done.changed += outcome.changed
        done.unchanged += outcome.unchanged
        done.entries += [outcome.entry] if outcome.entry else []
    if done.changed:
        live.announce("changed")
    return done


def tell(
    request: HttpRequest, done: Done, did: str, why_not: str, *, undo: str = "", seconds: int = 0
) -> None:
    """Says how many were changed, and how many were left alone and why. `did` is a participle: requeued."""
    if not done.changed and not done.unchanged:
        announce(request, f"Nothing was selected, so nothing was {did}.", level=messages.WARNING)
        return
    text = f"{count(done.changed)} {did}" if done.changed else f"Nothing {did}"
    if done.unchanged:
        text += f"; {len(done.unchanged):,} skipped ({why_not})"
    announce(
        request,
        f"{text}.",
        level=messages.WARNING if done.unchanged else messages.SUCCESS,
        undo_url=undo if done.changed else "",
        seconds=seconds,
        show_url=address("messages", q=these(done.unchanged)) if len(done.unchanged) > 1 else "",
    )


def attempt(
    request: HttpRequest,
    act: Callable[[], object],
    said: str,
    refused: Callable[[str], HttpResponse] | None = None,
) -> HttpResponse:
    """Does something that is done whole or not at all, says so or why not, and goes back to where the person
    was. Where something was typed that would be lost by that, `refused` answers in place of it."""
    try:
        act()
    except ValueError as error:
        if refused:
            return refused(str(error))
        announce(request, f"Nothing was changed. {error}", level=messages.ERROR)
    else:
        live.announce("changed")
        announce(request, said)
    return redirect(came_from(request))


def form_again(request: HttpRequest, title: str, form: str, **context: Any) -> HttpResponse:
    """A small form that was refused, on a page of its own; `form` is its template."""
    told = {"title": title, "form": form, "here": came_from(request), **context}
    return show(request, "refused.html", status=422, **told)


def count(letters: Sequence[UUID]) -> str:
    return "1 message" if len(letters) == 1 else f"{intcomma(len(letters))} messages"


def these(letters: Sequence[UUID]) -> str:
    """The query that finds these; empty where there are too many to name."""
    query = f"id:{','.join(map(str, letters))}"
    return query if len(query) <= LENGTH_LIMIT else ""
