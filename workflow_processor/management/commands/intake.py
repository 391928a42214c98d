"""`manage.py intake`: takes failed messages in. Run as many as are needed; they compete for the queue."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from kombu.exceptions import OperationalError

from consumers.brokers import connect
from consumers.logs import told
from consumers.stopping import Stop
from workflow_processor import health, heap, live, tasks
from workflow_processor.intake.desk import Desk
from workflow_processor.waiting import wait_for_database

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Takes failed messages and receipts in from the intake queue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch", type=int, default=500, help="most messages per transaction (default 500)"
        )

    def handle(self, *, batch: int, **_: Any) -> None:
        stop = Stop()
        stop.on_signals()
        heap.settle()
        if wait_for_database(stop):
            with connect(settings.BROKER_URL) as broker:
                Desk(broker, _hand_on, stop, batch=batch).run(_note)


def _hand_on(letters: Sequence[UUID]) -> None:
    """Tells pages, and enqueues the repair. Where that cannot be done now, the sweep does it later."""
    live.announce("changed")
    if not letters:
        return
    try:
        tasks.repair.apply_async(([str(letter) for letter in letters],), retry=False)
    except OperationalError as error:
        log.warning(told("repair-left-to-the-sweep", letters=len(letters), error=type(error).__name__))


def _note(missing: str) -> None:
    health.beat("intake", working=not missing, note=missing)
