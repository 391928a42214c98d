"""Where a sign-in leads to, and what is at an address that only forms send to."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


class SignedIn(LoginRequiredMiddleware):
    """Every page asks for a sign-in unless its view says otherwise. Somebody whose session ended while they
    filled in a form comes back to the page of the form: where it was sent to is no page."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(_sent_from(request))


def _sent_from(request: HttpRequest) -> str:
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, request.get_host()):
        return "/"
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


def tell_no_page(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tells somebody who opens an address that only forms send to, instead of an empty answer: a form with
    mistakes in it is shown at such an address, and may be opened again from there."""

    def tell(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        return render(request, "405.html", status=405)

    return tell
