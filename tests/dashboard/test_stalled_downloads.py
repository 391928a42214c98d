"""Downloads whose reader has stopped: they take nothing from anybody else."""

from contextlib import ExitStack
from http.client import HTTPResponse
from urllib.request import Request, urlopen

from tests.browser.server import WebProcess
from tests.dashboard import office

READERS = 8
"""As many as the web process has connections to the database."""
LARGE = b"x" * 100_000
"""A hundred of these are more than the buffers between two sockets take."""


def test_downloads_that_nobody_reads_on_leave_the_database_to_others(web: WebProcess) -> None:
    office.take_in(*(office.failed(LARGE) for _ in range(100)))
    [session] = office.browser().cookies.values()
    cookies = {"Cookie": f"{session.key}={session.value}"}

    def begun() -> HTTPResponse:
        answer: HTTPResponse = urlopen(Request(f"{web.url}/messages/export.jsonl", headers=cookies))
        assert answer.read(1) == b"{"
        return answer

    with ExitStack() as open_ones:
        for _ in range(READERS):
            open_ones.enter_context(begun())
        with urlopen(Request(f"{web.url}/messages/", headers=cookies)) as page:
            assert page.status == 200
