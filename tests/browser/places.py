"""Every page of the office, for the tests that look at all of them. A new page is one line here.

A place is an address, or a function that takes the browser there and opens what is to be looked at.
"""

import re
from collections.abc import Callable, Sequence

from playwright.sync_api import Page

from workflow_processor.models import AuditEntry, DeadLetter, State

Day = Sequence[DeadLetter]
"""The dead letters of a busy day: `tests.dashboard.busy_day`."""
Place = str | Callable[[Page, Day], object]


def letter(day: Day, state: State = State.PARKED, *, of: bytes = b"") -> DeadLetter:
    """The first in this state, whose body begins so."""
    return next(one for one in day if one.state == state and _body(one).startswith(of))


def _body(letter: DeadLetter) -> bytes:
    return bytes(letter.revisions.latest("number").body)


def _message(state: State, then: str = "", of: bytes = b"") -> Place:
    return lambda page, day: page.goto(f"/messages/{letter(day, state, of=of).id}/{then}")


def _compared(page: Page, day: Day) -> None:
    page.goto(f"/messages/{_edited(day).id}/differences/?before=0&after=1")


def _edited(day: Day) -> DeadLetter:
    return next(one for one in day if one.revision)


def _asked(page: Page, day: Day) -> None:
    page.goto("/messages/?q=status:parked")
    page.get_by_label("Select all on this page").check()
    page.keyboard.press("d")


def _sure(act: str) -> Place:
    return lambda page, day: page.goto(f"/{act}/new/?ids={letter(day).id}:{letter(day).version}")


def _keys(page: Page, day: Day) -> None:
    page.goto("/queues/")
    page.keyboard.press("?")


def _groups_selected(page: Page, day: Day) -> None:
    page.goto("/groups/")
    page.get_by_label(re.compile("^Select ")).first.check()
    page.keyboard.press("s")


BUSY: dict[str, Place] = {
    "overview": "/",
    "groups": "/groups/",
    "a group": lambda page, day: page.goto(f"/groups/{letter(day).group_id}/"),
    "groups, selected": _groups_selected,
    "groups, none that match": "/groups/?text=nowhere",
    "messages": "/messages/",
    "messages, asked before a discard": _asked,
    "messages, none that match": "/messages/?q=queue:nowhere",
    "messages, of a search that cannot be read": "/messages/?q=status:parked+age:soon",
    "a message that is parked": _message(State.PARKED),
    "a message that is resolved": _message(State.RESOLVED),
    "a message that is sent": _message(State.REQUEUED),
    "a message that was edited": lambda page, day: page.goto(f"/messages/{_edited(day).id}/"),
    "two revisions compared": _compared,
    "an edit": _message(State.PARKED, "edit/"),
    "asked before a requeue": _sure("requeues"),
    "asked before a discard": _sure("discards"),
    "queues": "/queues/",
    "audit": "/audit/",
    "an act": lambda page, day: page.goto(f"/audit/{AuditEntry.objects.latest('pk').pk}/"),
    "the keys": _keys,
    "a page that is not there": "/nowhere/",
}
"""Looked at by somebody who may do everything."""

EMPTY: dict[str, Place] = {
    "overview": "/",
    "groups": "/groups/",
    "messages": "/messages/",
    "queues": "/queues/",
}
"""Before any consumer was heard of."""

OUTSIDE: dict[str, Place] = {"sign-in": "/sign-in/"}
"""Looked at by somebody who is not signed in."""
