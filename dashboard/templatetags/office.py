"""`{% load office %}`: the components that compute something before they are drawn."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.template.context import Context

from dashboard.kinds import FORMS
from dashboard.parts import diff as differences
from dashboard.parts import drawn, names, pages, payload, states, times, toasts, tracebacks

register = template.Library()
THEMES = ("light", "dark")
DENSITIES = ("one-line",)
for tag in (drawn.icon, drawn.badge, drawn.badges, drawn.marks, drawn.ago, drawn.sparkline):
    register.simple_tag(tag)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The theme this browser asked for, or nothing for the system's own."""
    return _chosen(context, "theme", THEMES)


@register.simple_tag(takes_context=True)
def density(context: Context) -> str:
    """How many lines a row has in this browser; nothing for two."""
    return _chosen(context, "density", DENSITIES)


def _chosen(context: Context, name: str, known: Sequence[str]) -> str:
    """What the reader has chosen, kept in a cookie by static/js/kept.js."""
    request: HttpRequest | None = context.get("request")
    chosen = request.COOKIES.get(name, "") if request else ""
    return chosen if chosen in known else ""


@register.simple_tag(takes_context=True, name="pages")
def pages_tag(context: Context) -> list[pages.Page]:
    return pages.pages(context.get("request"), context.get("section") or "")


@register.filter
def last_part(name: str) -> str:
    return names.last_part(name)


@register.filter
def look(state: str) -> states.Look:
    return states.look(state)


@register.filter
def event_look(kind: str) -> states.Look:
    return states.event_look(kind)


@register.filter
def verb(kind: str) -> str:
    """What an operation of this kind is called."""
    return FORMS[kind].verb


@register.filter
def undo(message: Message) -> toasts.Undo | None:
    return toasts.undo(message)


@register.filter
def span(length: timedelta | float | None) -> str:
    return "–" if length is None else times.span(length)


@register.filter
def beginning(text: str, length: int) -> str:
    """So many characters of a text that may be long. Django's `truncatechars` looks at each of them."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


@register.inclusion_tag("components/bytes.html")
def byte_viewer(body: bytes | memoryview, download_url: str = "", name: str = "payload") -> dict[str, Any]:
    return {"payload": payload.payload(bytes(body)), "download_url": download_url, "name": name}


@register.inclusion_tag("components/traceback.html")
def traceback(text: str) -> dict[str, Any]:
    return {"chain": tracebacks.parse(text), "text": text}


@register.inclusion_tag("components/chart.html")
def chart(
    id: str,
    title: str,
    event: str,
    series: Sequence[Mapping[str, Any]],
    history: Mapping[str, Any],
    unit: str = "",
    seconds: int = 900,
) -> dict[str, Any]:
    """A chart that moves with `event`.

    `series` names each line's label, tone and path into a frame, as `{"label": "Ready", "tone": "amber",
    "path": ["queues", "trades", "ready"]}`; `history` is `{"at": [unix seconds], "series": [[…], …]}` in the
    same order, None where nothing is known; `seconds` is how far back it looks.
    """
    lines = [{**line, "path": json.dumps(line["path"])} for line in series]
    shown = {"id": id, "title": title, "event": event, "unit": unit, "seconds": seconds}
    return shown | {"series": lines, "history": history, "history_id": f"{id}-history"}


@register.inclusion_tag("components/editor.html")
def editor(
    text: str,
    newline: str = "lf",
    language: str = "text",
    original: str | None = None,
    errors: Sequence[str] = (),
    label: str = "Body",
    id: str = "body",
) -> dict[str, Any]:
    """The exact text in a field `body_text`, and in `body_newline` how its lines end: lf, crlf or cr.

    `language` is json, xml or text; the difference is shown against `original`, or else `text`.
    """
    field = {
        "id": id,
        "label": label,
        "text": text,
        "newline": newline,
        "language": language,
        "errors": errors,
    }
    return field | {"original": original, "original_id": "" if original is None else f"{id}-original"}


@register.inclusion_tag("components/diff.html")
def diff(before: str, after: str, before_name: str = "Before", after_name: str = "After") -> dict[str, Any]:
    names = {"before_name": before_name, "after_name": after_name}
    return names | {"diff": differences.diff(before, after)}
