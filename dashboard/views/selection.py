"""The dead letters that an act is about: the ticked ones as they were seen, or all that a query finds."""

from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from dashboard.queries import DeadLetterQuery, QueryError
from workflow_processor.lifecycle import Seen


def selected(request: HttpRequest) -> list[Seen]:
    """Those of `ids`, each an id and the version that the person saw; or with scope=matching what `q` finds
    now, without what has come in after `until`. Raises BadRequest where the form makes no sense."""
    try:
        if _field(request, "scope") == "matching":
            return DeadLetterQuery.parse(_field(request, "q")).seen(UUID(_field(request, "until")))
        return [_seen(value) for value in request.POST.getlist("ids") or request.GET.getlist("ids")]
    except QueryError as error:
        raise BadRequest(str(error)) from error
    except ValueError as error:
        raise BadRequest("That is no selection of dead letters.") from error


def reason(request: HttpRequest) -> str:
    """Why, in the person's own words; a NUL, which no database keeps, is left out."""
    return request.POST.get("reason", "").replace("\0", "").strip()


def _seen(value: str) -> Seen:
    id, _, version = value.partition(":")
    return Seen(UUID(id), int(version))


def _field(request: HttpRequest, name: str) -> str:
    return request.POST.get(name) or request.GET.get(name) or ""
