"""The offices that are killed: one on each broker, shared by the tests of a module."""

import os
from collections.abc import Iterator

import pytest

from tests.crash import brokers
from tests.crash.offices import Office, office
from tests.servers import scratch


@pytest.fixture(scope="session", params=["valkey", "rabbitmq"])
def _opened(request: pytest.FixtureRequest) -> Iterator[Office]:
    if request.param == "valkey":
        server = brokers.valkey()
    else:
        server = brokers.rabbitmq(request.getfixturevalue("rabbitmq_url"))
    with (
        scratch() as folder,
        server as addresses,
        brokers.database(os.environ["DATABASE_URL"]) as database,
        office(folder, {**addresses, "DATABASE_URL": database}) as opened,
    ):
        yield opened


@pytest.fixture
def killed(_opened: Office) -> Iterator[Office]:
    """An open office, every process of which may die."""
    yield _opened
    _opened.mend()
