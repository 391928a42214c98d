"""What messages are searched by: made once the intake has acknowledged them, never of another revision."""

import json
from contextlib import suppress

import pytest
from django.db import connection, transaction

from consumers.message import Message
from consumers.properties import Headers
from tests.workflow_processor.letters import behind, failed, in_threads, letters, message, take_in
from workflow_processor import lifecycle
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, Searchable, SearchDue
from workflow_processor.repair import pipeline
from workflow_processor.revisions import NewRevision
from workflow_processor.search import due, indexing
from workflow_processor.search.projection import LIMIT, project
from workflow_processor.tasks import make_searchable
from workflow_processor.transition import Actor

pytestmark = pytest.mark.django_db


def indexed(body: bytes, headers: Headers | None = None) -> Searchable:
    [id] = take_in(failed(body, headers=headers))
    make_searchable()
    return Searchable.objects.get(dead_letter=id)


def test_what_comes_in_is_due_and_then_searchable() -> None:
    ids = take_in(failed(b'{"account": "A1"}'), failed(b"A1,BUY"), failed(b"\xff\xfe\0"))
    assert behind() == 3
    make_searchable()
    assert behind() == 0
    json_body, columns, binary = (Searchable.objects.get(dead_letter=id) for id in ids)
    assert (json_body.body, json_body.headers) == ({"account": "A1"}, {"desk": "7"})
    assert columns.body == {"1": "A1", "2": "BUY"}
    assert (binary.body, binary.body_text) == (None, "\ufffd\ufffd\ufffd")
    assert columns.error_text == "not a number"


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"a": NaN}',
        b"[" * 5_000 + b"]" * 5_000,
        b'{"a": 1e999999}',
        b'{"a": 0.' + b"1" * 17_000 + b"}",
        b'{"a": "' + b"x" * LIMIT + b'"}',
        b'{"a": 1',
    ],
)
def test_what_the_database_takes_for_no_json_is_searched_as_text(body: bytes) -> None:
    found = indexed(body)
    assert found.body is None or json.dumps(found.body)
    assert found.body_text.startswith(body[:20].decode())


def test_json_that_hides_letters_behind_escapes_is_found_by_what_it_says() -> None:
    assert "Köln" in indexed(b'{"city": "K\\u00f6ln"}').body_text
    assert indexed(b'{"a": "\\\\u0000"}').body == {"a": "\\u0000"}


def test_a_large_body_is_searched_by_its_beginning() -> None:
    assert len(project(Message(b"x" * (LIMIT + 1), message().properties)).text) == LIMIT


def test_of_a_large_message_no_more_than_what_is_searched_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Message] = []

    def reading(given: Message) -> object:
        read.append(given)
        return project(given)

    monkeypatch.setattr(indexing, "project", reading)
    columns = b"A1," + b"x" * LIMIT
    found = indexed(columns + columns, headers={"desk": "x" * LIMIT})
    assert [(len(one.body), len(one.properties.raw)) for one in read] == [(LIMIT + 1, LIMIT + 1)]
    assert (found.body_text, found.body, found.headers) == (columns[:LIMIT].decode(), None, None)


def test_a_new_revision_or_failure_is_due_again_and_what_was_known_holds_no_longer() -> None:
    [id] = take_in(failed(b"A1"))
    pipeline.repair([id], [])
    make_searchable()
    [letter] = letters([id])
    made = NewRevision(letter.revisions.get().message().with_body(b"A2"), "trades", "a test")
    lifecycle.edit([Seen(id, letter.version)], [made], Actor("clerk"))
    assert behind() == 1
    assert Searchable.objects.get().revision != DeadLetter.objects.get().revision
    make_searchable()
    assert (Searchable.objects.get().body_text, Searchable.objects.get().revision) == ("A2", 1)


def test_one_that_goes_on_while_it_is_made_searchable_stays_due(monkeypatch: pytest.MonkeyPatch) -> None:
    [id] = take_in(failed(b"A1"))

    def meanwhile(given: Message) -> object:
        DeadLetter.objects.update(revision=1)
        return project(given)

    monkeypatch.setattr(indexing, "project", meanwhile)
    indexing.catch_up()
    assert not Searchable.objects.filter(dead_letter=id).exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_not_finished_is_still_due(monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(failed())
    monkeypatch.setattr(indexing, "project", lambda _: 1 / 0)
    with suppress(ZeroDivisionError):
        indexing.catch_up()
    assert behind() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_wait_for_each_other_and_miss_nothing() -> None:
    take_in(failed(), failed())
    with transaction.atomic():
        assert len(due.take(10)) == 2
        in_threads(lambda: indexing.catch_up())
        transaction.set_rollback(True)
    assert (behind(), Searchable.objects.count()) == (2, 0)
    in_threads(make_searchable, make_searchable)
    assert (SearchDue.objects.count(), Searchable.objects.count()) == (0, 2)
    connection.close()
