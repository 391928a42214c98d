"""Addresses of lists, and of the page that an act came from."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def address(name: str, *arguments: object, **query: object) -> str:
    """The address of a named page; what is empty in the query is left out."""
    found = urlencode({key: value for key, value in query.items() if value not in (None, "")})
    return reverse(name, args=arguments) + (f"?{found}" if found else "")


def came_from(request: HttpRequest, otherwise: str = "messages") -> str:
    """The page that the form names as `next`, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    secure = request.is_secure()
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=secure)
    # What has no slash is no path of ours, and a redirect would take it for a name.
    return wanted if ours and "/" in wanted else reverse(otherwise)
