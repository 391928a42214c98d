"""The offices that are killed: one on each broker, shared by these tests."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from tests.crash import brokers
from tests.crash.offices import Office, office
from tests.servers import scratch
from tests.tcp_proxy import TcpProxy

Roads = Mapping[str, TcpProxy]


# An office at rest keeps a machine of two cores a third busy: it is closed before the next package's tests.
@pytest.fixture(scope="package", params=["valkey", "rabbitmq"])
def _opened(request: pytest.FixtureRequest) -> Iterator[tuple[Office, Roads]]:
    if request.param == "valkey":
        server = brokers.valkey()
    else:
        server = brokers.rabbitmq(request.getfixturevalue("rabbitmq_url"))
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        database = stack.enter_context(brokers.database(os.environ["DATABASE_URL"]))
        addresses = {**stack.enter_context(server), "DATABASE_URL": database}
        proxies = {
            name: stack.enter_context(TcpProxy.to(addresses[name])) for name in ("BROKER_URL", "DATABASE_URL")
        }
        roads = {name: proxy.way_to(addresses[name]) for name, proxy in proxies.items()}
        yield stack.enter_context(office(folder, addresses, roads=roads)), proxies


@pytest.fixture
def killed(_opened: tuple[Office, Roads]) -> Iterator[Office]:
    """An open office, every process of which may die."""
    office, _ = _opened
    yield office
    office.mend()


@pytest.fixture
def roads(_opened: tuple[Office, Roads], killed: Office) -> Iterator[Roads]:
    """The ways of the office's processes to their servers, which may be lost, by the name of the setting."""
    _, roads = _opened
    yield roads
    for road in roads.values():
        road.slow_down(0)
