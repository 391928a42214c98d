"""The first page: what is broken, whether it still is, and how the office is."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.queries import health
from dashboard.queries.group_list import GroupQuery
from dashboard.queries.queues import queues
from dashboard.views import newcomer
from dashboard.views.addresses import address
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from workflow_processor import figures
from workflow_processor.models import RepairRule, Source

TOP = 8
MINUTES = 60
HOUR = timedelta(hours=1)
LINES = {
    "failed": ("Failed", "red"),
    "repaired": ("Repaired", "violet"),
    "requeued": ("Requeued", "blue"),
    "resolved": ("Resolved", "green"),
}


@looks
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    if not Source.objects.exists():
        return show(
            request,
            "overview/not_connected.html",
            newcomer=newcomer.first_steps(),
            processes=health.processes(),
        )
    return show(
        request,
        "overview/overview.html",
        **_groups(),
        **_health(),
        headlines=figures.headlines(),
        failed_url=address("messages", q=f"failed:>={timezone.localtime() - HOUR:%Y-%m-%dT%H:%M}"),
        stopped=RepairRule.objects.exclude(stopped="").order_by("name"),
        lines=[
            {"label": label, "tone": tone, "path": ["flow", kind]} for kind, (label, tone) in LINES.items()
        ],
        history=_history(),
    )


@looks
@require_GET
def worst_groups(request: HttpRequest) -> HttpResponse:
    """The part of the page with the groups."""
    return show(request, "overview/_groups.html", **_groups())


@looks
@require_GET
def health_of_parts(request: HttpRequest) -> HttpResponse:
    """The part of the page with processes, queues and sources."""
    return show(request, "overview/_health.html", **_health())


@looks
@require_GET
def connected(request: HttpRequest) -> HttpResponse:
    """Asked by the page of an empty office: once it is no longer empty, the page is drawn anew."""
    del request
    return HttpResponse(status=204, headers={"HX-Refresh": "true"} if Source.objects.exists() else {})


def _groups() -> dict[str, Any]:
    return {"groups": GroupQuery().page(size=TOP)}


def _health() -> dict[str, Any]:
    return {
        "processes": health.processes(),
        "queues": list(health.of_queues(queues())),
        "sources": list(health.sources()),
    }


def _history() -> dict[str, Any]:
    """What happened in each full minute, told at its end."""
    minutes = figures.flow(MINUTES + 1)[:-1]
    return {
        "at": [minute.at.timestamp() + 60 for minute in minutes],
        "series": [[getattr(minute, kind) for minute in minutes] for kind in LINES],
    }
