"""Downloads that are made while they are sent, however long they are."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import StreamingHttpResponse


def download(name: str, kind: str, parts: Iterator[str]) -> StreamingHttpResponse:
    """A file of this name and content type; its parts are made one by one, as fast as they are taken. Between
    two of them others have the connection to the database."""
    return StreamingHttpResponse(
        _sent(parts),
        content_type=f"{kind}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _sent(parts: Iterator[str]) -> AsyncIterator[str]:
    # In the request's own thread, where its database connection is.
    while (part := await sync_to_async(_next)(parts)) is not None:
        yield part


def _next(parts: Iterator[str]) -> str | None:
    try:
        return next(parts, None)
    finally:
        close_old_connections()  # back into the pool, as after a request: nobody knows when the next is taken
