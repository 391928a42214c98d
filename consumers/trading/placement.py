"""The Trade Placement consumer."""

from consumers import Consumer, Message
from consumers.trading import QUEUE, SUBSCRIBER
from consumers.trading.faults import PRICING, RELEASE, met
from consumers.trading.parse import account_of, parse
from consumers.trading.pricing import PricingTimeout, UnknownSymbol, price
from consumers.trading.release import booking
from consumers.trading.sink import Sink, database_url

consumer = Consumer()
sink = Sink(database_url())


@consumer.handles(
    QUEUE,
    subscriber=SUBSCRIBER,
    attempts=2,
    transient=(PricingTimeout,),
    permanent=(UnknownSymbol,),
    ordering_key=account_of,
)
def place_trade(message: Message) -> None:
    """Prices a trade, books it, and writes it down."""
    trade = parse(message)
    share = price(trade.symbol, down=met(PRICING, message))
    sink.place(message, trade, share, booking(trade, broken=met(RELEASE, message)))
