"""`manage.py up`: one command, every process of the office, and nothing left of them afterwards."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from dashboard.databases import redis as redis_url
from dashboard.one_machine import ports
from dashboard.one_machine.machine import VALKEY_DATABASES
from dashboard.one_machine.postgres import Postgres
from tests.run.offices import PATIENCE, Office, end, until
from tests.servers import UNSAFE, running, scratch

# Together, since they share an office.
pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("up")]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """One that is closed; its data are kept from test to test."""
    with scratch() as folder:
        yield Office(folder)


@pytest.fixture(scope="module")
def open_office() -> Iterator[Office]:
    with scratch() as folder:
        office = Office(folder)
        with office.running():
            yield office


def test_it_serves_the_sign_in_page_and_shows_how_to_sign_in(open_office: Office) -> None:
    status, page = open_office.page("/sign-in/")
    assert status == 200
    assert "<form" in page
    assert f"http://127.0.0.1:{open_office.port}/" in open_office.said()
    assert "User       admin" in open_office.said()


def test_a_command_in_another_terminal_works_on_the_office_that_runs(open_office: Office) -> None:
    told = open_office.command("add_person", "ada", "--role", "clerk", says="a long password of hers\n")
    assert told.stdout == "ada can sign in now, as clerk.\n", told.stderr
    assert "ada" in [name for name, _ in open_office.administrators()]
    assert open_office.command("check", DATABASE_URL="postgresql://elsewhere/office").returncode == 2


def test_a_command_with_no_office_that_runs_says_what_is_not_set(tmp_path: Path) -> None:
    told = Office(tmp_path).command("check")
    assert told.returncode == 2
    assert "DATABASE_URL is not set" in told.stderr


def test_a_second_one_on_the_same_folder_is_refused(open_office: Office) -> None:
    ended = open_office.run(PORT=str(ports.free()))
    assert ended.returncode == 1
    assert "The office is already running on" in ended.stdout


def test_a_taken_port_is_said_with_what_to_do(open_office: Office, tmp_path: Path) -> None:
    ended = open_office.run(DATA_DIR=str(tmp_path / "data"))
    assert ended.returncode == 1
    assert f"Port {open_office.port} is taken" in ended.stdout
    assert f"make run PORT={open_office.port + 1}" in ended.stdout


def test_a_wrong_setting_is_one_line_before_anything_starts(tmp_path: Path) -> None:
    ended = Office(tmp_path).run(UNDO_SECONDS="soon")
    assert ended.returncode == 2
    assert ended.stderr.startswith("UNDO_SECONDS has a wrong value. Expected: ")
    assert not (tmp_path / "data" / "postgresql").exists()


def test_its_servers_are_durable_and_ask_for_a_password(open_office: Office) -> None:
    database, broker = (open_office.setting(name) for name in ("DATABASE_URL", "BROKER_URL"))
    with psycopg.connect(database) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)
    with redis.Redis.from_url(redis_url(broker)) as client:
        assert client.config_get("append*")["appendonly"] == "yes"
        assert client.config_get("append*")["appendfsync"] == "always"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(database, password="guess")
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=urlsplit(broker).port or 0) as stranger:
        stranger.ping()


@pytest.mark.parametrize("part", ["bin/postgres -D", "valkey-server", "-m uvicorn"])
def test_what_is_killed_comes_back(open_office: Office, part: str) -> None:
    killed = open_office.process(part)
    os.kill(killed, signal.SIGKILL)
    until(lambda: any(part in line for line in open_office.others(killed).values()), open_office.said)
    until(lambda: open_office.answers("/sign-in/") and open_office.administrators(), open_office.said)


def test_servers_of_ones_own_that_come_late_are_waited_for_and_used(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with scratch() as folder:
        postgres = Postgres(folder / "postgres", ports.free(), "secret")
        own = {"DATABASE_URL": postgres.url} | {name: os.environ[name] for name in VALKEY_DATABASES}
        with office.started(**own, **UNSAFE) as process:
            until(lambda: "waiting awaited=database" in office.said(), office.said)
            with running(postgres, lambda: psycopg.connect(postgres.url).close()):
                office.wait_until_open(process)
                assert not any("valkey-server" in line for line in office.processes().values())
                assert [name for name, _ in office.administrators()] == ["admin"]
                assert end(process, signal.SIGTERM) == 0


def test_a_password_that_is_refused_is_said_with_what_to_look_at(tmp_path: Path) -> None:
    office, address = Office(tmp_path), urlsplit(os.environ["DATABASE_URL"])
    wrong = address._replace(netloc=f"{address.username}:guess@{address.hostname}:{address.port}").geturl()
    own = {"DATABASE_URL": wrong} | {name: os.environ[name] for name in VALKEY_DATABASES}
    with office.started(**own, **UNSAFE):
        until(lambda: "waiting awaited=database" in office.said(), office.said)
    assert "password authentication failed" in office.said()
    assert "are user, password and database in DATABASE_URL right?" in office.said()
    assert "guess" not in office.said()


def test_rules_that_cannot_be_used_are_said_before_the_programs_start(office: Office) -> None:
    ended = office.run(RULES="no.such.rules")
    assert ended.returncode == 1
    assert "RULES: no.such.rules cannot be imported" in ended.stdout
    assert "Starting web" not in ended.stdout
    assert office.processes() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_order(office: Office, number: signal.Signals) -> None:
    with office.running() as process:
        assert end(process, number) == 0
        assert office.processes() == {}
    assert "Stopped. Everything is kept in" in office.said()


@pytest.mark.parametrize("victim", ["manage.py up", "supervisor.supervisord"])
def test_a_kill_leaves_nothing_behind_and_the_next_start_has_the_same_data(
    office: Office, victim: str
) -> None:
    with office.running() as process:
        before = office.administrators()
        os.kill(office.process(victim), signal.SIGKILL)
        process.wait(PATIENCE)
        until(lambda: not office.processes(), office.said)
    with office.running():
        assert office.administrators() == before
