"""Messages that pass: Django's own, with the URL that takes the act back and the seconds left to do so, and
the URL of what they speak of."""

import json
from typing import TypedDict

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest


class Undo(TypedDict):
    url: str
    seconds: int
    show_url: str


def announce(
    request: HttpRequest,
    text: str,
    *,
    level: int = messages.SUCCESS,
    undo_url: str = "",
    seconds: int = 0,
    show_url: str = "",
) -> None:
    """Say `text` on the next page or fragment. With `undo_url` it offers Undo (a POST) for `seconds`, with
    `show_url` a link to the messages it speaks of."""
    packed = json.dumps({"url": undo_url, "seconds": seconds, "show_url": show_url})
    messages.add_message(request, level, text, extra_tags=packed if undo_url or show_url else "")


def undo(message: Message) -> Undo | None:
    """What `announce` packed into a message."""
    packed = message.extra_tags or ""
    return json.loads(packed) if packed.startswith("{") else None
