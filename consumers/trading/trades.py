"""The orders that advisors send: good ones, and those that fail in one of eight ways. The same seed, the same
orders in the same order."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import count, cycle
from random import Random
from typing import Any
from uuid import UUID

from consumers.trading.pricing import PRICES

Fields = dict[str, Any]


class Way(StrEnum):
    """How an order fails."""

    SHARE_QUANTITY = "share quantity"
    WRONG_SIDE = "wrong side"
    UNKNOWN_SYMBOL = "unknown symbol"
    MISSING_ACCOUNT = "missing account"
    QUANTITY_IN_WORDS = "quantity in words"
    NOT_UTF8 = "not UTF-8"
    PRICING_DOWN = "pricing down"
    BROKEN_RELEASE = "broken release"


_spoil: dict[Way, Callable[[Fields, Random], Fields]] = {
    Way.SHARE_QUANTITY: lambda order, _: {"shares": f"{order['shares']} SHARES"},
    Way.WRONG_SIDE: lambda order, _: {"side": {"BUY": "BYU", "SELL": "SLEL"}[order["side"]]},
    Way.UNKNOWN_SYMBOL: lambda _, random: {"symbol": random.choice(["APPL", "MSTF", "GOOGEL"])},
    Way.MISSING_ACCOUNT: lambda _order, _: {"account": ""},
    Way.QUANTITY_IN_WORDS: lambda _, random: {"shares": random.choice(["one hundred", "two thousand"])},
    Way.NOT_UTF8: lambda order, _: {"account": f"MÜLLER-{order['account']}"},
    Way.PRICING_DOWN: lambda _order, _: {},
    Way.BROKEN_RELEASE: lambda _order, _: {"side": "SELL"},
}


@dataclass(frozen=True, slots=True)
class Order:
    """One order as an advisor sends it."""

    message_id: str
    basket: str
    """Orders of one basket share it as their correlation id."""
    advisor: str
    desk: str
    content_type: str
    body: bytes
    way: Way | None
    """How it fails, if it does."""


def orders(seed: int, failing: Fraction, accounts: int = 200) -> Iterator[Order]:
    """Endless orders. Of any N in a row from the first, `failing` of N fail, evenly spread, in the eight ways
    in turn; the lines and the JSON take turns within each way. They are of so many `accounts`."""
    random = Random(seed)  # noqa: S311
    known = ["12654A87FR4", "2WE35HF6DHF", *(_account(random) for _ in range(accounts - 2))]
    ways = cycle((way, json_body) for json_body in (False, True) for way in Way)
    basket = ""
    for number in count():
        if number % 5 == 0:
            basket = _id(random)
        fails = int(failing * (number + 1)) > int(failing * number)
        way, as_json = next(ways) if fails else (None, random.random() < 0.5)
        yield _order(random, random.choice(known), basket, way, as_json)


def _order(random: Random, account: str, basket: str, way: Way | None, as_json: bool) -> Order:
    good = {
        "account": account,
        "side": random.choice(["BUY", "SELL"]),
        "symbol": random.choice(list(PRICES)),
        "shares": random.randint(1, 9_999),
    }
    fields = good | (_spoil[way](good, random) if way else {})
    text = json.dumps(fields, ensure_ascii=False) if as_json else ",".join(map(str, fields.values()))
    return Order(
        message_id=_id(random),
        basket=basket,
        advisor=random.choice(["ada", "grace", "edsger", "barbara"]),
        desk=random.choice(["equities", "retail", "institutional"]),
        content_type="application/json" if as_json else "text/csv",
        body=text.encode("latin-1" if way is Way.NOT_UTF8 else "utf-8"),
        way=way,
    )


def _account(random: Random) -> str:
    return "".join(random.choices("0123456789ABCDEFGHJKLMNPRSTUWXYZ", k=11))


def _id(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))
