"""The queues as they are, and as they were in the last minutes."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.queries import gates
from dashboard.queries import queues as figures
from dashboard.queries.queues import SHOWN, Queue, history
from dashboard.views.pages import show
from dashboard.views.permissions import looks
from workflow_processor.models import QueueSample

CHARTS = 6
DEPTH = {"ready": ("Ready", "amber"), "unacknowledged": ("Unacknowledged", "blue")}
PACE = {"rate_in": ("In", "red"), "rate_out": ("Out", "green")}
Lines = dict[str, tuple[str, str]]


@looks
@require_GET
def queues(request: HttpRequest) -> HttpResponse:
    """All of them, with charts of one (`queue`) or of the first few."""
    found = figures.queues()
    chosen = [queue for queue in found if queue.name == request.GET.get("queue")]
    charted = chosen or [queue for queue in found if queue.sample][:CHARTS]
    return show(
        request,
        "queues/queues.html",
        **_measured(request, found),
        charts=[
            _charts(number, queue.name, queue.sample) for number, queue in enumerate(charted) if queue.sample
        ],
        gates=gates.shown(),
        left_out=0 if chosen else max(0, sum(bool(queue.sample) for queue in found) - CHARTS),
        seconds=int(SHOWN.total_seconds()),
    )


@looks
@require_GET
def measured(request: HttpRequest) -> HttpResponse:
    """The part of the page that tells whether the figures are live, without the charts."""
    return show(request, "queues/_measured.html", **_measured(request, figures.queues()))


def _measured(request: HttpRequest, found: Sequence[Queue]) -> dict[str, Any]:
    return {"queues": found, "chosen": request.GET.get("queue", ""), "trouble": figures.trouble()}


def _charts(number: int, name: str, sample: QueueSample) -> dict[str, Any]:
    at, past = history(sample, [*DEPTH, *PACE])

    def chart(id: str, lines: Lines) -> dict[str, Any]:
        series = [
            {"label": label, "tone": tone, "path": ["queues", name, field]}
            for field, (label, tone) in lines.items()
        ]
        known = {"at": at, "series": [past[field] for field in lines]}
        return {"id": f"{id}-{number}", "series": series, "history": known}

    return {"name": name, "depth": chart("depth", DEPTH), "pace": chart("pace", PACE)}
