"""What a file would make of the first messages that it changes."""

from consumers.message import Message
from dashboard.editing.changes import SHOWN, Tried
from dashboard.editing.differences import differences
from workflow_processor.models import ImportedBody, Revision
from workflow_processor.operations import files


def sample(file: int) -> list[Tried]:
    """The first ones, as they are and as they would be."""
    ids = files.first(file, SHOWN)
    latest = Revision.objects.filter(dead_letter__in=ids).order_by("dead_letter", "-number")
    now = {revision.dead_letter_id: revision for revision in latest.distinct("dead_letter")}
    bodies = ImportedBody.objects.filter(file=file, dead_letter__in=ids).order_by("dead_letter")
    return [_tried(now[one.dead_letter], bytes(one.body)) for one in bodies]


def _tried(now: Revision, body: bytes) -> Tried:
    before, address = now.message(), now.return_address
    then = Message(body, before.properties)
    return Tried(now.dead_letter_id, differences(before, then, address, address))
