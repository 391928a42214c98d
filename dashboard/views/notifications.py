"""What a person is told of inside the dashboard."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dashboard.queries import notifications as found
from dashboard.views.addresses import address, came_from
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, person
from workflow_processor.models import Notification


@looks
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """One's own, the latest first; `older` than one."""
    older = number(request.GET, "older")
    page = found.page(person(request), older)
    return show(
        request,
        "notifications/notifications.html",
        notifications=page.notifications,
        unread=found.unread(person(request)),
        newer_url=address("notifications") if older else "",
        older_url=address("notifications", older=page.older) if page.older else "",
    )


@looks
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The bell of every page, with how many are unread."""
    return render(request, "notifications/bell.html")


@looks
@require_POST
def readings(request: HttpRequest) -> HttpResponse:
    """Marks one's own as read: the one of `id`, or all. With `id` it leads to what that speaks of."""
    mine = Notification.objects.filter(person=person(request))
    one = mine.filter(id=number(request.POST, "id")).first() if request.POST.get("id") else None
    (mine.filter(id=one.pk) if one else mine.filter(read=False)).update(read=True)
    if one and one.dead_letter_id:
        return redirect("message", one.dead_letter_id)
    if one and one.group_id:
        return redirect("group", one.group_id)
    return redirect(came_from(request, "notifications"))
