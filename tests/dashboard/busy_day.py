"""A day at the trading example's office: real orders that really failed, in every state."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import islice

from consumers.envelope import Delegated
from consumers.failure import Failure, Kind
from consumers.fields import FieldProperties
from consumers.message import Message
from consumers.trading import QUEUE, SUBSCRIBER
from consumers.trading.parse import account_of, parse
from consumers.trading.pricing import PricingTimeout, UnknownSymbol, price
from consumers.trading.release import booking
from consumers.trading.trades import Order, Way, orders
from tests.dashboard import office
from workflow_processor.models import DeadLetter, State
from workflow_processor.repair import pipeline
from workflow_processor.repair.discovery import rules

DECLARED = {PricingTimeout: Kind.TRANSIENT, UnknownSymbol: Kind.PERMANENT}


def busy_day(failures: int = 64) -> list[DeadLetter]:
    """So many failures: some repaired and processed, some sent back, one discarded, most parked."""
    letters = office.take_in(*failing(failures))
    pipeline.repair([letter.id for letter in letters], rules())
    letters = office.fresh(letters)
    for number, letter in enumerate(letters):
        office.aged(letter, timedelta(minutes=7 * (len(letters) - number)))
    repaired = [letter for letter in letters if letter.state == State.REQUEUED]
    for letter in repaired[::2]:
        office.processed(letter)
    office.sent(*repaired[1::2])
    parked = [letter for letter in office.fresh(letters) if letter.state == State.PARKED]
    office.came_back(parked[0])
    office.processed(parked[1])
    office.discarded(parked[2], "The advisor placed it again by telephone.")
    return office.fresh(letters)


def failing(number: int) -> Iterator[Delegated]:
    """The next orders as the Trade Placement consumer would hand them over."""
    for order in islice(orders(7, Fraction(1)), number):
        message = _message(order)
        try:
            trade = parse(message)
            share = price(trade.symbol, down=order.way is Way.PRICING_DOWN)
            booking(trade, broken=order.way is Way.BROKEN_RELEASE)
        except Exception as error:
            kind = DECLARED.get(type(error))
            failure = Failure.of(error, "consumers.trading.placement.place_trade", kind=kind, tries=2)
            yield Delegated(
                message, failure, QUEUE, SUBSCRIBER, f"{QUEUE}:{SUBSCRIBER}:requeue", account_of(message)
            )
        else:
            raise AssertionError(f"{order.way} did not fail: {share}")


def _message(order: Order) -> Message:
    properties = FieldProperties.build(
        {"advisor": order.advisor, "desk": order.desk},
        message_id=order.message_id,
        correlation_id=order.basket,
        content_type=order.content_type,
    )
    return Message(order.body, properties)
