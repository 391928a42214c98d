"""A thousand trades, a hundred of which fail in eight ways: what a program can mend is placed without a
person, the rest is parked under its cause, and people bring it to its end."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from consumers.trading.trades import Way
from tests.acceptance.clerk import fix_and_requeue, sign_in
from tests.acceptance.trading_day import ORDERS, SENT, WITHOUT_A_PERSON, TradingDay, of, sha

pytestmark = pytest.mark.timeout(300)

ERRORS = {
    Way.UNKNOWN_SYMBOL: "consumers.trading.pricing.UnknownSymbol",
    Way.MISSING_ACCOUNT: "consumers.trading.parse.MissingAccount",
    Way.QUANTITY_IN_WORDS: "consumers.trading.parse.QuantityInWords",
    Way.NOT_UTF8: "UnicodeDecodeError",
    Way.BROKEN_RELEASE: "KeyError",
}
PARKED = {order.message_id: order for way in ERRORS for order in of(way)}


def test_a_day_of_trading_ends_with_every_trade_placed_or_with_a_person(day: TradingDay, page: Page) -> None:
    what_a_program_can_mend_is_placed_and_the_rest_is_parked_under_its_cause(day)
    a_person_brings_one_of_each_kind_to_its_end(day, page)


def test_a_day_of_trading_goes_the_same_way_with_rules_of_staff_alone(day_by_staff: TradingDay) -> None:
    what_a_program_can_mend_is_placed_and_the_rest_is_parked_under_its_cause(day_by_staff)
    authors = day_by_staff.rows("SELECT DISTINCT author FROM revision WHERE number > 0 ORDER BY 1")
    rules = ("shares-in-json", "shares-in-lines", "side-in-json", "side-in-lines")
    assert authors == [(f"rule {rule} 1",) for rule in rules]


def what_a_program_can_mend_is_placed_and_the_rest_is_parked_under_its_cause(day: TradingDay) -> None:
    with day.placement():
        day.trade()
        day.until(lambda: day.settled(len(PARKED)))
        placed, parked, bodies = day.placed(), day.parked(), day.bodies()

    assert len(PARKED) + sum(len(of(way)) for way in WITHOUT_A_PERSON) == SENT // 10
    assert placed == Counter(order.message_id for order in ORDERS if order.message_id not in PARKED)
    assert parked.keys() == PARKED.keys()
    assert {parked[id][1] for id in parked} == set(ERRORS.values())
    assert all(parked[id][1] == ERRORS[way] for id, order in PARKED.items() if (way := order.way))
    # One cause, one group; but a line and a JSON document may be read, and fail, in different places.
    assert all(len({parked[order.message_id][0] for order in of(way)}) <= 2 for way in ERRORS)

    states = day.states()
    assert states == Counter(parked=len(PARKED), resolved=SENT // 10 - len(PARKED))
    assert placed.total() + states["parked"] + states["waiting"] == SENT
    untouched = [order for order in ORDERS if order.way in (None, Way.PRICING_DOWN)]
    assert all(bodies[order.message_id] == sha(order) for order in untouched)


def a_person_brings_one_of_each_kind_to_its_end(day: TradingDay, page: Page) -> None:
    trades = [of(way)[0] for way in ERRORS]
    sign_in(page, day.address, day.password)
    with day.placement():
        for trade in trades:
            if trade.way is Way.BROKEN_RELEASE:
                day.until(lambda: datetime.now(UTC) > day.release_mended)
            fix_and_requeue(page, day.address, trade)
        placed, parked, states = day.placed(), day.parked(), day.states()

    assert {trade.message_id for trade in trades} <= placed.keys()
    assert parked.keys() == PARKED.keys() - {trade.message_id for trade in trades}
    assert set(placed.values()) == {1}
    assert placed.total() + states["parked"] + states["waiting"] == SENT
