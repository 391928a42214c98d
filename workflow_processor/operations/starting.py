"""Has a worker begin at once with what a person has just confirmed, and not at the next tick."""

import logging
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

from consumers.logs import told
from workflow_processor.celery import app
from workflow_processor.schedule import TICKS, TICKS_LIVE

log = logging.getLogger(__name__)


def soon() -> None:
    """Asks a worker to carry operations on once the transaction has been committed."""
    transaction.on_commit(_ask)


def _ask() -> None:
    """Where a worker cannot be asked, the next tick does it, and the person need not wait until it is known
    that nobody answers."""
    try:
        # A connection of its own, since Celery's would be tried for again for seconds.
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            asked: dict[str, Any] = {
                "queue": TICKS,
                "expires": TICKS_LIVE,
                "ignore_result": True,
                "retry": False,
            }
            app.send_task("workflow_processor.tasks.operate", connection=connection, **asked)
    except OperationalError as error:
        log.warning(told("operation-left-to-the-tick", error=type(error).__name__))
