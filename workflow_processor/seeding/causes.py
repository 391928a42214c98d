"""What fails in a seeded office: some causes very often, most of them rarely, as in any office."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, product
from random import Random

from consumers.failure import FINGERPRINT_VERSION, Failure, normalised
from workflow_processor.models import Group, Source

QUEUES = {
    "trades": ("placement", "risk", "audit"),
    "orders": ("billing", "shipping", "mail"),
    "payments": ("ledger", "fraud"),
    "customers": ("crm", "search"),
    "trades.eu": ("placement",),
    "stock": ("shelf", "forecast"),
}
ERRORS = (
    ("ValueError", "SHARES is not a whole number: '%s'"),
    ("KeyError", "'account' is missing in order %s"),
    ("shop.pricing.UnknownSymbol", "no symbol '%s' is listed"),
    ("shop.pricing.PricingTimeout", "no price for '%s' within 2 s"),
    ("shop.orders.MissingAccount", "the order %s names no account"),
    ("pydantic_core.ValidationError", "1 validation error for Order: qty of '%s' is too small"),
    ("UnicodeDecodeError", "'utf-8' codec can't decode byte 0xdc in '%s'"),
    ("psycopg.errors.UniqueViolation", "duplicate key value violates unique constraint: order '%s'"),
)
SERVICES = ("place_trade", "check_risk", "bill", "ship", "book", "enrich", "notify", "reconcile")
FRAME = '  File "/srv/%(queue)s/%(service)s.py", line %(line)s, in %(name)s\n    %(name)s(order, context)\n'


@dataclass(frozen=True, slots=True)
class Cause:
    """One group to be, with what its dead letters have in common."""

    group: int
    source: int
    address: str
    until: float
    """Causes before this one and this one are so much of all: a number from 0 to 1."""
    error_type: str
    text: str
    """With `%s` for what differs."""
    traceback: str
    top_frame: str
    handler: str
    parked: float
    """So much of it waits for a person."""
    repaired: float
    """So much of the rest was repaired by a rule."""


def causes(number: int, now: datetime) -> list[Cause]:
    """So many causes, the frequent ones first; makes their sources and groups."""
    random = Random(7)  # noqa: S311 -- the same office each time
    sources = _sources()
    until = list(accumulate(1 / rank for rank in range(1, number + 1)))
    made = [_group(*parts, now) for parts in _parts(number, sources, random)]
    groups = Group.objects.bulk_create([group for group, _ in made])
    return [
        Cause(
            group=group.pk,
            source=group.source_id,
            address=group.source.return_address,
            until=share / until[-1],
            error_type=group.error_type,
            text=failure.text,
            traceback=failure.traceback,
            top_frame=failure.top_frame,
            handler=group.handler,
            parked=random.choice([0.02, 0.05, 0.3, 0.9]),
            repaired=random.choice([0.0, 0.5, 1.0]),
        )
        for group, (_, failure), share in zip(groups, made, until, strict=True)
    ]


def _sources() -> list[Source]:
    names = [(queue, subscriber) for queue, subscribers in QUEUES.items() for subscriber in subscribers]
    return Source.objects.bulk_create(
        Source(queue=queue, subscriber=subscriber, return_address=f"{queue}:{subscriber}:requeue")
        for queue, subscriber in names
    )


def _parts(number: int, sources: list[Source], random: Random) -> Iterator[tuple[Source, str, str, str, int]]:
    kinds = list(product(sources, ERRORS, SERVICES))
    random.shuffle(kinds)
    for place in range(number):
        source, (error_type, text), service = kinds[place % len(kinds)]
        yield source, error_type, text, service, place // len(kinds)


def _group(
    source: Source, error_type: str, text: str, service: str, release: int, now: datetime
) -> tuple[Group, Failure]:
    named = {"queue": source.queue, "service": service, "name": f"{service}_{release}"}
    frames = "".join(FRAME % {**named, "line": 10 + 7 * depth} for depth in range(12))
    failure = Failure(
        error_type=error_type,
        text=text,
        handler=f"{source.queue}.{source.subscriber}.{service}",
        traceback=f"Traceback (most recent call last):\n{frames}{error_type}: {text}\n",
        top_frame=f"{source.queue}.{service}:{service}_{release}",
    )
    group = Group(
        fingerprint=failure.fingerprint,
        fingerprint_version=FINGERPRINT_VERSION,
        source=source,
        error_type=error_type,
        handler=failure.handler,
        text=normalised(text.replace("%s", "…")),
        top_frame=failure.top_frame,
        first_seen_at=now,
        last_seen_at=now,
    )
    return group, failure
