"""From an edit to the rules that it is an instance of: the likeliest first, and only what makes that edit."""

import pytest

from consumers.properties import Headers
from tests.workflow_processor.repair.messages import failed
from workflow_processor.repair.definition import to_json
from workflow_processor.repair.proposals.proposing import propose
from workflow_processor.repair.staff_rule import Repaired, StaffRule


def words(before: bytes, after: bytes, headers: Headers | None = None) -> list[str]:
    given = failed(before)
    message = given.message.with_body(after)
    made = propose(given, message.with_headers(headers) if headers else message)
    for proposal in made:
        attempt = StaffRule(proposal.definition, "proposed", 1).attempt(given)
        assert isinstance(attempt, Repaired)
        assert attempt.message.body == after
    return [proposal.words for proposal in made]


@pytest.mark.parametrize(
    ("before", "after", "first"),
    [
        ('{"shares": "8756 SHARES"}', '{"shares": 8756}', "take the number out of shares"),
        ('{"shares": "8756 SHARES"}', '{"shares": "8756"}', "take the number out of shares, as text"),
        ('{"n": "12.50", "x": 1.10}', '{"n": 12.50, "x": 1.10}', "take the number out of n"),
        ('{"n": 12}', '{"n": "12"}', "write n as text"),
        ('{"n": "yes"}', '{"n": true}', "write n as true for 'yes' and false for 'false'"),
        (
            '{"d": "31.12.2025"}',
            '{"d": "2025-12-31"}',
            "write the date in d as YYYY-MM-DD in place of DD.MM.YYYY",
        ),
        ('{"s": " BUY "}', '{"s": "BUY"}', "trim the white space at both ends of s"),
        ('{"s": "buy"}', '{"s": "BUY"}', "write s in upper case"),
        ('{"s": "BYU"}', '{"s": "BUY"}', "write 'BUY' for 'BYU' in s"),
        ('{"acct": "1"}', '{"account": "1"}', "rename acct to account"),
        ('{"q": 1, "o": {"a": 1}}', '{"o": {"a": 1, "q": 1}}', "move q to o.q"),
        ('{"a": 1}', '{"a": 1, "b": "x"}', "set b to 'x' where it is missing"),
        ('{"a": 1, "note": ""}', '{"a": 1}', "remove note"),
        ('{"a": 1}', '{"a": [1, 2]}', "write '[1, 2]' for '1' in a"),
        ('{"l": [{"q": "1 X"}, {"q": 2}]}', '{"l": [{"q": 1}, {"q": 2}]}', "take the number out of l[*].q"),
        (
            '{"l": [{"q": "1 X"}, {"q": "2 X"}]}',
            '{"l": [{"q": 1}, {"q": 2}]}',
            "take the number out of l[*].q",
        ),
        (
            '{"side": "BYU", "shares": "5 SHARES"}',
            '{"side": "BUY", "shares": 5}',
            "write 'BUY' for 'BYU' in side and take the number out of shares",
        ),
        ("A1,BUY,AAPL,8756 SHARES\r\n", "A1,BUY,AAPL,8756\r\n", "take the number out of 4"),
        ("id;qty\n1;2 pcs\n2;3\n", "id;qty\n1;2\n2;3\n", "take the number out of qty"),
        ("A1,BYU,AAPL,1", "A1,BUY,AAPL,1", "write 'BUY' for 'BYU' in 2"),
        ("id;note;qty\n1;x;2\n", "id;qty\n1;2\n", "remove note"),
        ("1;x;y;2\r\n3;;z;4", "1;2\r\n3;4", "remove 2 and remove 3"),
        ("id;note;qty\n1;x;2\n", "id;remark;qty\n1;x;2\n", "rename note to remark"),
        ("id;note;qty\n1;x;2\n", "qty;id;note\n2;1;x\n", "move qty to 1"),
        ("id;qty\n1;2 X\n", "id;shares\n1;2\n", "take the number out of qty and rename qty to shares"),
        ("<qty>1 </qty>", "<qty>1</qty>", "take ' ' out of $"),
    ],
)
def test_the_likeliest_rule_for_an_edit_comes_first(before: str, after: str, first: str) -> None:
    assert words(before.encode(), after.encode())[0] == first


def test_other_rules_that_make_the_same_edit_follow() -> None:
    assert words(b'{"shares": "8756 SHARES"}', b'{"shares": "8756"}') == [
        "take the number out of shares, as text",
        "write '8756' for '8756 SHARES' in shares",
        "take ' SHARES' out of shares",
        "set shares to '8756'",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"a": 1}', b'{"a": 1}'),
        (b'{"a": 1}', b'{"a":1}'),
        (b'{"a": "1 X"}', b'{ "a": 1 }'),
        (b"a;b;c\n1;2;3\n", b"c;b;a\n3;2;1\n\n"),
        (b"a;b;c\n1;2;3\n", b"a;c\n1;4\n"),
        (b"a;b\n1;2\n", b"a;b;c\n1;2;3\n"),
        (b"\xff\xfe", b"\xff"),
        (b"", b"x"),
    ],
)
def test_an_edit_that_no_rule_makes_byte_for_byte_is_not_proposed(before: bytes, after: bytes) -> None:
    assert words(before, after) == []


def test_headers_and_the_return_address_are_part_of_an_edit() -> None:
    given = failed(b'{"shares": "1 X"}', headers={"region": "US"})
    after = given.message.with_body(b'{"shares": 1}').with_headers({"region": "EU"})
    [proposal, *_] = propose(given, after, ("trades", "orders"))
    assert proposal.words == (
        "take the number out of shares and set the header region to 'EU' and send it back to orders"
    )
    assert to_json(proposal.definition)["when"] == {"queue": "trades", "error_type": "ValueError"}


def test_a_line_with_a_column_too_many_is_none_that_a_proposed_rule_is_for() -> None:
    given = failed(b"A1,BUY,AAPL,8756 SHARES")
    [proposal, *_] = propose(given, given.message.with_body(b"A1,BUY,AAPL,8756"))
    tried = StaffRule(proposal.definition, "proposed", 1)
    assert tried.repair(failed(b"B2,SELL,IBM,12 SHARES")) == failed(b"B2,SELL,IBM,12").message
    assert tried.repair(failed(b"A1,BUY,AAPL,8,756 SHARES")) is None


def test_at_most_eight_rules_are_proposed() -> None:
    before = {f'"k{at}": "{at} X"' for at in range(19)}
    body = f"{{{', '.join(sorted(before))}}}".encode()
    assert len(words(body, body.replace(b" X", b""))) <= 8
