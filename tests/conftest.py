"""What every test can ask for: PostgreSQL, Valkey, RabbitMQ and a browser, all real."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from hypothesis import settings

from dashboard.databases import redis as redis_url
from tests import servers

CHROMIUM = Path("/usr/bin/chromium")
RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")
running = ExitStack()

settings.register_profile("soak", deadline=None)
"""Chosen with --hypothesis-profile: what can take long takes long."""


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers and set the environment, before Django reads it.

    With xdist each process has its own Valkey. PostgreSQL is shared, with a database for each process, and so
    are the static files.
    """
    first = not hasattr(config, "workerinput")
    if first:
        os.environ["DATABASE_URL"] = running.enter_context(servers.postgres())
        os.environ["DATA_DIR"] = str(running.enter_context(servers.scratch()))
    valkey = running.enter_context(servers.valkey())
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "SECRET_KEY": "only-for-tests-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
        "BROKER_URL": valkey.url(0),
        "CELERY_BROKER_URL": valkey.url(1),
        "CHANNEL_URL": valkey.url(2),
        "PUBLIC_URL": "http://testserver,http://127.0.0.1,http://localhost",
        "UNDO_SECONDS": "0",
        "EXAMPLE": "on",
        **servers.UNSAFE,
    }
    # Here, since pytest-django sees to a Django that is configured by now, and to no other.
    import django
    from django.core.management import call_command

    django.setup()
    # Processes of xdist would inherit it, where pytest-django reads settings before their servers are set.
    del os.environ["DJANGO_SETTINGS_MODULE"]
    if first:
        call_command("collectstatic", interactive=False, verbosity=0)


def pytest_unconfigure() -> None:
    running.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests with a browser last: from the first of them on Playwright's event loop runs in the process,
    and what others run in a loop of their own finds it there."""
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))


@pytest.fixture
def valkey_url() -> str:
    """An empty Valkey of this process, to be used through the business broker's address."""
    url = os.environ["BROKER_URL"]
    with redis.Redis.from_url(redis_url(url)) as client:
        client.flushall()
    return url


@pytest.fixture
def transactional_db(transactional_db: None) -> Iterator[None]:
    yield
    from tests import emptying

    emptying.make_way()


@pytest.fixture
def office_database(transactional_db: None) -> str:
    """The address of the test's own database, for processes and threads that are not Django's."""
    from django.db import connection

    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """A RabbitMQ; its queues are shared with others, so tests name theirs with something random."""
    address = urlsplit(RABBITMQ_URL)
    try:
        socket.create_connection((address.hostname or "", address.port or 5672), timeout=5).close()
    except OSError as error:
        pytest.skip(f"no RabbitMQ at {address.hostname}:{address.port or 5672} (RABBITMQ_URL): {error}")
    return RABBITMQ_URL


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": arguments}


@pytest.fixture(autouse=True)
def _django_beside_a_browser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright runs an event loop in the test's thread, where Django refuses to use the database."""
    if "page" in request.fixturenames or "browser" in request.fixturenames:
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
