"""The example at work: real processes, a broker, a database."""

import subprocess
from collections import Counter
from fractions import Fraction
from hashlib import sha256
from itertools import islice
from typing import Any

import psycopg
import pytest
from psycopg.errors import UndefinedTable
from psycopg.rows import namedtuple_row

from consumers.envelope import INTAKE_QUEUE, Delegated
from consumers.failure import Kind
from consumers.fields import FieldProperties
from consumers.message import Message
from consumers.trading import faults
from consumers.trading.parse import account_of
from consumers.trading.trades import Order, Way, orders
from tests.consumers.conftest import DEADLINE, Post, until
from tests.consumers.trading.conftest import Run, through_proxy
from tests.consumers.trading.test_parse import ERRORS

CONSUMER = ("consumers", "consumers.trading.placement:consumer")
PRICING = "consumers.trading.pricing.PricingTimeout"
GOOD = b"12654A87FR4,BUY,AAPL,1254"


def produce(run: Run, arguments: str, **environment: str) -> subprocess.Popen[str]:
    return run("consumers.trading.producer", *arguments.split(), **environment)


def placed(database_url: str) -> list[Any]:
    """The rows of the sink; none where the consumer has not made it yet."""
    with psycopg.connect(database_url, row_factory=namedtuple_row) as connection:
        try:
            return connection.execute("select * from trading.placed order by number").fetchall()
        except UndefinedTable:
            return []


def by_fate(sent: list[Order]) -> dict[str, list[Order]]:
    """What becomes of each order, one after the other, where no office mends anything."""
    fates: dict[str, list[Order]] = {"placed": [], "delegated": [], "held": []}
    closed: set[str] = set()
    for order in sent:
        key = account_of(Message(order.body, FieldProperties.build(content_type=order.content_type)))
        fate = "held" if key in closed else "delegated" if order.way else "placed"
        fates[fate].append(order)
        if fate == "delegated" and key is not None:
            closed.add(key)
    return fates


def test_every_trade_is_placed_or_with_the_office_or_waits_for_one_of_its_account(
    post: Post, run: Run, database_url: str
) -> None:
    sent = list(islice(orders(7, Fraction("0.2")), 200))
    run(*CONSUMER)
    producer = produce(run, "--first 0 --count 200 --failing 0.2 --seed 7 --rate 0")
    _, log = producer.communicate(timeout=DEADLINE)
    assert producer.returncode == 0
    assert "left sent=200" in log
    fates = by_fate(sent)
    arrivals = post.at_office(len(fates["delegated"]))
    delegated = {one.message.message_id: one for one in arrivals if isinstance(one, Delegated)}
    until(lambda: post.unsettled() == 0)

    by_world = {Way.PRICING_DOWN: PRICING, Way.BROKEN_RELEASE: "KeyError"}
    expected = {order.message_id: (ERRORS | by_world)[order.way] for order in fates["delegated"] if order.way}
    assert {id: one.failure.error_type for id, one in delegated.items()} == expected
    assert {one.message.body for one in delegated.values()} == {order.body for order in fates["delegated"]}
    trades = placed(database_url)
    assert [(trade.message_id, trade.body_sha256) for trade in trades] == [
        (order.message_id, sha256(order.body).hexdigest()) for order in fates["placed"]
    ]
    with psycopg.connect(database_url) as connection:
        held = connection.execute("select body from held_message order by id").fetchall()
    assert [body for (body,) in held] == [order.body for order in fates["held"]]
    assert fates["held"]


def test_the_office_learns_what_kind_of_failure_it_is(post: Post, run: Run) -> None:
    run(*CONSUMER)
    produce(run, "--first 0 --count 8 --failing 1 --rate 0 --seed 2")
    failures = {one.failure.error_type: one for one in post.at_office(8) if isinstance(one, Delegated)}
    pricing = failures.pop(PRICING)
    assert (pricing.failure.kind, pricing.failure.tries) == (Kind.TRANSIENT, 2)
    assert faults.PRICING in str(pricing.message.headers[faults.HEADER])
    permanent = [error for error, one in failures.items() if one.failure.kind is Kind.PERMANENT]
    assert permanent == ["consumers.trading.pricing.UnknownSymbol"]
    assert {one.ordering_key is None for one in failures.values()} == {True, False}


def test_what_the_world_did_to_a_trade_passes(post: Post, run: Run, database_url: str) -> None:
    run(*CONSUMER)
    passed = "--pricing-seconds 0 --release-seconds 0"
    produce(run, f"--first 0 --count 16 --failing 1 --rate 0 --seed 2 {passed}")
    errors = Counter(one.failure.error_type for one in post.at_office(12) if isinstance(one, Delegated))
    until(lambda: post.unsettled() == 0)
    assert errors == Counter(ERRORS.values()) + Counter(ERRORS.values())
    assert len(placed(database_url)) == 4


def test_a_new_set_of_data_gets_a_first_batch_and_an_old_one_none(
    post: Post, run: Run, database_url: str
) -> None:
    first = "--first 20 --count 0 --seed 2"
    assert "first-batch sent=20" in produce(run, first).communicate(timeout=DEADLINE)[1]
    run(*CONSUMER)
    until(lambda: len(placed(database_url)) == 12)
    assert "first-batch" not in produce(run, first).communicate(timeout=DEADLINE)[1]
    assert len(post.at_office(8)) == 8


def test_a_requeued_trade_is_placed_with_its_marks(post: Post, run: Run, database_url: str) -> None:
    run(*CONSUMER)
    ours = {
        "dlo-id": "01a1fc70-2854-752c-801c-3c760f8e557a",
        "dlo-attempt": "2",
        "dlo-requeue-id": "28a1fc70-2854-552c-801c-3c760f8e557a",
        "dlo-possible-duplicate": "1",
    }
    post.send(GOOD, headers=ours)
    until(lambda: len(placed(database_url)) == 1)
    (trade,) = placed(database_url)
    assert (trade.requeue_id, trade.attempt, trade.possible_duplicate) == (ours["dlo-requeue-id"], 2, True)
    assert (trade.account, trade.side, trade.symbol, trade.shares) == ("12654A87FR4", "BUY", "AAPL", 1254)


def test_while_the_database_is_away_trades_wait_in_their_queue(
    post: Post, run: Run, database_url: str
) -> None:
    with through_proxy(database_url) as (proxy, url):
        proxy.down()
        run(*CONSUMER, TRADING_DATABASE_URL=url)
        post.send(GOOD, GOOD, GOOD)
        until(lambda: post.broker.measure(post.queue, post.subscriber).unacknowledged == 3)
        proxy.up()
        until(lambda: post.unsettled() == 0)
        post.send(GOOD)
        until(lambda: len(placed(database_url)) == 4)
        proxy.cut()
        post.send(GOOD)
        until(lambda: len(placed(database_url)) == 5)
    assert post.broker.measure(INTAKE_QUEUE, "office").entered == 0


def test_the_advisors_wait_for_the_broker_and_lose_no_order(post: Post, run: Run, database_url: str) -> None:
    with through_proxy(post.url) as (proxy, url):
        proxy.down()
        producer = produce(
            run,
            "--first 0 --count 300 --rate 500 --seed 7 --failing 0",
            BROKER_URL=url,
        )
        assert producer.stderr
        until(lambda: "awaited=broker" in str(producer.stderr and producer.stderr.readline()))
        proxy.up()
        until(lambda: post.unsettled() > 20)
        proxy.cut()
        producer.communicate(timeout=DEADLINE)
    run(*CONSUMER)
    until(lambda: post.unsettled() == 0)
    expected = {order.message_id for order in islice(orders(7, Fraction(0)), 300)}
    assert {trade.message_id for trade in placed(database_url)} == expected


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        ("", {"DATABASE_URL": ""}, "TRADING_DATABASE_URL"),
        ("", {"BROKER_URL": ""}, "BROKER_URL"),
        ("--rate -1", {}, "--rate"),
        ("--failing 1.5", {}, "--failing"),
        ("--count many", {}, "--count"),
    ],
)
def test_what_the_producer_cannot_do_it_says_in_one_line(
    run: Run, arguments: str, environment: dict[str, str], says: str
) -> None:
    process = produce(run, arguments, **environment)
    _, told = process.communicate(timeout=DEADLINE)
    assert process.returncode
    assert says in told.strip().splitlines()[-1]
    assert "Traceback" not in told


def test_the_consumer_says_which_variable_it_wants(run: Run) -> None:
    process = run(*CONSUMER, DATABASE_URL="")
    _, told = process.communicate(timeout=DEADLINE)
    assert process.returncode
    assert told.strip().startswith("TRADING_DATABASE_URL")
