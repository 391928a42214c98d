"""The example's rules: what they repair, what they leave, and that they change nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers import Message
from consumers.failure import Failure
from consumers.fields import FieldProperties
from consumers.handling import Handler
from consumers.repair import FailedMessage, Rule
from consumers.trading import QUEUE
from consumers.trading.parse import SIDES, parse
from consumers.trading.repair_rules import share_quantity, wrong_side

JSON, CSV = "application/json", "text/csv"


def failed(body: bytes, content_type: str = CSV, *, queue: str = QUEUE) -> FailedMessage:
    message = Message(body, FieldProperties.build({"desk": "7"}, message_id="m-1", content_type=content_type))
    failure = Handler(queue, "placement", parse).handle(message)
    assert failure is not None, body
    return FailedMessage(message, failure, queue, attempt=0)


def repaired(rule: Rule, order: FailedMessage) -> bytes | None:
    """The body that the rule makes, or None where it leaves the message alone."""
    mended = rule.repair(order) if rule.matches(order) else None
    assert mended is None or mended.properties is order.message.properties
    return mended.body if mended else None


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"2WE35HF6DHF,BUY,AAPL,8756 SHARES", CSV, b"2WE35HF6DHF,BUY,AAPL,8756"),
        (b"2WE35HF6DHF, BUY,AAPL,0 SHARES \r\n", CSV, None),  # two faults: the side is read first
        (b"2WE35HF6DHF,BUY,AAPL,8756 SHARES \r\n", CSV, b"2WE35HF6DHF,BUY,AAPL,8756 \r\n"),
        (b'"5 SHARES",BUY,AAPL,8756 SHARES', CSV, b'"5 SHARES",BUY,AAPL,8756'),
        (
            b'{ "shares" :"8756 SHARES","side":"BUY", "account":"A", "n":12345678901234567890, "p":1.10}',
            JSON,
            b'{ "shares" :8756,"side":"BUY", "account":"A", "n":12345678901234567890, "p":1.10}',
        ),
    ],
)
def test_a_quantity_in_shares_becomes_the_number(
    body: bytes, content_type: str, expected: bytes | None
) -> None:
    assert repaired(share_quantity.rule, failed(body, content_type)) == expected


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"A,BYU,AAPL,1", CSV, b"A,BUY,AAPL,1"),
        (b"A,SLEL,AAPL,1\n", CSV, b"A,SELL,AAPL,1\n"),
        (b'{"side": "UBY", "account": "BYU"}', JSON, b'{"side": "BUY", "account": "BYU"}'),
        (b"A,HOLD,AAPL,1", CSV, None),
        (b"A,buy,AAPL,1", CSV, None),
        (b"A,BYUY,AAPL,1", CSV, None),
    ],
)
def test_letters_of_a_side_that_changed_places_change_back(
    body: bytes, content_type: str, expected: bytes | None
) -> None:
    assert repaired(wrong_side.rule, failed(body, content_type)) == expected


@pytest.mark.parametrize("rule", [share_quantity.rule, wrong_side.rule])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", CSV),
        (b"\xff,BYU,AAPL,5 SHARES", CSV),
        (b",BYU,AAPL,5 SHARES", CSV),
        (b"A,BUY,AAPL,ten SHARES", CSV),
        (b"A,BUY,AAPL,5 SHARES,more", CSV),
        (b"{", JSON),
        (b"[" * 100_000, JSON),
        (b'{"account": "A", "side": "BUY", "shares": "05 SHARES"}', JSON),
        (b'{"account": "A", "side": "BUY", "shares": "1 SHARES", "shares": "2 SHARES"}', JSON),
        (b'{"account": "A", "side": "BUY", "shares": "many", "last": {"shares": "5 SHARES"}}', JSON),
        (b'{"account": "A", "side": "BOY", "last": {"side": "BYU"}}', JSON),
        (b'{"account": "A", "side": "\\u0042YU", "last": {"side": "BYU"}}', JSON),
    ],
)
def test_what_is_not_surely_a_rules_fault_is_left_alone(rule: Rule, body: bytes, content_type: str) -> None:
    assert repaired(rule, failed(body, content_type)) is None


@pytest.mark.parametrize("rule", [share_quantity.rule, wrong_side.rule])
def test_a_rule_minds_its_own_queue(rule: Rule) -> None:
    assert not rule.matches(failed(b"A,BYU,AAPL,5 SHARES", queue="orders"))
    assert not rule.matches(failed(b"A,BUY,AAPL,5 SHARES", queue="orders"))


def test_a_rule_goes_by_the_failure_not_by_the_body_alone() -> None:
    order = failed(b"A,BUY,AAPL,8756 SHARES")
    other = Failure.of(TimeoutError(), "placement")
    assert not share_quantity.rule.matches(FailedMessage(order.message, other, QUEUE, 0))


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(
    lambda name: name not in ("account", "side", "symbol", "shares")
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
spaces = st.sampled_from(["", " ", "\n", "\t", "  \r\n"])


@st.composite
def orders_as_json(draw: st.DrawFn, /, **marked: str) -> str:
    """An order in any sequence, spelling and spacing, among other fields; a marked field's value as given."""
    others = draw(st.lists(st.tuples(names, values), max_size=4))
    good: list[tuple[str, Any]] = [("account", "A"), ("side", "BUY"), ("symbol", "IBM"), ("shares", 12)]
    fields = draw(st.permutations([*good, *others]))
    parts = []
    for name, value in fields:
        space = [draw(spaces) for _ in range(4)]
        spelt = json.dumps(name, ensure_ascii=name in dict(good) or draw(st.booleans()))
        text = marked.get(name) or json.dumps(value, ensure_ascii=draw(st.booleans()))
        parts.append(f"{space[0]}{spelt}{space[1]}:{space[2]}{text}{space[3]}")
    return "{" + ",".join(parts) + "}" + draw(spaces)


MARK = '"here it stands"'


@given(orders_as_json(shares=MARK), st.integers(0, 10**20))
def test_in_json_the_quantity_alone_changes(order: str, shares: int) -> None:
    body = order.replace(MARK, f'"{shares} SHARES"').encode()
    assert repaired(share_quantity.rule, failed(body, JSON)) == order.replace(MARK, str(shares)).encode()


@given(orders_as_json(side=MARK), st.sampled_from(["BYU", "UBY", "SLEL", "ESLL"]))
def test_in_json_the_side_alone_changes(order: str, side: str) -> None:
    meant = next(one for one in SIDES if sorted(one) == sorted(side))
    body = order.replace(MARK, f'"{side}"').encode()
    assert repaired(wrong_side.rule, failed(body, JSON)) == order.replace(MARK, f'"{meant}"').encode()


plain = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters=',"'), min_size=1
)


@given(plain.filter(str.strip), plain, st.integers(0, 10**20), spaces)
def test_in_a_line_the_quantity_alone_changes(account: str, symbol: str, shares: int, end: str) -> None:
    before, after = f"{account},BUY,{symbol},".encode(), end.encode()
    body = before + f"{shares} SHARES".encode() + after
    assert repaired(share_quantity.rule, failed(body)) == before + str(shares).encode() + after


@given(plain.filter(str.strip), plain, st.sampled_from(["BYU", "SLEL"]))
def test_in_a_line_the_side_alone_changes(account: str, symbol: str, side: str) -> None:
    meant = {"BYU": "BUY", "SLEL": "SELL"}[side]
    body = f"{account},{side},{symbol},1".encode()
    assert repaired(wrong_side.rule, failed(body)) == f"{account},{meant},{symbol},1".encode()


@given(st.binary(), st.sampled_from([CSV, JSON]))
def test_no_bytes_make_a_rule_raise(body: bytes, content_type: str) -> None:
    message = Message(body, FieldProperties.build(content_type=content_type))
    for rule in (share_quantity.rule, wrong_side.rule):
        assert rule.repair(FailedMessage(message, Failure("ValueError", "", "f"), QUEUE, 0)) is None
