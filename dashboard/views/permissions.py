"""Who may look. What people do is checked where it is done (`workflow_processor.acts`)."""

from collections.abc import Iterable

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

LOOK = "workflow_processor.view_dead_letter"

looks = permission_required(LOOK, raise_exception=True)
"""The view is for those who may look at dead letters; anybody else gets the page that says so."""


def may(request: HttpRequest, permissions: Iterable[str]) -> bool:
    """Whether who is signed in has all of these, given as codenames."""
    return request.user.has_perms([f"workflow_processor.{codename}" for codename in permissions])


def person(request: HttpRequest) -> User:
    """Who is signed in; the middleware lets nobody else through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
