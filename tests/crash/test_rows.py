"""What the crash tests take for rest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.crash import rows
from tests.workflow_processor.test_ordering import Shop, shop, waits_as_requeue
from workflow_processor.models import DeadLetter, State

__all__ = ["shop"]
MENDED, LEFT = "id key 0 shaky mended", "id key 1 left broken"


@pytest.fixture
def database(office_database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(office_database, autocommit=True) as connection:
        yield connection


def requeue_held_behind(shop: Shop, head: str) -> DeadLetter:
    """One that came back and was requeued while its key waits for another."""
    shop.fails("ada", shop.message(head))
    letter = shop.fails("ada", shop.message(MENDED))
    waits_as_requeue(shop, letter, MENDED)
    DeadLetter.objects.filter(id=letter.id).update(possible_duplicate=True)
    letter.refresh_from_db()
    assert letter.state == State.REQUEUED
    return letter


def test_a_requeue_that_waits_for_one_whom_nobody_mends_is_at_rest_and_held(
    shop: Shop, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    letter = requeue_held_behind(shop, LEFT)
    assert rows.settled(database, [letter.message_id])
    found = rows.gather(database, [letter.message_id, "id"], tmp_path / "clerk")
    assert found.letters == [(letter.message_id, "held", True)]
    assert found.held == [("id", True)]


def test_a_requeue_that_waits_for_one_that_will_be_mended_is_in_work(
    shop: Shop, database: psycopg.Connection[Any]
) -> None:
    letter = requeue_held_behind(shop, "id key 1 clerk broken")
    assert not rows.settled(database, [letter.message_id])
