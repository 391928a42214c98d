"""An office with dead letters in every state, put there by the real intake, triage, relay and receipts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from consumers import brokers
from consumers.envelope import Delegated, Receipt
from consumers.failure import Failure, Kind
from consumers.fields import FieldProperties
from consumers.identity import requeue_id
from consumers.message import Message
from consumers.properties import Headers, Properties
from workflow_processor import acts, lifecycle, sql
from workflow_processor.intake.arrivals import arrived
from workflow_processor.intake.catalogue import Catalogue
from workflow_processor.intake.storing import store
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, OutboxEntry, State
from workflow_processor.relay import Relay
from workflow_processor.repair import pipeline
from workflow_processor.revisions import NewRevision
from workflow_processor.search import indexing
from workflow_processor.transition import Actor

TRADE = b"2WE35HF6DHF,BUY,AAPL,8756 SHARES"
CLERK = Actor("clerk")
ACTS = (
    "view", "edit", "requeue", "discard", "comment", "assign", "manage_group", "share_view",
    "write_rules", "switch_rules", "manage_source", "manage_people",
)  # fmt: skip


def person(name: str = "ada", *acts: str) -> User:
    """Somebody who may do these things, or all of them."""
    user = User.objects.create_user(name)
    wanted = [act if "_" in act else f"{act}_dead_letter" for act in acts or ACTS]
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return user


def browser(user: User | None = None) -> Client:
    """Where somebody is signed in; by default one who may do everything."""
    client = Client()
    client.force_login(user or person())
    return client


def failed(
    body: bytes = TRADE,
    *,
    queue: str = "trades",
    subscriber: str = "placement",
    headers: Headers | None = None,
    properties: Properties | None = None,
    message_id: str | None = "",
    correlation_id: str | None = None,
    content_type: str | None = None,
    key: str | None = None,
    address: str | None = None,
    **told: Any,
) -> Delegated:
    """A failed message as its consumer hands it over; `message_id` None is a producer that gives none."""
    message_id = str(uuid4()) if message_id == "" else message_id
    properties = properties or FieldProperties.build(
        headers or {"desk": "7"},
        message_id=message_id,
        correlation_id=correlation_id,
        content_type=content_type,
    )
    failure = Failure(
        **{
            "error_type": "ValueError",
            "text": "SHARES is not a whole number: '8756 SHARES'",
            "handler": "trading.placement:place",
            "occurred_at": datetime.now(UTC),
            **told,
        }
    )
    address = f"{queue}:{subscriber}:requeue" if address is None else address
    return Delegated(Message(body, properties), failure, queue, subscriber, address, key)


def take_in(*delegated: Delegated) -> list[DeadLetter]:
    """Stores them as received; gives them in the order given."""
    known = Catalogue()
    return [DeadLetter.objects.get(id=id) for one in delegated for id in store([arrived(one)], [], known)]


def park(*delegated: Delegated) -> list[DeadLetter]:
    """Takes them in and lets triage decide, without rules: all but the transient ones are parked."""
    letters = take_in(*delegated)
    pipeline.repair([letter.id for letter in letters], ())
    return fresh(letters)


def parked(body: bytes = TRADE, **told: Any) -> DeadLetter:
    """One that waits for a person."""
    return park(failed(body, **told))[0]


def waiting(**told: Any) -> DeadLetter:
    """One whose retry is scheduled, an hour from now or more."""
    [letter] = park(failed(kind=Kind.TRANSIENT, retry_after=3600.0, **told))
    return letter


def requeued(letter: DeadLetter, hold: timedelta = timedelta()) -> DeadLetter:
    lifecycle.requeue([seen(letter)], CLERK, hold=hold)
    return fresh([letter])[0]


def sent(*letters: DeadLetter) -> list[DeadLetter]:
    """Requeues that the relay has published to a broker in memory."""
    letters = tuple(requeued(letter) if letter.state == State.PARKED else letter for letter in letters)
    with brokers.connect(f"memory://{uuid4()}") as broker:
        for letter in letters:
            broker.declare(letter.source.return_address, letter.source.subscriber)
        Relay(broker).drain()
    return fresh(letters)


def withdrawn(letter: DeadLetter, user: User) -> DeadLetter:
    """One whose requeue was undone in time."""
    acts.undo(user, [letter.id])
    return fresh([letter])[0]


def unroutable(letter: DeadLetter) -> DeadLetter:
    """One whose requeue has no queue to go to."""
    with brokers.connect(f"memory://{uuid4()}") as broker:
        Relay(broker).drain()
    return fresh([letter])[0]


def let_go(*letters: DeadLetter) -> list[DeadLetter]:
    """Requeues whose time to be undone is over, sent."""
    OutboxEntry.objects.filter(dead_letter__in=letters).update(due_at=timezone.now() - timedelta(hours=1))
    return sent(*fresh(letters))


def processed(letter: DeadLetter) -> DeadLetter:
    """One whose consumer sent the receipt."""
    [letter] = sent(letter)
    receipt = Receipt(
        letter.id, letter.attempt, requeue_id(letter.id, letter.attempt), timezone.now(), "host-1"
    )
    store([], [receipt], Catalogue())
    return fresh([letter])[0]


def came_back(letter: DeadLetter, **told: Any) -> DeadLetter:
    """One whose requeue failed, and which is parked again."""
    [letter] = sent(letter)
    message = letter.revisions.get(number=letter.revision).message()
    marked = message.with_headers({"dlo-id": str(letter.id), "dlo-attempt": str(letter.attempt)})
    delegated = failed(message.body, properties=marked.properties, **told)
    store([arrived(delegated)], [], Catalogue())
    pipeline.repair([letter.id], ())
    return fresh([letter])[0]


def edited(letter: DeadLetter, body: bytes) -> DeadLetter:
    """One that has another body."""
    before = letter.revisions.get(number=letter.revision)
    made = NewRevision(before.message().with_body(body), before.return_address, "a person knew better")
    lifecycle.edit([seen(letter)], [made], CLERK)
    return fresh([letter])[0]


def discarded(letter: DeadLetter, reason: str = "A test order.") -> DeadLetter:
    lifecycle.discard([seen(letter)], CLERK, reason)
    return fresh([letter])[0]


def searchable() -> None:
    """Lets the worker catch up, so that everything is found by what it says."""
    while indexing.catch_up():
        pass


def seen(letter: DeadLetter) -> Seen:
    return Seen(letter.id, letter.version)


def fresh(letters: Sequence[DeadLetter]) -> list[DeadLetter]:
    """These as they are now."""
    now: Mapping[UUID, DeadLetter] = DeadLetter.objects.select_related("source").in_bulk(
        [letter.id for letter in letters]
    )
    return [now[letter.id] for letter in letters]


def aged(letter: DeadLetter, age: timedelta) -> None:
    """Lets it have come in so long ago. An id tells when it was made: this one gets another."""
    then = timezone.now() - age
    before, letter.id = letter.id, _made_at(then, letter.id)
    times = dict.fromkeys(("received_at", "first_failed_at", "last_failed_at", "changed_at"), then)
    with transaction.atomic():
        DeadLetter.objects.filter(id=before).update(id=letter.id, **times)
        for relation in DeadLetter._meta.related_objects:
            of_it = {relation.field.name: before}
            relation.related_model._default_manager.filter(**of_it).update(**{relation.field.name: letter.id})
        change = "UPDATE search_due SET ids = array_replace(ids, %(before)s, %(after)s)"
        sql.run(change, {"before": before, "after": letter.id})


def _made_at(moment: datetime, id: UUID) -> UUID:
    """A UUID of version 7 begins with 48 bits of milliseconds."""
    return UUID(int=round(moment.timestamp() * 1_000) << 80 | id.int & (1 << 80) - 1)
