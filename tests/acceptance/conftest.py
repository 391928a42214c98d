"""The two brokers that the office is tried on."""

import base64
import secrets
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.acceptance.trading_day import TradingDay, trading_day


@pytest.fixture(params=["valkey", "rabbitmq"])
def day(request: pytest.FixtureRequest) -> Iterator[TradingDay]:
    """An open office on the embedded Valkey, and one on RabbitMQ."""
    if request.param == "valkey":
        with trading_day() as opened:
            yield opened
    else:
        url: str = request.getfixturevalue("rabbitmq_url")
        host = f"office-{secrets.token_hex(4)}"
        _virtual_host(url, "PUT", host)
        try:
            with trading_day(BROKER_URL=urlsplit(url)._replace(path=f"/{host}").geturl()) as opened:
                yield opened
        finally:
            _virtual_host(url, "DELETE", host)


@pytest.fixture
def day_by_staff() -> Iterator[TradingDay]:
    """An open office without any Python rules: the example's rules are those of staff."""
    with trading_day(RULES="workflow_processor.repair.rules") as opened:
        opened.manage("write_rules", "consumers/trading/staff_rules", "--person=admin", "--mode=automatic")
        yield opened


def _virtual_host(url: str, method: str, name: str) -> None:
    """Makes or removes a virtual host, so that an office has a RabbitMQ to itself."""
    address = urlsplit(url)
    account = base64.b64encode(f"{address.username}:{address.password}".encode()).decode()
    connection = HTTPConnection(address.hostname or "", 15672, timeout=30)
    try:
        connection.request(method, f"/api/vhosts/{name}", headers={"Authorization": f"Basic {account}"})
        assert connection.getresponse().status < 300
    except OSError:
        pytest.skip(f"the management plugin of RabbitMQ at {address.hostname}:15672 does not answer")
    finally:
        connection.close()


@pytest.fixture(scope="session")
def base_url() -> str:
    """None: each day has an office, and an address, of its own."""
    return ""
