"""Reads the queues of one consumer until it is asked to leave; outlives whatever its broker goes through."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

from consumers.broker import Broker
from consumers.errors import BrokerUnavailable, QueueMissing
from consumers.handling import Handler
from consumers.keeping import Keeping
from consumers.line import Line, Surroundings
from consumers.logs import told
from consumers.patience import Patience
from consumers.settling import Settling
from consumers.stopping import Stop

log = logging.getLogger(__name__)

IDLE = 0.2
"""Seconds to wait at empty queues, and the longest that an idle consumer takes to notice it must leave."""


def consume(
    handlers: Sequence[Handler], broker: Broker, *, intake: str, batch: int, stop: Stop, database: str | None
) -> None:
    """Runs until `stop` is requested, or until a handler raises what is no Exception: this raises it too."""
    patience, keeping = Patience("broker", stop), Keeping()
    settling = Settling(broker, intake, Patience("office", stop), stop, keeping)
    with broker, ThreadPoolExecutor(1, "handler") as hand:
        around = Surroundings(broker, hand, stop, batch, database, keeping, settling)
        while not stop.requested:
            try:
                _read(handlers, around, patience)
            except (BrokerUnavailable, QueueMissing) as error:
                broker.close()
                settling.forget()
                patience.wait(str(error))
    log.info(told("left"))


def _read(handlers: Sequence[Handler], around: Surroundings, patience: Patience) -> None:
    """Subscribes, and takes what comes, each queue in its turn."""
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(Line(handler, around))) for handler in handlers]
        log.info(told("reading", queues=",".join(sorted({handler.queue for handler in handlers}))))
        wait = 0.0
        while not around.stop.requested:
            found = False
            for line in lines:
                deliveries = line.receive(0.0 if found else wait)
                patience.over()
                if deliveries:
                    line.carry(deliveries)
                    found = True
            if not found:
                around.settling.finish()
            wait = 0.0 if found else IDLE / len(lines)
        around.settling.finish()
