"""From the bytes of a message to a trade, with all that is wrong with them."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass

from consumers.message import Message

COLUMNS = ("account", "side", "symbol", "shares")
SIDES = ("BUY", "SELL")


class MissingAccount(Exception):
    """Nobody is named for whom to trade."""


class UnknownSide(Exception):
    """Neither BUY nor SELL."""


class QuantityInWords(Exception):
    """A number that somebody wrote out."""


@dataclass(frozen=True, slots=True)
class Trade:
    """An order that can be placed."""

    account: str
    side: str
    symbol: str
    shares: int


def parse(message: Message) -> Trade:
    """The trade in a message. Raises MissingAccount, UnknownSide, QuantityInWords, and ValueError (of which
    UnicodeDecodeError and JSONDecodeError are kinds) for everything else that it cannot be."""
    order = _fields(message)
    return Trade(
        account=_account(order.get("account")),
        side=_side(order.get("side")),
        symbol=str(order.get("symbol")),
        shares=_shares(order.get("shares")),
    )


def field(message: Message, name: str) -> object:
    """One field of an order as it stands there, or None where it cannot be read."""
    try:
        return _fields(message).get(name)
    except (ValueError, csv.Error, RecursionError):
        return None


def account_of(message: Message) -> str | None:
    """The key within which trades must stay in order."""
    account = field(message, "account")
    return str(account) if account else None


def _fields(message: Message) -> Mapping[str, object]:
    text = message.text()
    if message.content_type != "application/json":
        return dict(zip(COLUMNS, next(csv.reader([text.strip()])), strict=True))
    order = json.loads(text)
    if not isinstance(order, dict):
        raise ValueError(f"an order is a JSON object, not {type(order).__name__}")
    return order


def _account(account: object) -> str:
    if not account:
        raise MissingAccount("the order names no account")
    return str(account)


def _side(side: object) -> str:
    if side not in SIDES:
        raise UnknownSide(f"there is no side {side!r}, only BUY and SELL")
    return str(side)


def _shares(shares: object) -> int:
    if isinstance(shares, str) and shares.replace(" ", "").replace("-", "").isalpha():
        raise QuantityInWords(f"the quantity is in words: {shares!r}")
    return int(str(shares))
