"""Who may look. What people do is checked where it is done (`workflow_processor.acts`)."""

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

LOOK = "workflow_processor.view_dead_letter"

looks = permission_required(LOOK, raise_exception=True)
"""The view is for those who may look at dead letters; anybody else gets the page that says so."""


def person(request: HttpRequest) -> User:
    """Who is signed in; the middleware lets nobody else through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
