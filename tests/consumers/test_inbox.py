"""once(): the effect of a message happens once, however often it is delivered."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from consumers.fields import FieldProperties
from consumers.inbox import TABLE, once
from consumers.message import Message

Act = Callable[[Message], bool]


def message(id: str | None = "m-1", **headers: str) -> Message:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Message(b"1", FieldProperties.build(told, message_id=id))


@pytest.fixture(params=["psycopg", "Django"])
def act(request: pytest.FixtureRequest, office_database: str) -> Iterator[Act]:
    """A handler's transaction; tells whether the effect was to happen."""
    with psycopg.connect(office_database) as plain:
        if request.param == "psycopg":

            def act(message: Message) -> bool:
                with plain.transaction():
                    return once(plain, "billing", message)
        else:

            def act(message: Message) -> bool:
                with transaction.atomic():
                    return once(connection, "billing", message)

        yield act
    with psycopg.connect(office_database) as plain:
        plain.execute("TRUNCATE inbox")


def test_the_effect_of_a_message_happens_at_its_first_delivery_alone(act: Act) -> None:
    assert [act(message()), act(message()), act(message("m-2"))] == [True, False, True]


def test_a_requeue_does_not_repeat_an_effect_whatever_its_attempt(act: Act) -> None:
    dead_letter = "01a1fc70-2854-752c-801c-3c760f8e557a"
    assert act(message())
    assert not act(message(dlo_id=dead_letter, dlo_attempt="2"))


def test_a_message_without_an_id_is_known_by_its_dead_letter_and_never_by_its_bytes(act: Act) -> None:
    dead_letter = "01a1fc70-2854-752c-801c-3c760f8e557a"
    assert [act(message(None)), act(message(None))] == [True, True]
    assert [act(message(None, dlo_id=dead_letter)) for _ in range(2)] == [True, False]


def test_messages_of_an_empty_id_and_of_binary_ids_are_all_different(act: Act) -> None:
    binary = [Message(b"1", FieldProperties.of([(b"message-id", bytes((0, 200 + n)))])) for n in (1, 2)]
    assert [act(one) for one in (message(""), message(""), *binary, *binary)] == [True] * 4 + [False] * 2


def test_an_id_too_long_for_an_index_is_known_all_the_same(act: Act) -> None:
    one, other = (message(hex(7**20_000) + end) for end in ("1", "2"))
    assert [act(one), act(other), act(one), act(other)] == [True, True, False, False]


def test_an_effect_that_was_rolled_back_is_still_to_happen(office_database: str) -> None:
    def fail(plain: psycopg.Connection[Any]) -> None:
        with plain.transaction():
            assert once(plain, "shipping", message())
            raise LookupError

    with psycopg.connect(office_database) as plain:
        with pytest.raises(LookupError):
            fail(plain)
        with plain.transaction(force_rollback=True):
            assert once(plain, "shipping", message())


def test_of_two_deliveries_at_one_time_one_has_the_effect(office_database: str) -> None:
    def deliver(_: int) -> bool:
        with psycopg.connect(office_database) as plain, plain.transaction():
            return once(plain, "racing", message())

    with ThreadPoolExecutor(8) as crowd:
        assert sorted(crowd.map(deliver, range(8))) == [False] * 7 + [True]
    with psycopg.connect(office_database) as plain:
        plain.execute("TRUNCATE inbox")


def test_a_database_of_ones_own_gets_its_inbox_from_the_table_given(office_database: str) -> None:
    with psycopg.connect(office_database) as plain:
        plain.execute("CREATE SCHEMA own")
        plain.execute("SET LOCAL search_path = own")
        plain.execute(TABLE)
        assert once(plain, "billing", message())
        assert not once(plain, "billing", message())
        plain.rollback()
