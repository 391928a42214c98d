"""Groups of dead letters with the same cause: the place to begin."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.queries.group_list import SIZE, SORTS, WHICH, GroupQuery
from dashboard.views.addresses import address
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from workflow_processor.models import Source

KEPT = ("show", "queue", "text", "sort", "view")
TITLES = {"open": "Open", "snoozed": "Snoozed", "mine": "Mine", "all": "All"}
ORDERS = {"parked": "Most parked", "latest": "Last seen", "newest": "Newest"}


@looks
@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """Those that `show`, `queue` and `text` ask for, in the order of `sort`."""
    query, start = asked(request), number(request.GET, "start")
    page = query.page(start)
    before, after = max(0, start - SIZE), start + SIZE
    kept = {name: value for name in KEPT if (value := request.GET.get(name))}
    return show(
        request,
        "groups/groups.html",
        page=page,
        asked=query,
        narrowed=bool(query.queue or query.text),
        tabs=_choices("show", TITLES, query.which, kept),
        orders=_choices("sort", ORDERS, query.sort, kept),
        queues=list(Source.objects.order_by("queue").values_list("queue", flat=True).distinct()),
        connected=Source.objects.exists(),
        summary=f"{page.first:,}–{page.last:,} of {page.total:,}",
        newer_url=address("groups", **kept, start=before or "") if start else "",
        older_url=address("groups", **kept, start=after) if after < page.total else "",
    )


def asked(request: HttpRequest) -> GroupQuery:
    """What the address asks for; a word that it does not know is as if it were not there."""
    which, sort = request.GET.get("show", ""), request.GET.get("sort", "")
    return GroupQuery(
        which if which in WHICH else "open",
        sort if sort in SORTS else "parked",
        request.GET.get("queue", "").replace("\0", ""),
        request.GET.get("text", "").replace("\0", "").strip(),
        person(request).pk,
    )


def _choices(
    name: str, titles: Mapping[str, str], chosen: str, kept: Mapping[str, str]
) -> list[dict[str, object]]:
    """Links to the same list with another choice of one thing; the first one is what it is without."""
    first = next(iter(titles))
    return [
        {
            "label": title,
            "current": value == chosen,
            "url": address("groups", **{**kept, name: "" if value == first else value}),
        }
        for value, title in titles.items()
    ]
