"""Who most tests of pages are about. What needs Django is imported late: this is read before it is set up."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client

    from tests.browser.server import WebProcess


@pytest.fixture
def ada() -> "User":
    """May do everything."""
    from tests.dashboard import office

    return office.person("ada")


@pytest.fixture
def clerk(ada: "User") -> "Client":
    """Where she is signed in."""
    from tests.dashboard import office

    return office.browser(ada)


@pytest.fixture
def web(office_database: str) -> "Iterator[WebProcess]":
    """The web process, as it runs for people."""
    from tests.browser.server import WebProcess

    process = WebProcess(office_database, undo_seconds=0)
    process.start()
    yield process
    process.kill()
