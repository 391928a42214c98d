"""Who most tests of pages are about. What needs Django is imported late: this is read before it is set up."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client


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
