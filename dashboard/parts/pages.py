"""The pages that the rail links to."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


class Page(NamedTuple):
    name: str
    """The name of its URL; the pages below it have names that start so."""
    label: str
    icon: str
    key: str
    """The letter that goes there after `g`."""
    url: str = ""
    current: bool = False


PAGES = (
    Page("overview", "Overview", "layout-dashboard", "o"),
    Page("groups", "Groups", "layers", "g"),
    Page("messages", "Messages", "mail", "m"),
    Page("operations", "Operations", "list-checks", "p"),
    Page("queues", "Queues", "activity", "q"),
    Page("rules", "Rules", "wand-sparkles", "r"),
    Page("audit", "Audit", "scroll-text", "a"),
    Page("settings", "Settings", "settings", "s"),
)


def pages(request: HttpRequest | None, section: str = "") -> list[Page]:
    """The pages whose URL exists, in order. `section` names the current one where its URL's name does not."""
    match = getattr(request, "resolver_match", None)
    here = section or (match.url_name or "" if match else "")
    linked = ((page, _url(page.name)) for page in PAGES)
    return [page._replace(url=url, current=page.name == here) for page, url in linked if url]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
