"""Files that are made while they are sent, fetched as from an ASGI server."""

from typing import Any
from unittest.mock import patch

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient

from dashboard.parts import streams


def downloaded(person: User, url: str, kind: str) -> bytes:
    """The file at this address, whose content type it has to have."""

    async def download() -> bytes:
        client = AsyncClient()
        await client.aforce_login(person)
        answer: Any = await client.get(url)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        return b"".join([part async for part in answer])

    # As Django's client does, lest the test's own transaction ends with it.
    with patch.object(streams, "close_old_connections"):
        return async_to_sync(download)()
