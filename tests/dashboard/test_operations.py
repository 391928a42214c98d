"""What people order for many messages at once, see of it, and do with it."""

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from dashboard.kinds import FORMS
from dashboard.queries import operations as queries
from tests.dashboard import office
from tests.dashboard.downloads import downloaded
from tests.dashboard.test_acts import said, seen, states
from workflow_processor.models import (
    AuditEntry,
    DeadLetter,
    Event,
    Notification,
    Operation,
    OperationItem,
    OutcomeCount,
    State,
)
from workflow_processor.operations import outcomes, work
from workflow_processor.operations.kinds import KINDS

pytestmark = pytest.mark.django_db


def parked(number: int, **told: Any) -> list[DeadLetter]:
    return office.park(*(office.failed(f"{n}".encode(), **told) for n in range(number)))


def fields(page: str) -> dict[str, str]:
    """What a form of the page sends unseen."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def order(clerk: Client, kind: str = "requeue", query: str = "status:parked", **more: object) -> Any:
    """Asks, confirms, and gives the answer."""
    page = clerk.get("/operations/new/", {"kind": kind, "scope": "matching", "q": query}).content.decode()
    return clerk.post("/operations/", fields(page) | more, follow=True)


def test_all_that_match_become_an_operation_and_nothing_else(clerk: Client) -> None:
    letters = parked(8)
    other = office.parked(queue="orders")
    listed = clerk.get("/messages/?q=queue:trades+status:parked").content.decode()
    [url] = re.findall(r'data-matching="(/operations/new/\?kind=requeue[^"]*)"', listed)
    asked = clerk.get(url.replace("&amp;", "&")).content.decode()
    assert "Requeue 8 messages?" in asked
    assert "<code>queue:trades status:parked</code>" in asked
    late = office.parked()
    answer = clerk.post("/operations/", fields(asked) | {"reason": "upstream is mended"}, follow=True)
    operation = Operation.objects.get()
    assert answer.redirect_chain == [(f"/operations/{operation.pk}/", 302)]
    assert (operation.query, operation.total) == ("queue:trades status:parked", 8)
    work.carry_on()
    assert set(states(*letters)) == {State.REQUEUED}
    assert states(other, late) == [State.PARKED, State.PARKED]
    assert "8 of 8" in clerk.get(f"/operations/{operation.pk}/").content.decode()


def test_the_question_names_query_count_sample_and_what_is_left_alone(clerk: Client) -> None:
    letter = office.parked(text="no symbol 'APPL'")
    office.discarded(office.parked(text="no symbol 'APPL'"))
    question = {"kind": "discard", "scope": "matching", "q": f"group:{letter.group_id}", "next": "/groups/"}
    page = clerk.get("/operations/new/", question).content.decode()
    assert f"<code>group:{letter.group_id}</code>" in page
    assert "Discard 1 message?" in page
    assert "<b>2</b>, of which <b>1</b> can be discarded; the rest are left alone" in page
    assert "no symbol &#x27;APPL&#x27;" in page
    assert 'href="/groups/"' in page


def test_ticked_messages_are_taken_as_they_were_seen(clerk: Client) -> None:
    """Without a script: list, tick, question, operation; links and forms alone."""
    letter, stale = parked(2)
    listed = clerk.get("/messages/").content.decode()
    assert 'name="kind" value="discard" formaction="/operations/new/" formmethod="get"' in listed
    question = {"kind": "discard", "ids": seen(letter, stale), "next": "/messages/"}
    page = clerk.get("/operations/new/", question).content.decode()
    DeadLetter.objects.filter(id=stale.id).update(version=stale.version + 1)
    ids = re.findall(r'name="ids" value="([^"]*)"', page)
    clerk.post("/operations/", fields(page) | {"ids": ids, "reason": "A test order."})
    work.carry_on()
    assert states(letter, stale) == [State.DISCARDED, State.PARKED]


def test_rate_trial_and_reason_are_kept(clerk: Client) -> None:
    parked(3)
    order(clerk, rate="20", trial="2", reason=" mended\0 ")
    operation = Operation.objects.get()
    assert (operation.rate, operation.trial, operation.reason) == (20, 2, "mended")
    work.carry_on()
    page = clerk.get(f"/operations/{operation.pk}/").content.decode()
    assert "Continue with the rest" in page
    assert "at most 20 per second" in page
    assert "Check the results" in page


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "requeue", "ids": "x"},
        {"kind": "requeue", "ids": f"{uuid4()}"},
        {"kind": "requeue", "scope": "matching", "q": "stauts:parked", "until": str(uuid4())},
        {"kind": "requeue", "scope": "matching", "q": "", "until": ""},
        {"kind": "requeue", "scope": "matching", "q": "", "until": str(uuid4()), "rate": "-1"},
        {"kind": "requeue", "scope": "matching", "q": "", "until": str(uuid4()), "trial": "9" * 20},
        {"kind": "explode"},
        {},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(clerk: Client, form: dict[str, str]) -> None:
    assert clerk.post("/operations/", form).status_code == 400
    assert not Operation.objects.exists()


def test_what_cannot_be_begun_says_why(clerk: Client) -> None:
    office.processed(office.parked())
    assert said(order(clerk, query="")) == ["Nothing was started. No message can have this done to it."]
    assert not Operation.objects.exists()


def test_a_discard_without_a_reason_is_asked_about_again_and_nothing_that_was_typed_is_lost(
    clerk: Client,
) -> None:
    parked(3)
    answer = order(clerk, "discard", rate="20", trial="2", reason="  ", held="discard")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A discard needs a reason." in page
    assert 'value="20"' in page
    assert 'value="2"' in page
    assert fields(page)["q"] == "status:parked"
    assert not Operation.objects.exists()


def test_an_operation_is_called_the_same_wherever_it_is_told_of(clerk: Client) -> None:
    letter = office.parked()
    order(clerk, "requeue", f"group:{letter.group_id}")
    Operation.objects.update(kind="apply rule")
    for page in ("/operations/", f"/groups/{letter.group_id}/", f"/operations/{Operation.objects.get().pk}/"):
        assert "Repair 1" in clerk.get(page).content.decode()


@pytest.mark.parametrize("page", ["", "outcomes.csv"])
def test_an_outcome_that_there_is_not_is_refused(clerk: Client, page: str) -> None:
    parked(1)
    order(clerk)
    address = f"/operations/{Operation.objects.get().pk}/{page}"
    assert clerk.get(f"{address}?outcome=came%20back").status_code == 200
    for outcome in ("%00", "exploded"):
        assert clerk.get(f"{address}?outcome={outcome}").status_code == 400


def test_of_nothing_that_is_ticked_nothing_is_asked(clerk: Client) -> None:
    parked(2)
    answer = clerk.post("/operations/new/", {"kind": "assign", "q": "", "next": "/messages/"}, follow=True)
    assert said(answer) == ["Nothing was selected."]
    assert answer.redirect_chain == [("/messages/", 302)]


def test_it_is_paused_resumed_and_cancelled_from_its_page(clerk: Client) -> None:
    parked(2)
    order(clerk)
    url = f"/operations/{Operation.objects.get().pk}/"
    assert said(clerk.post(f"{url}pauses/", follow=True))[-1].endswith("paused.")
    assert said(clerk.post(f"{url}pauses/", follow=True))[-1].endswith("this is its current state.")
    assert said(clerk.post(f"{url}resumptions/", follow=True))[-1].endswith("resumed.")
    assert said(clerk.post(f"{url}cancellations/", follow=True))[-1].endswith("cancelled.")
    work.carry_on()
    assert set(DeadLetter.objects.values_list("state", flat=True)) == {State.PARKED}
    page = clerk.get("/audit/").content.decode()
    assert f'<a href="{url}">Operation' in page
    assert "Cancel operation" in page


def test_it_is_undone_while_it_is_in_the_outbox(clerk: Client, settings: Settings) -> None:
    settings.UNDO_SECONDS = 60
    parked(3)
    answer = order(clerk)
    operation = Operation.objects.get()
    url = f"/operations/{operation.pk}/undos/"
    assert f'action="{url}"' in answer.content.decode()
    work.carry_on()
    answer = clerk.post(url, follow=True)
    assert said(answer)[-1] == "3 taken back before they were sent. The rest of it is cancelled."
    assert set(DeadLetter.objects.values_list("state", flat=True)) == {State.PARKED}


def test_its_failures_are_shown_alone_and_tried_again(clerk: Client) -> None:
    good, bad = parked(2)
    order(clerk)
    work.carry_on()
    operation = Operation.objects.get()
    office.processed(office.fresh([good])[0])
    office.came_back(office.fresh([bad])[0])
    outcomes.look(operation.pk)
    page = clerk.get(f"/operations/{operation.pk}/?outcome=came+back")
    assert [item.letter.id for item in page.context["items"]] == [bad.id]
    assert "Retry the 1 failure" in page.content.decode()
    answer = clerk.post(f"/operations/{operation.pk}/retries/", follow=True)
    retry = Operation.objects.latest("pk")
    assert answer.redirect_chain == [(f"/operations/{retry.pk}/", 302)]
    assert f"operation {operation.pk}</a>" in answer.content.decode()
    work.carry_on()
    assert states(bad) == [State.REQUEUED]
    answer = clerk.post(f"/operations/{operation.pk}/retries/", follow=True)
    assert said(answer)[-1].startswith("Nothing was started")


def test_what_was_processed_and_came_back_later_says_so(ada: User, clerk: Client) -> None:
    settled, returned = parked(2)
    order(clerk)
    work.carry_on()
    operation = Operation.objects.get()
    for letter in office.fresh([settled, returned]):
        office.processed(letter)
    outcomes.look(operation.pk)
    office.came_back(office.fresh([returned])[0])
    outcomes.look(operation.pk)
    url = f"/operations/{operation.pk}/"
    rows = exported(ada, f"{url}outcomes.csv")
    assert [(row["outcome"], row["why"]) for row in rows] == [
        ("processed", ""),
        ("processed", "It failed again after that."),
    ]
    assert clerk.get(url).content.decode().count("It failed again after that.") == 1


def test_its_messages_are_paged_in_their_order(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = parked(7)
    order(clerk)
    pk = Operation.objects.get().pk
    first = queries.items(pk, size=3)
    second = queries.items(pk, after=first.after or 0, size=3)
    third = queries.items(pk, after=second.after or 0, size=3)
    shown = [item.letter for page in (first, second, third) for item in page.items]
    assert shown == letters
    assert (first.before, third.after) == (None, None)
    assert queries.items(pk, before=second.before, size=3).items == first.items


def test_the_list_is_paged_and_shows_those_under_way_alone(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.views.operations.SIZE", 2)
    parked(1)
    for _ in range(3):
        order(clerk)
    work.carry_on()
    office.parked()
    order(clerk)
    latest = Operation.objects.latest("pk").pk
    page = clerk.get("/operations/")
    assert [one.record.pk for one in page.context["operations"]] == [latest, latest - 1]
    older = clerk.get(page.context["older_url"])
    assert [one.record.pk for one in older.context["operations"]] == [latest - 2, latest - 3]
    running = clerk.get("/operations/?show=running")
    assert [one.record.pk for one in running.context["operations"]] == [latest]


def test_outcomes_are_exported_as_text_that_no_spreadsheet_runs(ada: User, clerk: Client) -> None:
    parked(2, error_type="=HYPERLINK(1)", message_id=None)
    stale = office.parked(error_type="-2+3", queue="@SUM")
    order(clerk)
    DeadLetter.objects.filter(id=stale.id).update(version=9)
    work.carry_on()
    rows = exported(ada, f"/operations/{Operation.objects.get().pk}/outcomes.csv")
    assert [row["error"] for row in rows] == ["'=HYPERLINK(1)", "'=HYPERLINK(1)", "'-2+3"]
    assert [row["outcome"] for row in rows] == ["outbox", "outbox", "skipped"]
    assert rows[2]["queue"] == "'@SUM"
    assert rows[2]["why"] == "It changed after it was selected: it is parked now."
    assert [row["dead letter"] for row in rows][2] == str(stale.id)
    one = exported(ada, f"/operations/{Operation.objects.get().pk}/outcomes.csv?outcome=skipped")
    assert [row["dead letter"] for row in one] == [str(stale.id)]


def exported(person: User, url: str) -> list[dict[str, str]]:
    """The rows of a file of comma-separated values."""
    return list(csv.DictReader(StringIO(downloaded(person, url, "text/csv").decode())))


@pytest.mark.parametrize("act", ["pauses", "resumptions", "cancellations", "undos", "retries"])
def test_somebody_without_the_permission_changes_no_operation(clerk: Client, act: str) -> None:
    office.parked()
    order(clerk)
    operation = Operation.objects.get()
    grace = office.browser(office.person("grace", "view", "discard"))
    page = grace.get(f"/operations/{operation.pk}/").content.decode()
    assert "/pauses/" not in page
    assert grace.post(f"/operations/{operation.pk}/{act}/").status_code == 403
    assert Operation.objects.get().state == "planned"
    assert AuditEntry.objects.count() == 1


def test_an_order_without_the_permission_is_refused(ada: User) -> None:
    office.parked()
    assert order(office.browser(office.person("grace", "view"))).status_code == 403
    assert not OperationItem.objects.exists()


def test_all_that_match_are_given_to_somebody_who_is_told_once(clerk: Client) -> None:
    grace = office.person("grace")
    mine, other, stale = parked(3)
    DeadLetter.objects.filter(id=mine.id).update(assignee=grace)
    asked = clerk.get("/operations/new/?kind=assign&scope=matching&q=").content.decode()
    assert "<option>grace</option>" in asked
    clerk.post("/operations/", fields(asked) | {"to": "grace", "reason": "she knows them"})
    DeadLetter.objects.filter(id=stale.id).update(version=9)
    work.carry_on()
    operation = Operation.objects.get()
    outcome = dict(operation.items.values_list("dead_letter", "outcome"))
    assert outcome == {mine.id: "done", other.id: "done", stale.id: "skipped"}
    assert [one.assignee for one in office.fresh([mine, other, stale])] == [grace, grace, None]
    told = Event.objects.get(kind="assigned")
    assert (told.dead_letter_id, told.actor) == (other.id, "ada")
    assert told.text == f"To grace. Operation {operation.pk}: she knows them"
    assert Notification.objects.get().text == "3 messages"
    assert "nobody has no active account with access" in order(clerk, "assign", to="nobody").content.decode()


def test_pace_and_time_left_are_those_since_it_was_resumed(ada: User) -> None:
    parked(1)
    order(office.browser(ada))
    since = timezone.now() - timedelta(seconds=10)
    Operation.objects.update(state="running", total=1_000, running_since=since, handled_before=500)
    OutcomeCount.objects.update(number=400)
    [progress] = queries.with_figures(Operation.objects.all())
    assert progress.handled == 600
    assert progress.pace == pytest.approx(10, rel=0.2)
    assert progress.seconds_left == pytest.approx(40, rel=0.2)
    Operation.objects.update(state="paused", running_since=None)
    [progress] = queries.with_figures(Operation.objects.all())
    assert (progress.pace, progress.seconds_left) == (None, None)


def test_an_operations_messages_are_read_by_an_index_however_many_there_are(ada: User) -> None:
    its = {"person": ada, "runs_for": ada, "kind": "requeue", "selection": "query"}
    Operation.objects.create(pk=7, reached=7_500, **its)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO operation_item (id, operation_id, dead_letter, version, outcome, why)
            SELECT n, n / 1000, gen_random_uuid(), 1, (ARRAY['pending', 'sent', 'processed'])[1 + n % 3], ''
            FROM generate_series(1, 20000) AS n
            """
        )
        cursor.execute("ANALYZE operation_item")
        with CaptureQueriesContext(connection) as asked:
            queries.items(7)
            queries.items(7, "processed", after=7_100)
            outbox = queries.items(7, "outbox")
            pending = queries.items(7, "pending")
            queries.items(7, "came back", before=7_900)
        for one in asked.captured_queries:
            if "operation_item" in one["sql"]:
                cursor.execute(f"EXPLAIN {one['sql']}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "operation_item_in_order" in plan or "operation_item_by_outcome" in plan, plan
                assert "Seq Scan" not in plan
                assert "Sort" not in plan
    assert {item.outcome for item in outbox.items} == {"outbox"}
    assert {item.outcome for item in pending.items} == {"pending"}
    assert max(item.record.pk for item in outbox.items) <= 7_500 < min(i.record.pk for i in pending.items)


def test_every_kind_has_a_form_and_is_named_by_it() -> None:
    assert FORMS.keys() == KINDS.keys()
    assert all(form.kind is KINDS[name] for name, form in FORMS.items())
