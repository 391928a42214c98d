"""The office's database as consumers reach it, and what they say where they cannot."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from consumers.database import VANISHED
from consumers.ordering import DatabaseUnavailable, Gates, Keyed
from dashboard import databases
from tests.consumers.conftest import Post

Reaching = Callable[[str], dict[str, Any]]


def by_gates(address: str) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        asked: list[str] = []

        def connect(conninfo: str, **_: Any) -> None:
            asked.append(conninfo)
            raise psycopg.OperationalError("it was not to be reached")

        patch.setattr(psycopg, "connect", connect)
        with pytest.raises(DatabaseUnavailable):
            Gates(address, "work", "tests", "work").closed(["ada"])
    return conninfo_to_dict(asked[0])


def by_django(address: str) -> dict[str, Any]:
    options: dict[str, Any] = databases.django(address, pool=0)["OPTIONS"]
    return options


@pytest.fixture(params=[by_gates, by_django])
def reaching(request: pytest.FixtureRequest) -> Reaching:
    reaching: Reaching = request.param
    return reaching


def test_a_server_that_vanishes_without_a_word_is_missed(reaching: Reaching) -> None:
    reached = reaching("postgresql://office@db/office")
    assert {name: int(reached[name]) for name in VANISHED} == VANISHED


def test_what_the_address_says_of_it_wins(reaching: Reaching) -> None:
    reached = reaching("postgresql://office@db/office?keepalives_idle=7&tcp_user_timeout=0&connect_timeout=3")
    said = {name: int(reached[name]) for name in ("keepalives_idle", "tcp_user_timeout", "connect_timeout")}
    assert said == {"keepalives_idle": 7, "tcp_user_timeout": 0, "connect_timeout": 3}
    assert int(reached["keepalives_count"]) == VANISHED["keepalives_count"]


def test_an_address_that_cannot_be_read_is_refused_at_once() -> None:
    with pytest.raises(psycopg.ProgrammingError):
        Gates("postgresql://office@db/office?nonsense=1", "work", "tests", "work")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda address: address._replace(netloc=f"office:guess@127.0.0.1:{address.port}"), "password"),
        (lambda address: address._replace(netloc="office:guess@nowhere.invalid"), "resolve host"),
        (lambda address: address._replace(netloc="office:guess@127.0.0.1:1"), "refused"),
        (lambda address: address._replace(path="/none"), 'database "none" does not exist'),
        (
            lambda address: address._replace(path="/postgres"),
            '"gate" does not exist (42P01); is it the office',
        ),
        (lambda address: address._replace(query="options=-cdefault_transaction_read_only%3Don"), "(25006)"),
    ],
)
def test_why_it_cannot_be_used_is_told_without_the_password(
    office_database: str, change: Callable[[Any], Any], said: str
) -> None:
    address = urlsplit(office_database)
    gates = Gates(change(address).geturl(), "work", "tests", "work")
    message = Post("memory://").broker.message(b"1")
    with pytest.raises(DatabaseUnavailable) as raised:
        gates.settle([Keyed("ada", message)], [])
    told = str(raised.value)
    assert said in told
    assert "guess" not in told
    assert str(address.password) not in told
