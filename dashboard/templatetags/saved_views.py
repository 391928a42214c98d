"""`{% load saved_views %}`: the saved views of a page, above its list."""

from typing import Any

from django import template
from django.template.context import Context

from dashboard.queries import saved_views as found
from dashboard.queries.tokens import spell
from dashboard.views.saved_views import address_of
from workflow_processor.acts.saved_views import may_change
from workflow_processor.models import OPEN, SavedView

register = template.Library()


@register.inclusion_tag("saved_views/bar.html", takes_context=True)
def saved_views(context: Context, page: str) -> dict[str, Any]:
    """Those of "messages" or "groups": to choose, to keep, to change."""
    request, user = context["request"], context["user"]
    views = found.views(user, SavedView.Page(page), request.GET)
    return {
        "views": [{"view": one, "url": address_of(one)} for one in views.views],
        "current": views.current,
        "changed": views.changed,
        "mine": bool(views.current and may_change(user, views.current)),
        "current_url": views.current and address_of(views.current),
        "page": page,
        "mine_query": f"assignee:{spell(user.get_username())} status:{','.join(OPEN)}",
        "query": found.kept(request.GET.urlencode()),
        "here": request.get_full_path(),
        "user": user,
        "perms": context["perms"],
        "csrf_token": context["csrf_token"],
    }
