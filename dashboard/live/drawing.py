"""What a page knows of when it was drawn."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from workflow_processor import live


def count_news(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Gives pages the number of hints there were before they looked: the socket, once it is open, tells
    whether any came between. Parts of a page come while it listens."""

    def count(request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and "HX-Request" not in request.headers:
            request.news = live.news()  # type: ignore[attr-defined]
        return answer(request)

    return count
