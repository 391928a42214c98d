"""Somebody who may do everything, at a web process."""

from http.client import HTTPConnection
from typing import Self


class Visitor:
    """Signed in; asks for one page at a time."""

    def __init__(self, port: int) -> None:
        self.headers = {"Cookie": _signed_in()}
        self._web = HTTPConnection("127.0.0.1", port, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._web.close()

    def get(self, address: str) -> str:
        """The page."""
        self._web.request("GET", address, headers=self.headers)
        answer = self._web.getresponse()
        page = answer.read().decode()
        assert answer.status == 200, page
        return page


def _signed_in() -> str:
    """A cookie."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    person, _ = User.objects.get_or_create(username="bench", is_superuser=True)
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
