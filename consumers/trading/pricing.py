"""The pricing service: knows what is listed and at what price; at times it does not answer."""

from decimal import Decimal

PRICES = {
    "AAPL": Decimal("187.32"),
    "AMZN": Decimal("146.80"),
    "GOOG": Decimal("139.45"),
    "IBM": Decimal("153.04"),
    "MSFT": Decimal("374.51"),
    "NFLX": Decimal("479.17"),
    "NVDA": Decimal("487.21"),
    "TSLA": Decimal("238.83"),
}


class PricingTimeout(Exception):
    """No answer in time; there may be one a little later."""


class UnknownSymbol(Exception):
    """Nothing is listed under this name."""


def price(symbol: str, *, down: bool) -> Decimal:
    """The price of a share, in dollars. `down` plays an outage of the service."""
    if down:
        raise PricingTimeout("the pricing service did not answer within 250 ms")
    if symbol not in PRICES:
        raise UnknownSymbol(f"no symbol {symbol!r} is listed")
    return PRICES[symbol]
