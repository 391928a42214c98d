"""Whether a rule settles: applied to its own result it must change nothing more. What its form does not make
certain is tried, before it is saved, on what is parked."""

from collections.abc import Iterator
from time import monotonic

from consumers.repair import FailedMessage
from workflow_processor import sql
from workflow_processor.repair import cases, settling
from workflow_processor.repair.definition import Definition
from workflow_processor.repair.staff_rule import unsettled
from workflow_processor.rules import book
from workflow_processor.rules.record import Refused

SAMPLES, SECONDS = 50, 1.0
"""How many messages it is tried on, and for how long; somebody waits for the page."""


def must_settle(definition: Definition) -> None:
    """Raises Refused where a parked message shows that the rule would change its own result again."""
    if settling.settles_by_form(definition.steps, definition.reading):
        return
    if why := unsettled(definition, _samples(), book.current().surroundings):
        raise Refused("then", why)


def _samples() -> Iterator[FailedMessage]:
    until = monotonic() + SECONDS
    ids = [row.id for row in sql.run(_newest, {"most": SAMPLES})]
    for id in ids:
        if monotonic() > until:
            return
        yield from (looked.case.failed for looked in cases.look([id]))


_newest = "SELECT id FROM dead_letter WHERE state = 'parked' ORDER BY id DESC LIMIT %(most)s"
