"""A person, played by a program: looks at what is parked, mends it, discards it or leaves it, and notes what
the office answered. It knows of a message what anybody can see, so that it may die and begin again."""

import os
from pathlib import Path
from time import sleep
from uuid import UUID

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection

from tests.crash import CLERK
from tests.crash.letters import Kind, Letter, mended
from tests.crash.lines import Lines
from workflow_processor import acts
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, State
from workflow_processor.revisions import NewRevision


def main() -> None:
    """Works until it is killed."""
    memory = Lines(Path(os.environ["CRASH_CLERK"]), flushed=True)
    person = None
    while True:
        try:
            person = person or User.objects.get(username=CLERK)
            for id in list(_parked()):
                _see_to(person, id, memory)
        except (OperationalError, InterfaceError):
            connection.close()
        sleep(0.2)


def _parked() -> list[UUID]:
    return list(DeadLetter.objects.filter(state=State.PARKED).order_by("id").values_list("id", flat=True))


def _see_to(person: User, id: UUID, memory: Lines) -> None:
    seen = DeadLetter.objects.get(id=id)
    revision = seen.revisions.get(number=seen.revision)
    message = revision.message()
    letter, as_seen = Letter.read(message.body), Seen(seen.id, seen.version)
    if letter.broken and letter.kind is Kind.LEFT:
        return
    if letter.broken and letter.kind is Kind.REFUSED:
        did, outcome = ["discarded"], acts.discard(person, [as_seen], "It is refused.")
    elif letter.broken:
        made = NewRevision(message.with_body(mended(message.body)), revision.return_address, "It was broken.")
        did, outcome = ["edited", "requeued"], acts.edit(person, as_seen, made, send=True)
    else:
        did, outcome = ["requeued"], acts.requeue(person, [as_seen], "It is not broken.")
    if outcome.changed:
        memory.write({"letter": str(id), "did": did})
