"""What a search finds, as a file: CSV for spreadsheets, JSON Lines with the exact bodies."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from consumers.message import Message
from dashboard.editing.drafts import headers_of
from dashboard.editing.headers import text_of
from dashboard.parts import sheets
from dashboard.parts.streams import download
from dashboard.queries import exports
from dashboard.queries.exports import Exported
from dashboard.views.permissions import looks, person
from dashboard.views.selection import asked
from workflow_processor.acts.exports import export
from workflow_processor.models import DeadLetter
from workflow_processor.portions import in_portions

COLUMNS = {
    "dead letter": "id",
    "status": "state",
    "message id": "message_id",
    "correlation id": "correlation_id",
    "queue": "source.queue",
    "subscriber": "source.subscriber",
    "key": "ordering_key",
    "error": "error_type",
    "error text": "error_text",
    "handler": "handler",
    "group": "group_id",
    "first failed": "first_failed_at",
    "last failed": "last_failed_at",
    "failures": "failures",
    "requeues": "attempt",
    "bytes": "size",
    "beginning of the body": "preview",
}
"""A column's name, and where it comes from."""


@looks
@require_GET
def as_sheet(request: HttpRequest) -> StreamingHttpResponse:
    """All that `q` finds, a line each, with the beginning of its body."""
    found = _exported(request, "CSV")
    rows = (_row(one.letter) for one in exports.letters(found))
    return download("messages.csv", "text/csv", sheets.lines(tuple(COLUMNS), rows))


@looks
@require_GET
def as_lines(request: HttpRequest) -> StreamingHttpResponse:
    """All that `q` finds, a JSON object each, with its exact body. `imports` takes it back, corrected."""
    found = _exported(request, "JSON Lines")
    return download("messages.jsonl", "application/jsonl", _lines(exports.with_bodies(found)))


def _exported(request: HttpRequest, kind: str) -> QuerySet[DeadLetter]:
    """What is to be exported, once it is on record that it is."""
    query = asked(request)
    export(person(request), query.text, kind)
    return query.letters()


def _row(letter: DeadLetter) -> list[object]:
    return [_value(letter, place) for place in COLUMNS.values()]


def _value(letter: DeadLetter, place: str) -> object:
    found: Any = letter
    for name in place.split("."):
        found = getattr(found, name)
    return found.isoformat() if hasattr(found, "isoformat") else found


def _lines(found: Iterator[Exported]) -> Iterator[str]:
    for portion in in_portions(found, lambda one: one.letter.size, most=exports.PORTION):
        yield "".join(f"{json.dumps(_told(one), ensure_ascii=False, default=str)}\n" for one in portion)


def _told(one: Exported) -> dict[str, object]:
    known = {name.replace(" ", "_"): _value(one.letter, place) for name, place in COLUMNS.items()}
    del known["dead_letter"], known["beginning_of_the_body"]
    told = {"id": str(one.letter.id), "version": one.letter.version, **known}
    return told | (_content(one.revision.message()) if one.revision else {})


def _content(message: Message) -> dict[str, object]:
    headers = {name: text_of(value) for name, value in headers_of(message).items()}
    return {"headers": headers, **body(message.body)}


def body(content: bytes) -> dict[str, str]:
    """The bytes as JSON can hold them: as text where they are UTF-8, else in Base64."""
    try:
        return {"body": content.decode()}
    except UnicodeDecodeError:
        return {"body_base64": b64encode(content).decode()}
