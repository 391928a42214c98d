"""The catalogue of message types: all of them, and one with its schemas."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from dashboard.parts.toasts import announce
from dashboard.queries.rules import suggestions
from dashboard.views.numbers import number
from dashboard.views.pages import show
from dashboard.views.permissions import looks, may, person
from dashboard.views.selection import reason
from dashboard.views.versions import versions_page
from workflow_processor.models import MessageType, SchemaVersion
from workflow_processor.repair.schemas.coercions import COERCIONS
from workflow_processor.rules import message_types as acts
from workflow_processor.rules.message_types import SeenType, Told
from workflow_processor.rules.record import ChangedMeanwhile, Refused

STALE = "Nothing was changed: this type changed in the meantime. This is its current state."
SCHEMA_LIMIT = 1024 * 1024
"""Bytes of a file with a schema."""


@looks
@require_GET
def message_types(request: HttpRequest) -> HttpResponse:
    """All of them, and a form for one more."""
    return _list(request, {}, {})


@looks
@require_GET
def message_type(request: HttpRequest, id: int) -> HttpResponse:
    """How its messages are told, its schemas, and what is mended without a rule. The text of the `schema` of
    this number is shown, else of the current one; of its versions those `older` than one, else the latest."""
    return _page(request, id, {}, {})


@looks
@require_POST
def message_type_tellings(request: HttpRequest) -> HttpResponse:
    """How messages of a type are told: of a new one, or of `id`."""
    fields = request.POST.dict()
    told = Told(*(fields.get(name, "").strip() for name in ("queue", "header", "field", "value")))
    id = number(fields, "id")
    try:
        if id:
            kind = acts.set_told(person(request), _seen(request, id), told, reason(request))
        else:
            kind = acts.create(person(request), fields.get("name", ""), told, reason(request))
    except Refused as error:
        problems = {error.field: str(error)}
        return _page(request, id, fields, problems) if id else _list(request, fields, problems)
    except ChangedMeanwhile:
        return _stale(request, id)
    except MessageType.DoesNotExist as error:
        raise Http404 from error
    announce(request, f"Saved {kind.name}.", level=messages.SUCCESS)
    return redirect("message-type", kind.pk)


@looks
@require_POST
def message_type_coercions(request: HttpRequest, id: int) -> HttpResponse:
    """Switches the automatic coercions: those of `coercion` are on."""
    names = request.POST.getlist("coercion")
    return _done(
        request,
        id,
        lambda seen: acts.set_coercions(person(request), seen, names, reason(request)),
        "Coercions saved.",
    )


@looks
@require_POST
def message_type_schemas(request: HttpRequest, id: int) -> HttpResponse:
    """A new version of its schema: a `file`, or a `text`."""
    text = _uploaded(request) or request.POST.get("text", "")
    return _done(
        request,
        id,
        lambda seen: acts.add_schema(person(request), seen, text, reason(request)),
        "The schema is now the current version.",
    )


@looks
@require_POST
def message_type_returns(request: HttpRequest, id: int) -> HttpResponse:
    """Back to what the schema version `number` said, as a new version."""
    version = number(request.POST, "number")
    return _done(
        request,
        id,
        lambda seen: acts.go_back_schema(person(request), seen, version, reason(request)),
        f"Schema version {version} is restored.",
    )


def _done(request: HttpRequest, id: int, act: Callable[[SeenType], object], told: str) -> HttpResponse:
    try:
        act(_seen(request, id))
    except ChangedMeanwhile:
        return _stale(request, id)
    except Refused as error:
        return _page(request, id, request.POST.dict(), {error.field: str(error)})
    except (MessageType.DoesNotExist, SchemaVersion.DoesNotExist) as error:
        raise Http404 from error
    announce(request, told, level=messages.SUCCESS)
    return redirect("message-type", id)


def _stale(request: HttpRequest, id: int) -> HttpResponse:
    announce(request, STALE, level=messages.WARNING)
    return redirect("message-type", id)


def _list(request: HttpRequest, fields: Mapping[str, str], problems: Mapping[str, str]) -> HttpResponse:
    return show(
        request,
        "types/types.html",
        section="rules",
        status=422 if problems else 200,
        kinds=MessageType.objects.order_by("queue", "name"),
        **_form(fields, problems),
    )


def _page(
    request: HttpRequest, id: int, fields: Mapping[str, str], problems: Mapping[str, str]
) -> HttpResponse:
    kind = get_object_or_404(MessageType, id=id)
    shown = number(request.GET, "schema") or kind.schema
    page = versions_page(request, "message-type", id, kind.schemas.defer("text"))
    typed = {name: getattr(kind, name) for name in ("queue", "header", "field", "value")}
    return show(
        request,
        "types/type.html",
        section="rules",
        status=422 if problems else 200,
        kind=kind,
        changeable=may(request, acts.needed(kind)),
        switchable=may(request, ("write_rules", "switch_rules")),
        schemas=page.shown,
        shown=kind.schemas.filter(number=shown).first(),
        newer_url=page.newer_url,
        older_url=page.older_url,
        coercions=COERCIONS,
        **_form({**typed, **fields}, problems),
    )


def _form(fields: Mapping[str, str], problems: Mapping[str, str]) -> dict[str, Any]:
    return {"fields": fields, "problems": problems, "suggestions": suggestions()}


def _uploaded(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if not file:
        return ""
    try:
        return bytes(file.read(SCHEMA_LIMIT)).decode()
    except UnicodeDecodeError:
        return "\N{REPLACEMENT CHARACTER}"  # the schema's own reader says what is wrong with it


def _seen(request: HttpRequest, id: int) -> SeenType:
    return SeenType(id, number(request.POST, "change"))
