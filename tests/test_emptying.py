"""Tests never wait unseen for somebody who keeps the database from being emptied."""

import psycopg
import pytest

from tests import emptying


def test_whoever_is_in_the_way_is_named(office_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptying, "PATIENCE", "100ms")
    with psycopg.connect(office_database, application_name="in the way") as other:
        other.execute("SELECT * FROM dead_letter")
        with pytest.raises(AssertionError, match=r"idle in transaction.*in the way.*dead_letter"):
            emptying.make_way()
    emptying.make_way()
