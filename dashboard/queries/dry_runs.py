"""One dry run, with what it would make of each message."""

from collections.abc import Sequence
from typing import NamedTuple

from consumers import brokers
from consumers.message import Message
from dashboard.editing.differences import Sides, differences
from workflow_processor.models import DeadLetter, DryRun, DryRunItem, Revision

SIZE = 20


class Preview(NamedTuple):
    """What a dry run would make of one message."""

    item: DryRunItem
    letter: DeadLetter | None
    """None where it is no longer kept."""
    differences: Sequence[Sides]


class Previews(NamedTuple):
    shown: Sequence[Preview]
    after: int | None
    """Where the next page begins."""


def previews(run: DryRun, outcome: str, after: int) -> Previews:
    """Of one outcome, in the order in which they were tried."""
    found = list(run.items.filter(outcome=outcome, id__gt=after).order_by("id")[: SIZE + 1])
    items = found[:SIZE]
    letters = DeadLetter.objects.select_related("source").in_bulk([item.dead_letter for item in items])
    revisions = _revisions(items)
    shown = [
        Preview(item, letters.get(item.dead_letter), _differences(item, revisions.get(_key(item))))
        for item in items
    ]
    return Previews(shown, items[-1].pk if len(found) > SIZE else None)


def _revisions(items: Sequence[DryRunItem]) -> dict[tuple[object, int], Revision]:
    """Those that the items were tried on."""
    found = Revision.objects.filter(dead_letter__in=[item.dead_letter for item in items])
    numbers = {item.revision for item in items}
    return {(one.dead_letter_id, one.number): one for one in found.filter(number__in=numbers)}


def _key(item: DryRunItem) -> tuple[object, int]:
    return item.dead_letter, item.revision


def _differences(item: DryRunItem, revision: Revision | None) -> Sequence[Sides]:
    """None where the message is not kept: the first ones of an outcome are."""
    if revision is None or item.body is None or item.properties is None:
        return ()
    properties = brokers.properties(revision.properties_format, bytes(item.properties))
    made = Message(bytes(item.body), properties)
    return differences(revision.message(), made, revision.return_address, item.return_address)
