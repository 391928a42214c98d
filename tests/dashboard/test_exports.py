"""Messages taken away as a file, and brought back corrected: every byte is kept that nobody changed."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.queries import exports
from tests.dashboard import office
from tests.dashboard.downloads import downloaded
from workflow_processor.models import (
    AuditEntry,
    DeadLetter,
    Event,
    ImportedBody,
    ImportFile,
    Operation,
    OperationItem,
    State,
)
from workflow_processor.operations import acts as operations
from workflow_processor.operations import files, outcomes, work
from workflow_processor.operations.kinds import from_file

pytestmark = pytest.mark.django_db
BODIES = [
    b"",
    b"A1,BUY\r\n",
    '{"a": "ü\u2028", "n": 1.10}'.encode(),
    b"\xff\x00\xfe",
    b"nul \x00 within",
    b"\xef\xbb\xbfBOM",
]


def lines(person: User, query: str = "") -> list[dict[str, Any]]:
    """The messages that a query finds, exported as JSON Lines."""
    text = downloaded(person, f"/messages/export.jsonl?q={query}", "application/jsonl").decode()
    return [json.loads(line) for line in text.split("\n") if line]


def brought(clerk: Client, *told: dict[str, Any] | bytes) -> Any:
    """The page of a file with these lines."""
    text = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in told)
    file = BytesIO(text)
    file.name = "corrected.jsonl"
    return clerk.post("/imports/", {"file": file}, follow=True)


def confirm(clerk: Client, page: Any, **more: str) -> Any:
    return clerk.post(f"/imports/{page.context['file'].pk}/confirmations/", more, follow=True)


def body(letter: DeadLetter) -> bytes:
    [now] = office.fresh([letter])
    return bytes(now.revisions.get(number=now.revision).body)


def test_every_body_is_exported_and_comes_back_byte_for_byte(
    ada: User, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PORTION", 2)
    letters = office.park(*(office.failed(one) for one in BODIES))
    told = lines(ada)
    assert [one["id"] for one in told] == [str(letter.id) for letter in reversed(letters)]
    assert "body_base64" in told[2]
    assert told[5]["headers"]["desk"] == "7"
    page = brought(clerk, *told)
    assert page.context["standing"] == (0, len(BODIES), 0, 0)
    assert "Change 0 messages?" in page.content.decode()


def test_a_sheet_holds_what_a_search_finds_as_text_that_no_spreadsheet_runs(ada: User) -> None:
    office.parked(b"=1+1,BUY", error_type="@SUM(A1)", key="+4")
    office.parked(queue="orders")
    sheet = downloaded(ada, "/messages/export.csv?q=queue:trades", "text/csv").decode()
    [row] = csv.DictReader(StringIO(sheet))
    assert (row["error"], row["key"], row["beginning of the body"]) == ("'@SUM(A1)", "'+4", "'=1+1,BUY")
    assert (row["status"], row["queue"], row["bytes"]) == ("parked", "trades", "8")


def test_it_is_on_record_who_took_which_messages_out_and_not_what_they_said(ada: User, clerk: Client) -> None:
    office.parked(b"secret")
    lines(ada, "queue:trades")
    downloaded(ada, "/messages/export.csv", "text/csv")
    entries = AuditEntry.objects.order_by("id")
    assert [(one.person, one.act, one.dead_letters, one.after) for one in entries] == [
        (ada, "export", [], {"query": "queue:trades", "format": "JSON Lines"}),
        (ada, "export", [], {"query": "", "format": "CSV"}),
    ]
    page = clerk.get("/audit/").content.decode()
    assert '<a href="/messages/?q=queue%3Atrades">queue:trades</a>' in page
    assert '<a href="/messages/">Every message</a>' in page
    assert "JSON Lines" in clerk.get(f"/audit/{entries[0].pk}/").content.decode()


def test_a_search_that_cannot_be_read_is_not_exported(clerk: Client) -> None:
    assert clerk.get("/messages/export.csv?q=stauts:parked").status_code == 400


def test_a_corrected_file_is_shown_first_and_then_made_revisions(ada: User, clerk: Client) -> None:
    letters = office.park(*(office.failed(b"8756 SHARES") for _ in range(3)))
    told = lines(ada)
    corrected = [one | {"body": "8756"} for one in told[:2]]
    page = brought(clerk, *corrected, told[2])
    text = page.content.decode()
    assert "Change 2 messages?" in text
    assert "<del> SHARES</del>" in text
    assert {body(letter) for letter in letters} == {b"8756 SHARES"}, "nothing has happened yet"
    confirm(clerk, page, reason="the unit slipped in")
    work.carry_on()
    assert [body(letter) for letter in letters] == [b"8756 SHARES", b"8756", b"8756"]
    [now] = office.fresh(letters[2:])
    assert (now.state, now.revision) == (State.PARKED, 1)
    assert now.revisions.get(number=1).properties == now.revisions.get(number=0).properties
    event = Event.objects.get(dead_letter=now, kind="edited")
    assert (event.actor, event.text) == (
        "ada",
        f"Operation {Operation.objects.get().pk}: the unit slipped in",
    )


def test_what_changed_after_it_was_exported_is_not_overwritten(ada: User, clerk: Client) -> None:
    early, late, gone = office.park(*(office.failed(b"8756 SHARES") for _ in range(3)))
    corrected = [one | {"body": "8756"} for one in lines(ada)]
    DeadLetter.objects.filter(id=early.id).update(version=early.version + 1)
    page = brought(clerk, *corrected, {"id": str(uuid4()), "version": 1, "body": "nobody's"})
    assert page.context["standing"] == (2, 0, 1, 1)
    office.discarded(gone)
    DeadLetter.objects.filter(id=late.id).update(version=late.version + 1)
    assert "no longer changes anything" in confirm(clerk, page).content.decode()
    DeadLetter.objects.filter(id=late.id).update(version=late.version)
    confirm(clerk, page, send="on")
    DeadLetter.objects.filter(id=late.id).update(version=late.version + 1)
    work.carry_on()
    assert OperationItem.objects.get().outcome == "skipped"
    assert {body(letter) for letter in (early, late, gone)} == {b"8756 SHARES"}


def test_what_came_back_is_imported_again_unless_somebody_changed_it_since(ada: User, clerk: Client) -> None:
    letters = office.park(*(office.failed(b"8756 SHARES") for _ in range(3)))
    page = brought(clerk, *(one | {"body": "8756"} for one in lines(ada)))
    confirm(clerk, page, send="on")
    work.carry_on()
    back, changed, _ = [office.came_back(letter) for letter in office.let_go(*letters)]
    office.edited(changed, b"mended")
    gone = Operation.objects.get()
    outcomes.look(gone.pk)
    retry = operations.retry(ada, gone.pk)
    assert retry.total == 2
    office.edited(office.fresh([back])[0], b"mended while it was to be imported again")
    work.carry_on()
    assert [body(letter) for letter in letters] == [
        b"mended while it was to be imported again",
        b"mended",
        b"8756",
    ]


def test_a_file_that_was_forgotten_is_not_imported_again(ada: User, clerk: Client) -> None:
    letter = office.parked(b"8756 SHARES")
    page = brought(clerk, *(one | {"body": "8756"} for one in lines(ada)))
    confirm(clerk, page, send="on")
    work.carry_on()
    office.came_back(office.let_go(letter)[0])
    operation = Operation.objects.get()
    outcomes.look(operation.pk)
    retry = operations.retry(ada, operation.pk)
    ImportedBody.objects.all().delete()
    work.carry_on()
    assert [(item.outcome, item.why) for item in retry.items.all()] == [("failed", from_file.FORGOTTEN)]
    ImportFile.objects.all().delete()
    answer = clerk.post(f"/operations/{operation.pk}/retries/", follow=True)
    assert "The file is no longer kept" in answer.content.decode()
    assert Operation.objects.count() == 2


def test_lines_that_cannot_be_used_are_told_with_their_numbers(ada: User, clerk: Client) -> None:
    letter = office.parked()
    good = {"id": str(letter.id), "version": letter.version, "body": "new"}
    page = brought(
        clerk,
        good,
        b"",
        b"{",
        b"[1]",
        {**good, "id": "x"},
        {"id": str(letter.id), "body": "no version"},
        {**good, "body": 7},
        {**good, "body_base64": ""},
        {"id": str(uuid4()), "version": 1, "body_base64": "%"},
        good,
        b'{"id": "%b", "version": 1, "body": "\\ud800"}' % str(uuid4()).encode(),
    )
    file = ImportFile.objects.get()
    assert [line for line, _ in file.problems] == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert (file.lines, file.unreadable) == (10, 9)
    assert page.context["standing"] == (1, 0, 0, 0)
    assert "An earlier line is for the same dead letter." in page.content.decode()


def test_a_line_that_is_too_long_is_passed_over_and_the_rest_is_used(
    ada: User, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = office.parked()
    good = {"id": str(letter.id), "version": letter.version, "body": "new"}
    monkeypatch.setattr(files, "LONGEST", 100)
    page = brought(clerk, {**good, "body": "x" * 500}, b"", good)
    file = ImportFile.objects.get()
    assert ([line for line, _ in file.problems], file.lines) == ([1], 2)
    assert "It is longer than" in file.problems[0][1]
    assert page.context["standing"] == (1, 0, 0, 0)


def test_importing_takes_the_permission_to_edit_and_a_file(ada: User, clerk: Client) -> None:
    letter = office.parked()
    grace = office.browser(office.person("grace", "view"))
    assert grace.get("/imports/new/").status_code == 403
    assert brought(grace, {"id": str(letter.id), "version": letter.version, "body": "x"}).status_code == 403
    assert not ImportFile.objects.exists()
    assert "choose a file" in clerk.post("/imports/", follow=True).content.decode()
    order = {"kind": "import", "ids": f"{letter.id}:{letter.version}"}
    assert clerk.post("/operations/", order).status_code == 400


def test_files_of_long_ago_are_forgotten_unless_an_operation_needs_them(ada: User, clerk: Client) -> None:
    office.parked(b"old")
    page = brought(clerk, *(one | {"body": "new"} for one in lines(ada)))
    brought(clerk, b"{}")
    confirm(clerk, page)
    ImportFile.objects.update(created_at="2020-01-01T00:00:00Z")
    files.forget()
    assert ImportFile.objects.get() == page.context["file"]
    work.carry_on()
    files.forget()
    assert not ImportFile.objects.exists()
