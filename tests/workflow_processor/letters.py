"""Dead letters for tests, brought in by the real intake."""

import threading
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Q, Sum

from consumers.envelope import Delegated
from consumers.failure import Failure, Kind
from consumers.fields import FieldProperties
from consumers.message import Message
from consumers.properties import Headers
from workflow_processor import figures, group_figures
from workflow_processor.intake.arrivals import arrived
from workflow_processor.intake.catalogue import Catalogue
from workflow_processor.intake.storing import store
from workflow_processor.models import OPEN, DeadLetter, Event, Group, SearchDue, State, StateCount

QUEUE, SUBSCRIBER = "trades", "placement"


def message(body: bytes = b"A1,BUY,AAPL,1 SHARES", headers: Headers | None = None) -> Message:
    return Message(body, FieldProperties.build(headers or {"desk": "7"}, message_id=str(uuid4())))


def failure(kind: Kind = Kind.UNKNOWN, **told: object) -> Failure:
    fields: dict[str, object] = {
        "error_type": "ValueError",
        "text": "not a number",
        "handler": "trades.place",
    }
    return Failure(**{**fields, "kind": kind, **told})  # type: ignore[arg-type]


def failed(
    body: bytes = b"A1,BUY,AAPL,1 SHARES",
    kind: Kind = Kind.UNKNOWN,
    *,
    address: str = QUEUE,
    headers: Headers | None = None,
    **told: object,
) -> Delegated:
    """A failed message as its consumer hands it over."""
    return Delegated(message(body, headers), failure(kind, **told), QUEUE, SUBSCRIBER, address)


def take_in(*delegated: Delegated) -> list[UUID]:
    """Stores them; gives their dead letters, in the order given."""
    ids = store([arrived(one) for one in delegated], [], Catalogue())
    by_message = {
        letter.message_id: letter.id for letter in DeadLetter.objects.filter(id__in=ids).only("message_id")
    }
    return [by_message[one.message.message_id or ""] for one in delegated]


def letters(ids: Sequence[UUID]) -> list[DeadLetter]:
    """The dead letters as they are now, in this order."""
    found = DeadLetter.objects.in_bulk(ids)
    return [found[id] for id in ids]


def states(ids: Sequence[UUID]) -> list[str]:
    return [letter.state for letter in letters(ids)]


def timeline(id: UUID) -> list[str]:
    return list(Event.objects.filter(dead_letter_id=id).order_by("id").values_list("kind", flat=True))


def assert_counted() -> None:
    """The figures agree with the rows."""
    counted = {row["state"]: row["n"] for row in StateCount.objects.values("state").annotate(n=Sum("change"))}
    there = {state: DeadLetter.objects.filter(state=state).count() for state in State}
    assert {state: counted.get(state, 0) for state in State} == there
    for group in Group.objects.filter(merged_into=None):
        of_it = Q(group=group) | Q(group__merged_into=group)
        news = StateCount.objects.filter(of_it, folded=False, state__in=OPEN).aggregate(n=Sum("change"))["n"]
        assert group.open + (news or 0) == DeadLetter.objects.filter(of_it, state__in=OPEN).count()


def fold() -> None:
    """What beat asks for now and then."""
    figures.fold()
    group_figures.fold()


def in_threads(*work: Callable[[], object]) -> None:
    """Runs these side by side, each on its own connection."""
    errors: list[BaseException] = []

    def run(one: Callable[[], object]) -> None:
        try:
            one()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def behind() -> int:
    """How many are still to be made searchable, or made so anew."""
    return sum(len(batch) for batch in SearchDue.objects.values_list("ids", flat=True))
