"""When a rule applies, and what it says where it does not."""

from collections.abc import Sequence
from typing import Any

import pytest

from consumers.failure import Failure
from consumers.fields import FieldProperties
from consumers.message import Message
from consumers.repair import FailedMessage
from tests.workflow_processor.repair.messages import made, rule
from workflow_processor.repair.conditions.named import matches
from workflow_processor.repair.staff_rule import NotApplicable
from workflow_processor.repair.surroundings import Surroundings


class Catalogue:
    """Every message is an order, and no order is valid."""

    def type_of(self, failed: FailedMessage) -> str:
        return "order"

    def problems(self, type: str, body: bytes) -> Sequence[str]:
        return ["shares: it is missing"]


GIVEN = FailedMessage(
    Message(
        b'{"shares": "12", "n": 5, "big": 12345678901234567890, "price": 1.10, "lines": [{"qty": 1}]}',
        FieldProperties.build({"desk": "retail"}),
    ),
    Failure("shop.BadOrder", "no such side 'BYU'", "shop.orders.place"),
    "trades",
    2,
)


def why_not(**when: str) -> str:
    tried = rule({"do": "trim", "at": "x"}, when=when, surroundings=Surroundings(schemas=Catalogue()))
    attempt = tried.attempt(GIVEN)
    assert tried.matches(GIVEN) == (not isinstance(attempt, NotApplicable))
    return attempt.why if isinstance(attempt, NotApplicable) else ""


@pytest.mark.parametrize(
    ("given", "body", "why"),
    [
        (b'{"l":[{"side":"BUY","side":"SELL"}]}', {"as": "json"}, "there is more than one side"),
        (
            b"id,side,side,,\n1,BUY,SELL,,\n",
            {"as": "lines", "header": True},
            "more than one column is called side",
        ),
    ],
)
def test_an_expression_reads_no_body_in_which_a_name_stands_twice(
    given: bytes, body: dict[str, Any], why: str
) -> None:
    when = {"condition": "size(body) > 0"}
    said = made(given, {"do": "set_header", "name": "side", "value": "x"}, when=when, body=body)
    assert said == f"size(body) > 0 is not known to hold: {why}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("queue", "trades"),
        ("queue", "t*s"),
        ("handler", "shop.*.place"),
        ("error_type", "*"),
        ("error_contains", "side 'BYU'"),
        ("error_matches", "side '[A-Z]+'$"),
        ("message_type", "order"),
        ("condition", "body.shares == '12' && headers.desk == 'retail'"),
        ("condition", "failure.error_type == 'shop.BadOrder' && queue == 'trades' && attempt == 2"),
        ("condition", "has(body.lines) && body.lines.exists(line, line.qty == 1)"),
        ("condition", "body.n > 4 && body.price < 1.2"),
        ("condition", "body.big == '12345678901234567890'"),
        ("condition", "body.shares.matches('^[0-9]+$')"),
        ("condition", r"body.shares.matches(r'^\d+$') && body.shares.matches('^\\d+$')"),
    ],
)
def test_a_condition_holds(name: str, value: str) -> None:
    assert why_not(**{name: value}) == ""


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("queue", "orders", "the queue is trades, not orders"),
        ("queue", "o*", "the queue is trades, not like o*"),
        ("handler", "shop.orders", "the handler is shop.orders.place, not shop.orders"),
        ("error_type", "ValueError", "the error type is shop.BadOrder, not ValueError"),
        ("error_contains", "SHARES", "the error text does not contain 'SHARES'"),
        ("error_matches", "^BYU", "the error text does not match ^BYU"),
        ("message_type", "trade", "the message type is order, not trade"),
        ("condition", "body.n == 6", "body.n == 6 does not hold"),
    ],
)
def test_a_condition_that_does_not_hold_says_why(name: str, value: str, why: str) -> None:
    assert why_not(**{name: value}) == why


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("body.missing == 1", 'Key not found in map : "missing"'),
        ("body.n + 'x' == ''", "No matching overloads found : _+_(int64, string)"),
        ("1 / 0 == 1", "divide by zero"),
        ("body.n", ""),
        ("body.shares", ""),
    ],
)
def test_an_expression_that_goes_wrong_or_is_no_answer_never_counts_as_true(
    expression: str, why: str
) -> None:
    said = why_not(condition=expression)
    assert said == (
        f"{expression} is not known to hold: the expression cannot be evaluated: {why}"
        if why
        else f"{expression} does not hold"
    )


def test_a_text_that_reads_like_an_error_is_a_text() -> None:
    tried = rule({"do": "value", "at": "x", "expression": "'INVALID_ARGUMENT: divide by zero'"})
    assert tried.repair(GIVEN) is not None


def test_the_cheap_conditions_are_asked_first() -> None:
    assert why_not(condition="body.missing", queue="orders") == "the queue is trades, not orders"


def test_names_with_stars_match_as_people_expect() -> None:
    assert matches("a*b*c", "a-b-b-c")
    assert matches("*", "")
    assert not matches("a*a", "a")
    assert not matches("*b*b", "ab")
    assert matches("shop.[x]?", "shop.[x]?")
    assert not matches("*a" * 5_000, "a" * 4_999)
