"""Putting groups away until later, and bringing them back."""

from datetime import datetime, timedelta
from functools import partial

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from dashboard.views.acting import attempt
from dashboard.views.numbers import number
from dashboard.views.permissions import looks, person
from dashboard.views.selection import groups
from workflow_processor.acts.snoozes import snooze, wake
from workflow_processor.models import Group


@looks
@require_POST
def snoozes(request: HttpRequest) -> HttpResponse:
    """Puts the groups away for so many `hours`, until a time `until`, or for `more` failures."""
    wanted, until, more = groups(request), _until(request), number(request.POST, "more") or None
    act = partial(snooze, person(request), wanted, until=until, more=more)
    return attempt(request, act, f"{_count(wanted)} snoozed.")


@looks
@require_POST
def wakings(request: HttpRequest) -> HttpResponse:
    wanted = groups(request)
    return attempt(request, lambda: wake(person(request), wanted), f"{_count(wanted)} woken.")


def _until(request: HttpRequest) -> datetime | None:
    """In the office's time zone, which the form names."""
    if written := request.POST.get("until"):
        try:
            until = parse_datetime(written)
        except ValueError:
            until = None
        if not until:
            raise BadRequest("That is not a valid time.")
        return until if timezone.is_aware(until) else timezone.make_aware(until)
    hours = number(request.POST, "hours")
    return timezone.now() + timedelta(hours=min(hours, 24 * 366)) if hours else None


def _count(wanted: list[Group]) -> str:
    return "1 group" if len(wanted) == 1 else f"{len(wanted):,} groups"
