"""What an act is about: the ticked dead letters as they were seen, or all that a query finds; or groups."""

from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest

from dashboard.queries import DeadLetterQuery, QueryError
from dashboard.views.numbers import whole
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, Group


def selected(request: HttpRequest) -> list[Seen]:
    """Those of `ids`, each an id and the version that the person saw. Raises BadRequest where it is none."""
    try:
        return [_seen(value) for value in request.POST.getlist("ids") or request.GET.getlist("ids")]
    except ValueError as error:
        raise BadRequest("That is no selection of dead letters.") from error


def of_all(request: HttpRequest) -> bool:
    """Whether the act is about all that the query `q` finds."""
    return field(request, "scope") == "matching"


def matching(request: HttpRequest, until: UUID | None) -> QuerySet[DeadLetter]:
    """What `q` finds, without what has come in after `until`. Raises BadRequest where it cannot be read."""
    return asked(request).letters(until)


def asked(request: HttpRequest) -> DeadLetterQuery:
    """The query `q`. Raises BadRequest where it cannot be read."""
    try:
        return DeadLetterQuery.parse(field(request, "q"))
    except QueryError as error:
        raise BadRequest(str(error)) from error


def groups(request: HttpRequest) -> list[Group]:
    """The groups of `ids`, in that order; those that are gone are left out."""
    try:
        ids = [int(id) for id in request.POST.getlist("ids") or request.GET.getlist("ids")]
    except ValueError as error:
        raise BadRequest("That is no selection of groups.") from error
    found = Group.objects.in_bulk([id for id in ids if 0 < id < 2**63])
    return [found[id] for id in ids if id in found]


def reason(request: HttpRequest) -> str:
    """Why, in the person's own words."""
    return words(request, "reason")


def words(request: HttpRequest, name: str) -> str:
    """What somebody wrote: with the line ends of a text, not of a form, and without NUL, which no database
    keeps."""
    return request.POST.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()


def field(request: HttpRequest, name: str) -> str:
    return request.POST.get(name) or request.GET.get(name) or ""


def _seen(value: str) -> Seen:
    id, _, version = value.partition(":")
    return Seen(UUID(id), whole(version))
