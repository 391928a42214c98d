"""What our own service does with a trade, in two releases: the one that was meant, and the one that went out
with half of a table and breaks every SELL until it is taken back."""

from consumers.trading.parse import Trade

_MEANT = {"BUY": "debit", "SELL": "credit"}
_BROKEN = {"BUY": "debit"}


def booking(trade: Trade, *, broken: bool) -> str:
    """Whether the account is debited or credited. Raises KeyError in the broken release."""
    return (_BROKEN if broken else _MEANT)[trade.side]
