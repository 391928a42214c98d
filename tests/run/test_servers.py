"""The embedded servers, as they are made at the first run."""

import secrets
from pathlib import Path

import psycopg
import pytest

from dashboard.one_machine import ports
from dashboard.one_machine.postgres import Postgres
from tests.servers import running


@pytest.fixture
def server(tmp_path: Path) -> Postgres:
    tmp_path.chmod(0o700)
    return Postgres(tmp_path / "postgresql", ports.free(), secrets.token_urlsafe())


def answer(server: Postgres) -> object:
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT lower('ÄÖ'), current_database()").fetchone()


def test_postgresql_starts_in_a_folder_that_is_closed_to_others(server: Postgres) -> None:
    with running(server, lambda: answer(server)):
        assert answer(server) == ("äö", "office")


def test_a_first_run_that_was_killed_half_way_starts_over(server: Postgres) -> None:
    draft = server.folder.with_suffix(".draft")
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18")
    with running(server, lambda: answer(server)):
        assert answer(server) == ("äö", "office")
