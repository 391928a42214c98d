"""Plays the advisors: python -m consumers.trading.producer [--rate 2] [--failing 0.1] [--count 1000] …"""

import logging
import os
import secrets
from argparse import ArgumentParser, Namespace
from datetime import timedelta
from fractions import Fraction
from itertools import islice

from consumers.broker import Broker
from consumers.command_line import begin, broker_at
from consumers.logs import told
from consumers.patience import Patience
from consumers.stopping import Stop
from consumers.trading import faults
from consumers.trading.advisors import Advisors, Outages
from consumers.trading.sink import DatabaseAway, Sink, database_url
from consumers.trading.trades import Way, orders

log = logging.getLogger(__name__)

FIRST_FAILING = Fraction(2, 5)
"""Of the first batch: a newcomer is to see each way to fail."""


def main() -> None:
    """The command line. Exits with 0 after `count` orders or when asked to leave, with 2 when it cannot."""
    given, broker, sink = _understood()
    stop = begin()
    outages: Outages = {
        Way.PRICING_DOWN: (faults.PRICING, timedelta(seconds=given.pricing_seconds)),
        Way.BROKEN_RELEASE: (faults.RELEASE, timedelta(seconds=given.release_seconds)),
    }
    advisors = Advisors(broker, stop, outages)
    with broker:
        if sink and _never_traded(sink, stop):
            first = islice(orders(given.seed + 1, FIRST_FAILING, given.accounts), given.first)
            log.info(told("first-batch", sent=advisors.send(first, 0)))
        steady = islice(orders(given.seed, given.failing, given.accounts), given.count)
        log.info(told("left", sent=advisors.send(steady, given.rate)))


def _never_traded(sink: Sink, stop: Stop) -> bool:
    """Whether this is a new set of data. Waits for a database that is away."""
    patience = Patience("database", stop)
    with sink:
        while not stop.requested:
            try:
                return sink.is_empty()
            except DatabaseAway as error:
                patience.wait(str(error))
    return False


def _understood() -> tuple[Namespace, Broker, Sink | None]:
    parser = ArgumentParser("python -m consumers.trading.producer", description="Sends trades.")
    add = parser.add_argument
    add("--broker", default=os.environ.get("BROKER_URL", ""), help="its URL (BROKER_URL)")
    add("--rate", type=_amount, default=2, help="orders a second (2); 0: as fast as it goes")
    add("--failing", type=_share, default="0.1", help="the share of them that fails (0.1)")
    add("--count", type=_number, help="orders in all (no end)")
    add("--first", type=_number, default=60, help="orders to begin with where none was ever placed (60)")
    add("--seed", type=int, default=secrets.randbits(64), help="the same seed sends the same orders")
    add("--accounts", type=_number, default=200, help="how many accounts they are of (200)")
    add("--pricing-seconds", type=_amount, default=8, help="how long pricing is down for an order (8)")
    add("--release-seconds", type=_amount, default=60, help="how long the broken release stays (60)")
    given = parser.parse_args()
    try:
        broker = broker_at(given.broker)
    except ValueError as error:
        parser.exit(2, f"{error}\n")
    return given, broker, Sink(database_url(), patience=0) if given.first else None


def _amount(text: str) -> float:
    return _at_least_none(float(text))


def _number(text: str) -> int:
    return int(_at_least_none(int(text)))


def _share(text: str) -> Fraction:
    """As it is written: 0.1 is a tenth, and not the float that is nearest to it."""
    if not 0 <= (share := Fraction(text)) <= 1:
        raise ValueError
    return share


def _at_least_none(amount: float) -> float:
    if not 0 <= amount < float("inf"):
        raise ValueError
    return amount


if __name__ == "__main__":
    main()
