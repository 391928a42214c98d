"""Keeping lists under a name: one's own, and such that all see."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from workflow_processor.acts.record import audit, check
from workflow_processor.models import SavedView
from workflow_processor.storable import storable

LONGEST = 8_000
"""Characters of a query."""


def save(person: User, page: SavedView.Page, name: str, query: str, *, shared: bool = False) -> SavedView:
    """Keeps a list of a page. Raises ValueError where the name will not do."""
    check(person, "view_dead_letter")
    if shared:
        check(person, "share_view")
    view = SavedView(owner=person, page=page, name=_name(name), query=_query(query), shared=shared)
    return _written(person, view, "save view")


def change(
    person: User,
    view: SavedView,
    *,
    name: str | None = None,
    query: str | None = None,
    shared: bool | None = None,
) -> None:
    """Gives it another name or query, shares it or no longer; None leaves it. Raises ValueError where the
    name will not do."""
    _check_mine(person, view)
    if shared is not None and shared != view.shared:
        check(person, "share_view")
        view.shared = shared
    view.name = view.name if name is None else _name(name)
    view.query = view.query if query is None else _query(query)
    _written(person, view, "change view")


def delete(person: User, view: SavedView) -> None:
    _check_mine(person, view)
    with transaction.atomic():
        audit(person, "delete view", subject=_subject(view), before=_told(view))
        view.delete()


def may_change(person: User, view: SavedView) -> bool:
    """One's own; and those that all see, with the permission to share."""
    return view.owner_id == person.pk or (view.shared and person.has_perm("workflow_processor.share_view"))


def _check_mine(person: User, view: SavedView) -> None:
    check(person, "view_dead_letter")
    if not may_change(person, view):
        check(person, "share_view")
        raise PermissionDenied(f"{view.name} belongs to somebody else.")


def _written(person: User, view: SavedView, act: str) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
            audit(person, act, subject=_subject(view), after=_told(view))
    except IntegrityError:
        raise ValueError(f"There is already a view named {view.name}.") from None
    return view


def _name(name: str) -> str:
    clean = storable(" ".join(name.split()), 80)
    if not clean:
        raise ValueError("A view needs a name.")
    return clean


def _query(query: str) -> str:
    if len(query) > LONGEST:
        raise ValueError("This query is too long to be saved.")
    return storable(query, LONGEST)


def _subject(view: SavedView) -> str:
    return f"view {view.name}"


def _told(view: SavedView) -> dict[str, object]:
    return {"page": view.page, "query": view.query, "shared": view.shared}
