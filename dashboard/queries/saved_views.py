"""The saved views of a page, and where the list that is looked at stands to them."""

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import QueryDict

from workflow_processor.models import SavedView

PLACE = frozenset({"view", "older", "newer", "start", "counted"})
"""What an address says of the view itself and of the place in the list."""


class Views(NamedTuple):
    """What a person can choose from."""

    views: list[SavedView]
    """Own and shared ones, by name."""
    current: SavedView | None
    """The one that is looked at."""
    changed: bool
    """Whether the list is no longer as that one has it."""


def views(person: User, page: SavedView.Page, asked: QueryDict) -> Views:
    """The view that the address names is the current one or else, where it names none, the one that is just
    so."""
    own_and_shared = SavedView.objects.filter(Q(owner=person) | Q(shared=True), page=page)
    found = list(own_and_shared.select_related("owner").order_by("name", "id"))
    here, named = kept(asked.urlencode()), asked.get("view", "")
    current = next((one for one in found if str(one.pk) == named), None)
    if not current and not named and here:
        current = next((one for one in found if same(one.query, here)), None)
    return Views(found, current, bool(current and not same(current.query, here)))


def kept(query: str) -> str:
    """What a view keeps of the part of an address after the question mark."""
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in PLACE])


def same(one: str, other: str) -> bool:
    """Whether two of them ask for the same list."""
    return sorted(parse_qsl(one)) == sorted(parse_qsl(other))
