"""The servers of crash tests: each office has a broker and a database of its own."""

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import psycopg

from tests import servers

CLAIM_AFTER = 2
"""Seconds after which Valkey gives the deliveries of a dead process to another."""


@contextmanager
def valkey() -> Iterator[dict[str, str]]:
    """An office's addresses, its business on a Valkey."""
    with servers.valkey() as server:
        yield {
            "BROKER_URL": f"{server.url(0)}?claim_after={CLAIM_AFTER}",
            "CELERY_BROKER_URL": server.url(1),
            "CHANNEL_URL": server.url(2),
        }


@contextmanager
def rabbitmq(url: str) -> Iterator[dict[str, str]]:
    """An office's addresses, its business on a virtual host of its own on the RabbitMQ at this URL."""
    with virtual_host(url) as own, valkey() as addresses:
        yield addresses | {"BROKER_URL": own}


@contextmanager
def virtual_host(url: str) -> Iterator[str]:
    """A virtual host of its own on the RabbitMQ at this URL."""
    host = f"crash-{secrets.token_hex(4)}"
    _virtual_host(url, "PUT", host)
    try:
        management = f"management=http://{urlsplit(url).hostname}:15672"
        yield urlsplit(url)._replace(path=f"/{host}", query=management).geturl()
    finally:
        _virtual_host(url, "DELETE", host)


@contextmanager
def database(url: str) -> Iterator[str]:
    """A new database on the server that this URL is of."""
    name = f"crash_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _virtual_host(url: str, method: str, name: str) -> None:
    address = urlsplit(url)
    account = base64.b64encode(f"{address.username}:{address.password}".encode()).decode()
    connection = HTTPConnection(address.hostname or "", 15672, timeout=30)
    try:
        connection.request(method, f"/api/vhosts/{name}", headers={"Authorization": f"Basic {account}"})
        response = connection.getresponse()
        assert response.status < 300, response.read()
    finally:
        connection.close()
