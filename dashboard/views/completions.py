"""What a person may want to type next in the search field."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from dashboard.queries import completions as typing
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks


@looks
@require_GET
def completions(request: HttpRequest) -> HttpResponse:
    """The options for `q` with the cursor after its first `at` characters."""
    found = typing.completions(request.GET.get("q", ""), number(request.GET, "at"))
    return show(request, "messages/_completions.html", completions=found)
