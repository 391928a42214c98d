"""What the office's other processes say to open pages, said by the test."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from time import time

from playwright.sync_api import Page

from workflow_processor import figures, live


def changed() -> None:
    _say("changed")


def searchable() -> None:
    """Some more messages have been indexed."""
    _say("searchable")


def figures_now() -> None:
    """What the sampler tells of the office."""
    _say("figures", at=time(), figures=figures.shown(), flow=figures.pace())


def queues_now(**queues: Mapping[str, float | None]) -> None:
    """What the sampler tells of the queues, by their names."""
    _say("queues", at=time(), queues=queues)


def alive(page: Page) -> None:
    """What the socket of this page says every few seconds, though nobody else says anything."""
    page.evaluate("document.dispatchEvent(new CustomEvent('live:alive', { detail: {} }))")


def _say(kind: str, **told: object) -> None:
    # From a thread of its own: in the test's, Playwright's event loop is running. And each time as another
    # process would, so that none is left out because one has just been said.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(live._Announcer().announce, kind, told).result()
