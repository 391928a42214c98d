"""An order's eight ways, and the good one; without a broker."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import islice

import pytest

from consumers import Message
from consumers.failure import Failure
from consumers.fields import FieldProperties
from consumers.handling import Handler
from consumers.trading import faults
from consumers.trading.parse import Trade, account_of, parse
from consumers.trading.pricing import PRICES, PricingTimeout, UnknownSymbol, price
from consumers.trading.release import booking
from consumers.trading.trades import Order, Way, orders

JSON = "application/json"
CSV = "text/csv"


def message(body: bytes, content_type: str | None = CSV) -> Message:
    return Message(body, FieldProperties.build(content_type=content_type))


def failed(body: bytes, content_type: str = CSV) -> Failure:
    def place(message: Message) -> None:
        trade = parse(message)
        price(trade.symbol, down=False)

    failure = Handler("trades", "placement", place).handle(message(body, content_type))
    assert failure is not None
    return failure


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"12654A87FR4,BUY,AAPL,1254", CSV),
        (b"12654A87FR4,BUY,AAPL,1254", None),
        (b'"12654A87FR4",BUY,AAPL, 1254\r\n', CSV),
        (b'{"account": "12654A87FR4", "side": "BUY", "symbol": "AAPL", "shares": 1254}', JSON),
        (b'{"shares": "1254", "symbol": "AAPL", "side": "BUY", "account": "12654A87FR4", "note": []}', JSON),
    ],
)
def test_a_good_order_is_a_trade(body: bytes, content_type: str | None) -> None:
    assert parse(message(body, content_type)) == Trade("12654A87FR4", "BUY", "AAPL", 1254)
    assert account_of(message(body, content_type)) == "12654A87FR4"


@pytest.mark.parametrize(
    ("body", "error_type", "text"),
    [
        (b"2WE35HF6DHF,BUY,AAPL,8756 SHARES", "ValueError", "'8756 SHARES'"),
        (b"2WE35HF6DHF,BYU,AAPL,8756", "consumers.trading.parse.UnknownSide", "'BYU'"),
        (b"2WE35HF6DHF,BUY,APPL,8756", "consumers.trading.pricing.UnknownSymbol", "'APPL'"),
        (b",BUY,AAPL,8756", "consumers.trading.parse.MissingAccount", "no account"),
        (b"2WE35HF6DHF,BUY,AAPL,one hundred", "consumers.trading.parse.QuantityInWords", "'one hundred'"),
        ("MÜLLER,BUY,AAPL,8756".encode("latin-1"), "UnicodeDecodeError", "utf-8"),
        (b"", "ValueError", "zip"),
        (b"a,b\nc,d", "_csv.Error", "new-line"),
        (b"2WE35HF6DHF,BUY,AAPL,12.5", "ValueError", "'12.5'"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(body: bytes, error_type: str, text: str) -> None:
    failure = failed(body)
    assert failure.error_type == error_type
    assert text in failure.text


@pytest.mark.parametrize(
    ("body", "error_type"),
    [
        (b'{"account": "A", "side": "BUY", "symbol": "AAPL", "shares": "8756 SHARES"}', "ValueError"),
        (b'{"side": "BUY", "symbol": "AAPL", "shares": 1}', "consumers.trading.parse.MissingAccount"),
        (b'{"account": "A", "side": ["BUY"], "shares": 1}', "consumers.trading.parse.UnknownSide"),
        (b'{"account": "A", "side": "BUY", "symbol": "AAPL", "shares": 1.5}', "ValueError"),
        (b'{"account": "A", "side": "BUY", "symbol": "AAPL"}', "ValueError"),
        (b"[]", "ValueError"),
        (b"{", "json.decoder.JSONDecodeError"),
        (b"[" * 200_000, "RecursionError"),
    ],
)
def test_what_is_wrong_with_json_is_said(body: bytes, error_type: str) -> None:
    assert failed(body, JSON).error_type == error_type


@pytest.mark.parametrize("body", [b"\xff", b"", b"{", b"[" * 200_000, b"a\nb", b",BUY,AAPL,1"])
@pytest.mark.parametrize("content_type", [CSV, JSON])
def test_an_order_that_cannot_be_read_has_no_account(body: bytes, content_type: str) -> None:
    assert account_of(message(body, content_type)) is None


def test_the_line_and_the_json_of_one_fault_are_one_group() -> None:
    line = failed(b"2WE35HF6DHF,BUY,AAPL,8756 SHARES")
    as_json = failed(b'{"account": "A", "side": "SELL", "symbol": "IBM", "shares": "12 SHARES"}', JSON)
    assert line.fingerprint == as_json.fingerprint
    assert failed(b"A,BUY,AAPL,one hundred").fingerprint != line.fingerprint


def test_a_fault_of_the_world_is_met_until_its_time() -> None:
    soon, past = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (5, -5))
    properties = FieldProperties.build({faults.HEADER: faults.header(faults.PRICING, soon)})
    assert faults.met(faults.PRICING, Message(b"", properties))
    assert not faults.met(faults.RELEASE, Message(b"", properties))
    over = FieldProperties.build({faults.HEADER: faults.header(faults.PRICING, past)})
    assert not faults.met(faults.PRICING, Message(b"", over))
    assert not faults.met(faults.PRICING, message(b""))


def test_pricing_times_out_while_it_is_down() -> None:
    with pytest.raises(PricingTimeout):
        price("AAPL", down=True)
    with pytest.raises(UnknownSymbol):
        price("APPL", down=False)


def test_the_broken_release_breaks_every_sell_and_no_buy() -> None:
    sell, buy = (Trade("A", side, "IBM", 1) for side in ("SELL", "BUY"))
    assert booking(buy, broken=True) == booking(buy, broken=False)
    assert booking(sell, broken=False) == "credit"
    with pytest.raises(KeyError):
        booking(sell, broken=True)


def thousand(seed: int = 7) -> list[Order]:
    return list(islice(orders(seed, Fraction("0.1")), 1000))


def test_the_same_seed_sends_the_same_orders() -> None:
    assert thousand() == thousand() != thousand(8)
    assert len({order.message_id for order in thousand()}) == 1000


def test_the_share_that_fails_is_exact_and_in_every_way_both_as_a_line_and_as_json() -> None:
    failing = [order for order in thousand() if order.way]
    assert len(failing) == 100
    counts = {way: sum(order.way is way for order in failing) for way in Way}
    assert set(counts.values()) == {12, 13}
    assert {(order.way, order.content_type) for order in failing} == {
        (w, c) for w in Way for c in (CSV, JSON)
    }


ERRORS = {
    Way.SHARE_QUANTITY: "ValueError",
    Way.WRONG_SIDE: "consumers.trading.parse.UnknownSide",
    Way.UNKNOWN_SYMBOL: "consumers.trading.pricing.UnknownSymbol",
    Way.MISSING_ACCOUNT: "consumers.trading.parse.MissingAccount",
    Way.QUANTITY_IN_WORDS: "consumers.trading.parse.QuantityInWords",
    Way.NOT_UTF8: "UnicodeDecodeError",
}


def test_orders_fail_in_the_way_that_they_say_and_the_others_do_not() -> None:
    for order in thousand():
        if order.way in ERRORS:
            assert failed(order.body, order.content_type).error_type == ERRORS[order.way]
        else:
            trade = parse(message(order.body, order.content_type))
            assert trade.symbol in PRICES
            assert order.way is not Way.BROKEN_RELEASE or trade.side == "SELL"


def test_each_way_is_one_group() -> None:
    for way in ERRORS:
        failures = [failed(order.body, order.content_type) for order in thousand() if order.way is way]
        assert len({failure.fingerprint for failure in failures}) == 1, way
