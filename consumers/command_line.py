"""What our commands have in common."""

import logging

from consumers.broker import Broker
from consumers.brokers import connect
from consumers.stopping import Stop

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def broker_at(url: str | None) -> Broker:
    """The broker that the command line or the environment names. Raises ValueError where neither does."""
    if not url:
        raise ValueError("No broker is given. Set BROKER_URL or --broker, such as valkey://localhost.")
    return connect(url)


def begin() -> Stop:
    """Logs to the standard error, and listens to signals."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    stop = Stop()
    stop.on_signals()
    return stop
