"""Every page of the office, for the tests that look at all of them. A new page is one line here.

A place is an address, or a function that takes the browser there and opens what is to be looked at.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from io import BytesIO

from django.contrib.auth.models import Permission, User
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.dashboard import office
from workflow_processor.acts.comments import comment
from workflow_processor.acts.merges import merge
from workflow_processor.acts.snoozes import snooze
from workflow_processor.acts.tickets import link
from workflow_processor.models import (
    AuditEntry,
    DeadLetter,
    Gate,
    Group,
    Mode,
    Operation,
    RepairRule,
    SavedView,
    State,
)
from workflow_processor.operations import acts, files, work
from workflow_processor.operations.acts import Order
from workflow_processor.repair import pipeline
from workflow_processor.repair.definition import parse
from workflow_processor.rules import acts as rules
from workflow_processor.rules import dry_running, dry_runs, message_types
from workflow_processor.rules.acts import SeenRule
from workflow_processor.rules.message_types import SeenType, Told
from workflow_processor.subjects import Subject

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


def _parked(body: bytes, then: str = "") -> Place:
    return lambda page, day: page.goto(f"/messages/{office.parked(body).id}/{then}")


def _compared(page: Page, day: Day) -> None:
    page.goto(f"/messages/{_edited(day).id}/differences/?before=0&after=1")


def _offered(page: Page, day: Day) -> None:
    page.goto("/messages/")
    page.get_by_label("Search messages").press_sequentially("sta")
    expect(page.get_by_role("option", name="status:")).to_be_visible()
    page.keyboard.press("ArrowDown")


def _edited(day: Day) -> DeadLetter:
    return next(one for one in day if one.revision)


def _asked(page: Page, day: Day) -> None:
    page.goto("/messages/?q=status:parked")
    page.get_by_label("Select all on this page").check()
    page.keyboard.press("d")


def _sure(act: str) -> Place:
    return lambda page, day: page.goto(
        f"/operations/new/?kind={act}&ids={letter(day).id}:{letter(day).version}"
    )


def _previewed(page: Page, day: Day) -> None:
    """A bulk edit that can be made to some."""
    page.goto("/operations/new/?kind=edit&scope=matching&q=status:parked")
    page.get_by_role("textbox", name="Path").fill("shares")
    page.get_by_role("textbox", name="Value").fill("12")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Preview of changes")).to_be_visible()


def _imported(page: Page, day: Day) -> None:
    """A file that changes a message, and has a line that cannot be read."""
    one = letter(day)
    line = json.dumps({"id": str(one.id), "version": one.version, "body": "corrected"})
    file = files.take_in(
        User.objects.get(username="ada"), "orders.jsonl", BytesIO(f"{line}\nno JSON".encode())
    )
    page.goto(f"/imports/{file.pk}/")


def _operation(address: str) -> Place:
    """An operation that paused after its trial, and some of whose messages it left alone."""

    def go(page: Page, day: Day) -> None:
        parked = [one for one in day if one.state == State.PARKED]
        ada = User.objects.get(username="ada")
        order = Order("requeue", Operation.Selection.QUERY, "status:parked", "Upstream is mended.", trial=3)
        plan = acts.plan(ada, order, DeadLetter.objects.filter(id__in=[one.id for one in parked]))
        office.discarded(parked[0])
        work.carry_on()
        page.goto(address.format(plan.pk))

    return go


def _suggested(page: Page, day: Day) -> None:
    del day
    steps = [{"do": "take_number", "at": "shares"}]
    definition = parse({"when": {"queue": "trades"}, "then": steps})
    rules.create(User.objects.get(username="ada"), "Shares in words", definition, mode=Mode.SUGGEST)
    [suggested] = office.take_in(office.failed(b'{"shares": "8756 SHARES"}'))
    pipeline.repair([suggested.id], ())
    page.goto(f"/messages/{suggested.id}/")
    expect(page.get_by_text("suggests a repair", exact=False).first).to_be_visible()


def _rule(address: str) -> Place:
    """Of a rule that was changed and that stopped itself, a dry run and a message type."""

    def go(page: Page, day: Day) -> None:
        ada = User.objects.get(username="ada")
        steps = [{"do": "take_number", "at": "shares"}, {"do": "trim", "at": "symbol"}]
        first, second = (
            parse(
                {
                    "when": {"queue": letter(day).source.queue},
                    "body": {"as": "lines", "header": True},
                    "then": then,
                }
            )
            for then in (steps, steps[:1])
        )
        rule = rules.create(ada, "Shares in words", first, mode=Mode.SUGGEST, reason="Feed 7 writes words.")
        rule = rules.change(ada, SeenRule(rule.pk, rule.change), second, "Symbols are sound again.")
        RepairRule.objects.update(stopped="3 of its 4 repairs came back.")
        run = dry_runs.start(ada, second)
        dry_running.carry_on(run.pk)
        kind = message_types.create(ada, "order", Told(letter(day).source.queue))
        message_types.add_schema(ada, SeenType(kind.pk, kind.change), '{"type": "object"}')
        page.goto(address.format(rule=rule.pk, run=run.pk, kind=kind.pk))

    return go


def _named(page: Page, day: Day) -> None:
    page.goto(f"/groups/{day[0].group_id}/")
    page.get_by_label("Comment").press_sequentially("@a")
    page.get_by_role("listbox", name="Colleagues").get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")


def _stuck(page: Page, day: Day) -> None:
    may = Permission.objects.get(codename="decide_held_messages")
    User.objects.get(username="ada").user_permissions.add(may)
    long_ago = timezone.now() - timedelta(hours=1)
    Gate.objects.create(queue="orders", subscriber="billing", key="A1", head_identity=b"", closed_at=long_ago)
    page.goto("/queues/")
    page.get_by_text("Release", exact=True).first.click()


def _keys(page: Page, day: Day) -> None:
    page.goto("/queues/")
    page.keyboard.press("?")


def _groups_selected(page: Page, day: Day) -> None:
    page.goto("/groups/")
    page.get_by_label(re.compile("^Select ")).first.check()
    page.keyboard.press("s")


def _group_at_work(page: Page, day: Day) -> None:
    """Snoozed, merged, noted, discussed."""
    ada = User.objects.get(username="ada")
    group, other = Group.objects.filter(merged_into=None).order_by("id")[:2]
    snooze(ada, [group], more=5)
    merge(ada, [other], into=group)
    comment(ada, Subject(group=group.pk), "The feed of desk 7 sends units.")
    link(ada, Subject(group=group.pk), "https://tickets.example/OPS-7")
    Group.objects.filter(pk=group.pk).update(note="The feed of desk 7")
    page.goto(f"/groups/{group.pk}/")
    page.get_by_text("Edit the note").click()


def _refused(page: Page, day: Day) -> None:
    """A note that somebody else changed meanwhile."""
    page.goto(f"/groups/{letter(day).group_id}/")
    page.get_by_text("Add a note about this cause").click()
    page.get_by_role("textbox", name="Note").fill("The feed of desk 9")
    Group.objects.update(note="The feed of desk 8")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Somebody else changed the note").wait_for()


def _view(page: Page, day: Day) -> None:
    owner = User.objects.get(username="ada")
    view, _ = SavedView.objects.get_or_create(owner=owner, page="messages", name="What waits")
    page.goto(f"/messages/?q=status:parked&view={view.pk}")
    page.get_by_text("This view").click()
    # The menu lies over the list. What sticks out from under it would be taken for all there is of a target.
    page.locator(".with-facets").evaluate("list => { list.inert = true; }")


BUSY: dict[str, Place] = {
    "overview": "/",
    "groups": "/groups/",
    "a group": lambda page, day: page.goto(f"/groups/{letter(day).group_id}/"),
    "a group that people work on": _group_at_work,
    "a note that was refused": _refused,
    "groups, selected": _groups_selected,
    "groups, none that match": "/groups/?text=nowhere",
    "messages": "/messages/",
    "messages, while a search is typed": _offered,
    "messages, one looked at": lambda page, day: page.goto(f"/messages/?selected={letter(day).id}"),
    "messages, asked before a discard": _asked,
    "messages, none that match": "/messages/?q=queue:nowhere",
    "messages, of a search that cannot be read": "/messages/?q=status:parked+age:soon",
    "a message that is parked": _message(State.PARKED),
    "a message that is resolved": _message(State.RESOLVED),
    "a message that is sent": _message(State.REQUEUED),
    "a message that was edited": lambda page, day: page.goto(f"/messages/{_edited(day).id}/"),
    "a message in JSON": _parked(b'{"lines": [{"symbol": "AAPL", "shares": "8756 SHARES"}], "urgent": null}'),
    "a message in XML": _parked(b"<order><lines><line n='1'>AAPL</line></lines></order>"),
    "two revisions compared": _compared,
    "an edit": _message(State.PARKED, "edit/"),
    "an edit in fields": _parked(
        b'{"shares": "8756 SHARES", "urgent": true, "lines": [{"symbol": "AAPL"}]}', "edit/?as=fields"
    ),
    "an edit of columns in fields": _parked(b"account;shares\nA1;8756 SHARES\n", "edit/?as=fields"),
    "asked before a requeue": _sure("requeue"),
    "asked before a discard": _sure("discard"),
    "asked before many are given to somebody": "/operations/new/?kind=assign&scope=matching&q=",
    "a bulk edit": _previewed,
    "an import": _imported,
    "asked for a file": "/imports/new/",
    "a comment that names somebody": _named,
    "operations": _operation("/operations/"),
    "an operation": _operation("/operations/{}/"),
    "messages, of a view that was changed": _view,
    "settings": "/settings/",
    "notifications": "/notifications/",
    "queues": "/queues/",
    "a key that waits for what never came": _stuck,
    "a message for which a rule suggests a repair": _suggested,
    "rules": _rule("/rules/"),
    "a rule": _rule("/rules/{rule}/"),
    "a new rule": "/rules/new/",
    "a change of a rule": _rule("/rules/{rule}/edit/"),
    "a dry run": _rule("/dry-runs/{run}/"),
    "message types": _rule("/message-types/"),
    "a message type": _rule("/message-types/{kind}/"),
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
    "operations": "/operations/",
    "queues": "/queues/",
    "rules": "/rules/",
    "message types": "/message-types/",
    "settings": "/settings/",
}
"""Before any consumer was heard of."""

OUTSIDE: dict[str, Place] = {"sign-in": "/sign-in/"}
"""Looked at by somebody who is not signed in."""
