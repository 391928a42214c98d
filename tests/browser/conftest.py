"""A browser in front of an office that runs. Whatever the browser complains of fails the test."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.browser.server import WebProcess

if TYPE_CHECKING:
    from django.contrib.auth.models import User

expect.set_options(timeout=30_000)
UNDO_SECONDS = 300
"""Longer than any test takes: what is to leave is let go by the test."""


@pytest.fixture(scope="session")
def _database_beside_a_browser() -> Iterator[None]:
    """Playwright's event loop runs before the database is made and until after it is gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def web(_database_beside_a_browser: None, django_db_setup: None) -> Iterator[WebProcess]:
    """One web process for all tests of this process."""
    import os
    from urllib.parse import urlsplit

    from django.db import connection

    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    process = WebProcess(database.geturl(), UNDO_SECONDS)
    process.start()
    yield process
    process.kill()


@pytest.fixture(scope="session")
def base_url(web: WebProcess) -> str:
    return web.url


@pytest.fixture
def new_context(
    transactional_db: None, new_context: Callable[..., BrowserContext]
) -> Iterator[Callable[..., BrowserContext]]:
    """Gives browsers of their own. They are closed before the database is emptied, and after they have left
    the office: Chromium may never answer to a close that meets a page on its way."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        opened.append(new_context(**options))
        return opened[-1]

    yield open_one
    for page in (page for context in opened for page in context.pages):
        page.goto("about:blank")


@pytest.fixture
def forgiven() -> list[str]:
    """Parts of complaints that this test expects, such as those about a server it has stopped."""
    return []


@pytest.fixture(autouse=True)
def _complaints(page: Page, forgiven: list[str]) -> Iterator[None]:
    """Errors of scripts, breaches of the content policy and failed requests."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield
    assert [one for one in complaints if not any(part in one for part in forgiven)] == []


@pytest.fixture
def ada(transactional_db: None) -> "User":
    """May do everything."""
    from tests.dashboard import office

    return office.person("ada")


@pytest.fixture
def signed_in(page: Page, ada: "User", base_url: str) -> Page:
    """A page of a browser in which Ada is signed in."""
    sign_in(page.context, ada, base_url)
    return page


def sign_in(context: BrowserContext, user: "User", base_url: str) -> None:
    """Gives the browser the session that a sign-in makes."""
    from tests.dashboard import office

    [cookie] = office.browser(user).cookies.values()
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
