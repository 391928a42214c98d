"""Sources and how they are treated; people, their roles and what these allow."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from dashboard.views.acting import attempt
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from workflow_processor.acts.people import Standing, change_standing, standing
from workflow_processor.acts.sources import set_quiet_period
from workflow_processor.models import Source
from workflow_processor.roles import ROLES, permissions


@looks
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    return show(
        request,
        "settings/settings.html",
        sources=Source.objects.order_by("queue", "subscriber"),
        people=[_person(one) for one in User.objects.prefetch_related("groups").order_by("username")],
        roles=_roles(),
    )


@looks
@require_POST
def quiet_periods(request: HttpRequest, id: int) -> HttpResponse:
    """So many `seconds`; none: a receipt is waited for."""
    source, seconds = get_object_or_404(Source, id=id), request.POST.get("seconds")
    period = number(request.POST, "seconds") if seconds else None
    said = f"The quiet period of {source} was changed."
    return attempt(request, lambda: set_quiet_period(person(request), source, period), said)


@looks
@require_POST
def roles(request: HttpRequest, id: int) -> HttpResponse:
    """Somebody has these `roles` from now on; `active`: they can sign in. With what was `seen` of both."""
    whom = get_object_or_404(User, id=id)
    wanted, seen = _standing(request), _standing(request, "seen-")
    said = f"The permissions of {whom.get_username()} were changed."
    return attempt(request, lambda: change_standing(person(request), whom, wanted, seen=seen), said)


def _standing(request: HttpRequest, prefix: str = "") -> Standing:
    return Standing(frozenset(request.POST.getlist(f"{prefix}roles")), f"{prefix}active" in request.POST)


def _person(one: User) -> dict[str, Any]:
    has = standing(one).roles
    return {"person": one, "roles": [(role, role in has) for role in ROLES], "has": sorted(has)}


def _roles() -> list[tuple[str, list[str]]]:
    """Each role with what it may do beyond the one before it, in words."""
    words = {codename: name.removeprefix("Can ") for codename, name in permissions().items()}
    told, before = [], set[str]()
    for role, codenames in ROLES.items():
        may = set(codenames or words)
        told.append((role, [words[name] for name in words if name in may - before]))
        before |= may
    return told
