"""What each step makes of a body, and when it makes nothing of it. Every character it is not about stays."""

from typing import Any

import pytest

from tests.workflow_processor.repair.messages import LINES, TEXT, made

Step = dict[str, Any]
SHARES = {"do": "take_number", "at": "shares"}


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        (SHARES, '{"shares": "8756 SHARES" }', '{"shares": 8756 }'),
        (SHARES | {"as": "text"}, '{"shares":"8756 SHARES"}', '{"shares":"8756"}'),
        (SHARES, '{"shares":"about 10.50"}', '{"shares":10.50}'),
        (SHARES, '{"shares":"12"}', '{"shares":12}'),
        (SHARES | {"beside": "SHARES"}, '{"shares":"7 SHARES"}', '{"shares":7}'),
        ({"do": "trim", "at": "a.b"}, '{"a":{"b":" x\\t"}}', '{"a":{"b":"x"}}'),
        ({"do": "upper", "at": "s"}, '{"s":"buy"}', '{"s":"BUY"}'),
        ({"do": "lower", "at": "s"}, '{"s":"BUY"}', '{"s":"buy"}'),
        ({"do": "replace", "at": "s", "find": "-", "by": "/"}, '{"s":"1-2-3"}', '{"s":"1/2/3"}'),
        (
            {"do": "replace", "at": "s", "find": r"^(\w)\.(\w)$", "by": r"\2\\\1", "pattern": True},
            '{"s":"a.b"}',
            r'{"s":"b\\a"}',
        ),
        ({"do": "to_number", "at": "n"}, '{"n":"-12.50"}', '{"n":-12.50}'),
        ({"do": "to_text", "at": "n"}, '{"n":12345678901234567890}', '{"n":"12345678901234567890"}'),
        ({"do": "to_boolean", "at": "n", "true": "yes", "false": "no"}, '{"n":"yes"}', '{"n":true}'),
        ({"do": "to_boolean", "at": "n", "true": "1", "false": "0"}, '{"n":0}', '{"n":false}'),
        ({"do": "parse_date", "at": "d", "from": "DD.MM.YYYY"}, '{"d":"31.12.2025"}', '{"d":"2025-12-31"}'),
        (
            {"do": "parse_date", "at": "d", "from": "D/M/YYYY HH:mm", "to": "YYYY-MM-DDTHH:mm"},
            '{"d":"1/2/2025 09:30"}',
            '{"d":"2025-02-01T09:30"}',
        ),
        ({"do": "map", "at": "s", "table": {"BYU": "BUY"}}, '{"s":"BYU"}', '{"s":"BUY"}'),
        ({"do": "map", "at": "s", "table": {"one": "1"}, "as": "number"}, '{"s":"one"}', '{"s":1}'),
        ({"do": "set", "at": "n", "value": "1.10", "as": "number"}, '{"n" : null}', '{"n" : 1.10}'),
        ({"do": "set", "at": "o", "value": '{"x": [1]}', "as": "json"}, '{"n":1}', '{"n":1,"o":{"x": [1]}}'),
        ({"do": "set", "at": "l[*].q", "value": "x"}, '{"l":[{"q":1},{}]}', '{"l":[{"q":"x"},{"q":"x"}]}'),
        ({"do": "set", "at": "l[-1]", "value": "x"}, '{"l":[1,2]}', '{"l":[1,"x"]}'),
        ({"do": "default", "at": "n", "value": "x"}, '{"m":1}', '{"m":1,"n":"x"}'),
        ({"do": "default", "at": "n", "value": "x", "empty": True}, '{"n":""}', '{"n":"x"}'),
        ({"do": "remove", "at": "b"}, '{"a": 1, "b": 2, "c": 3}', '{"a": 1, "c": 3}'),
        ({"do": "remove", "at": "l[*].b"}, '{"l":[{"b":1},{"b":1,"c":2}]}', '{"l":[{},{"c":2}]}'),
        ({"do": "rename", "at": "o.acct", "to": "account"}, '{"o":{"acct" : 1}}', '{"o":{"account" : 1}}'),
        ({"do": "move", "at": "q", "to": "o.q"}, '{"q": 1.10, "o": {"a": 1}}', '{"o": {"a": 1, "q": 1.10}}'),
        ({"do": "value", "at": "n", "expression": "size(body.l)"}, '{"l":[1,2]}', '{"l":[1,2],"n":2}'),
        ({"do": "value", "at": "s", "expression": "queue + '!'"}, '{"s":1}', '{"s":"trades!"}'),
        ({"do": "set", "at": "$", "value": "{}", "as": "json"}, " [1] ", " {} "),
    ],
    ids=str,
)
def test_a_step_changes_what_it_names_in_json(step: Step, before: str, after: str) -> None:
    assert made(before.encode(), step) == after.encode()


@pytest.mark.parametrize(
    ("step", "before", "why"),
    [
        (SHARES, '{"shares":"1,254 SHARES"}', "shares: '1,254 SHARES' does not hold one number and words"),
        (SHARES, '{"shares":"1 or 2"}', "shares: '1 or 2' does not hold one number and words"),
        (SHARES, '{"shares":"one hundred"}', "shares: 'one hundred' does not hold one number and words"),
        (SHARES, '{"shares":"007 SHARES"}', "shares: '007' is not spelled as a number"),
        (SHARES | {"beside": "SHARES"}, '{"shares":"7 k"}', "shares: '7 k' has something else than SHARES"),
        (SHARES, '{"shares":12}', "shares is as it should be"),
        (SHARES, "{}", "there is no shares"),
        (SHARES, '{"shares":"1 X","shares":"2 X"}', "there is more than one shares"),
        (SHARES, '{"shares":"1 X"', "the body is not JSON (line 1, character 16)"),
        ({"do": "to_number", "at": "n"}, '{"n":" 12"}', "n: ' 12' is not spelled as a number"),
        ({"do": "to_number", "at": "n"}, '{"n":"1e400"}', "n: '1e400' has more digits than every reader"),
        (
            {"do": "to_number", "at": "n"},
            '{"n":"12345678901234567890"}',
            "n: '12345678901234567890' has more",
        ),
        ({"do": "to_number", "at": "l[*]"}, '{"l":["1","x"]}', "l[1]: 'x' is not spelled as a number"),
        ({"do": "to_text", "at": "n"}, '{"n":null}', "n: it is null, not a number or a boolean"),
        ({"do": "to_boolean", "at": "n"}, '{"n":"maybe"}', "n: 'maybe' is neither 'true' nor 'false'"),
        (
            {"do": "parse_date", "at": "d", "from": "DD.MM.YYYY"},
            '{"d":"31.02.2025"}',
            "d: '31.02.2025' is no",
        ),
        ({"do": "set", "at": "o.n", "value": "x"}, '{"o":1}', "there is no place for o.n"),
        ({"do": "default", "at": "n", "value": "x"}, '{"n":null}', "n is there already"),
        ({"do": "rename", "at": "a", "to": "b"}, '{"a":1,"b":2}', "there is a b already"),
        ({"do": "move", "at": "a", "to": "o.b"}, '{"a":1}', "there is no place for o.b"),
        ({"do": "value", "at": "n", "expression": "body.n + 1"}, '{"n":1}', "applied to its own result, the"),
        (
            {"do": "value", "at": "n", "expression": "body.x"},
            '{"n":1}',
            "the expression cannot be evaluated",
        ),
        ({"do": "value", "at": "n", "expression": "[1]"}, '{"n":1}', "the expression gives a list"),
        ({"do": "replace", "at": "s", "find": "a", "by": "bb"}, '{"s":"b"}', "s is as it should be"),
        (
            {"do": "return_address", "to": "elsewhere"},
            "{}",
            "elsewhere is not the return address of any source",
        ),
    ],
    ids=str,
)
def test_a_step_that_would_have_to_guess_says_why_it_does_not(step: Step, before: str, why: str) -> None:
    said = made(before.encode(), step)
    assert isinstance(said, str)
    assert said.startswith(why)


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        (SHARES, b"A1,BUY,AAPL,8756 SHARES", b"A1,BUY,AAPL,8756"),
        ({"do": "take_number", "at": "4"}, b"A1,BUY,AAPL,8756 SHARES\r\n", b"A1,BUY,AAPL,8756\r\n"),
        (SHARES, b'A,"B, C",D,"1 S"\r\n\r\nA,B,C,2\r\n', b'A,"B, C",D,"1"\r\n\r\nA,B,C,2\r\n'),
        ({"do": "set", "at": "[1].side", "value": "a,b"}, b"A,B,C,1\nA,B,C,2", b'A,B,C,1\nA,"a,b",C,2'),
        ({"do": "default", "at": "side", "value": "BUY", "empty": True}, b"A,,C,1", b"A,BUY,C,1"),
        (
            {"do": "map", "at": "side", "table": {"BYU": "BUY"}},
            b"\xef\xbb\xbfA,BYU,C,1",
            b"\xef\xbb\xbfA,BUY,C,1",
        ),
        (SHARES, b"A,B,C,8,756 SHARES", "line 1 has 5 columns in place of 4"),
        (SHARES, b'A,B,C,"8', "line 1 has a quoted column that does not end as it should"),
        (SHARES, b'{"shares":"1 X"}', "the body does not look like delimited lines"),
        (SHARES, b"A,B,C,1 X\nA,B,C,x", "shares in line 2: 'x' does not hold one number and words"),
        (SHARES, b"\xff,B,C,1 X", "the body is not UTF-8 (byte 0)"),
        ({"do": "trim", "at": "total"}, b"A,B,C,1", "there is no total"),
    ],
    ids=str,
)
def test_a_step_changes_a_column_of_every_line(step: Step, before: bytes, after: bytes | str) -> None:
    assert made(before, step, body=LINES) == after


@pytest.mark.parametrize(
    "step",
    [
        {"do": "trim"},
        {"do": "upper"},
        {"do": "map", "table": {" x ": "y"}},
        {"do": "replace", "find": " x ", "by": "y"},
        {"do": "replace", "find": "^ x", "by": "y", "pattern": True},
        {"do": "value", "expression": "it == ' x ' ? 'y' : it"},
    ],
    ids=str,
)
def test_a_text_that_says_what_it_should_keeps_its_spelling(step: Step) -> None:
    given = rb'["HTTP:\/\/X", "CAF\u00c9"'
    assert isinstance(made(given + b"]", step | {"at": "[*]"}), str)
    mended = made(given + b', " x "]', step | {"at": "[*]"})
    assert isinstance(mended, bytes)
    assert mended.startswith(given)
    assert b" x " not in mended


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ({"do": "set", "at": "s", "value": "http://é"}, r'{"s":"http:\/\/\u00e9"}'),
        ({"do": "patch", "patch": '[{"op":"replace","path":"/s","value":"x"}]'}, r'{"s":"\u0078"}'),
        ({"do": "patch", "patch": '[{"op":"add","path":"/s","value":"x"}]'}, r'{"s":"\u0078"}'),
    ],
    ids=str,
)
def test_a_text_is_not_set_to_what_it_says_already(step: Step, body: str) -> None:
    assert isinstance(made(body.encode(), step), str)


@pytest.mark.parametrize(("there", "as_"), [("1.0", "number"), ('"1"', "number"), ("true", "text")])
def test_values_that_only_look_alike_are_not_the_same(there: str, as_: str) -> None:
    value = "1" if as_ == "number" else "true"
    step = {"do": "set", "at": "n", "value": value, "as": as_}
    wanted = value if as_ == "number" else f'"{value}"'
    assert made(f'{{"n":{there}}}'.encode(), step) == f'{{"n":{wanted}}}'.encode()


def test_columns_can_be_named_by_a_line_of_headings() -> None:
    body = {"as": "lines", "separator": ";", "header": True}
    assert made(b"id;qty\n1;2 pcs\n2;3\n", {"do": "take_number", "at": "qty"}, body=body) == (
        b"id;qty\n1;2\n2;3\n"
    )
    assert made(b"id;id\n1;2\n", {"do": "trim", "at": "id"}, body=body) == "more than one column is called id"


HEADED = {"as": "lines", "separator": ";", "header": True}
NAMED = {"as": "lines", "separator": ";", "columns": ["1", "2", "3"]}
GIVEN = b'\xef\xbb\xbfid;"note";qty\r\n1;"a;b"; 2\r\n\r\n2;;"3"\r\n'


@pytest.mark.parametrize(
    ("body", "step", "after"),
    [
        (
            HEADED,
            {"do": "remove", "at": "note"},
            b'\xef\xbb\xbfid;qty\r\n1; 2\r\n\r\n2;"3"\r\n',
        ),
        (NAMED, {"do": "remove", "at": "1"}, b'\xef\xbb\xbf"note";qty\r\n"a;b"; 2\r\n\r\n;"3"\r\n'),
        (HEADED, {"do": "remove", "at": "2"}, "no column is called 2"),
        (
            HEADED,
            {"do": "rename", "at": "note", "to": "remark"},
            GIVEN.replace(b"note", b"remark"),
        ),
        (HEADED, {"do": "rename", "at": "qty", "to": "a;b"}, GIVEN.replace(b"qty", b'"a;b"')),
        (HEADED, {"do": "rename", "at": "note", "to": "qty"}, "there is a qty already"),
        (
            HEADED,
            {"do": "move", "at": "qty", "to": "1"},
            b'\xef\xbb\xbfqty;id;"note"\r\n 2;1;"a;b"\r\n\r\n"3";2;\r\n',
        ),
        (HEADED, {"do": "move", "at": "id", "to": "1"}, "id is as it should be"),
        (HEADED, {"do": "move", "at": "id", "to": "4"}, "there are 3 columns, and so no number 4"),
    ],
    ids=str,
)
def test_whole_columns_are_removed_renamed_and_moved(body: Step, step: Step, after: bytes | str) -> None:
    assert made(GIVEN, step, body=body) == after


@pytest.mark.parametrize("body", [b"id;note\n1;x\n;y\n", b"note\nx\n", b"note;{id\n1;2"])
def test_a_column_stays_where_the_lines_without_it_would_be_no_lines(body: bytes) -> None:
    assert isinstance(made(body, {"do": "remove", "at": "note"}, body=HEADED), str)


def test_steps_after_a_removal_find_the_other_columns_by_their_names() -> None:
    steps = [{"do": "remove", "at": "2"}, {"do": "remove", "at": "1"}, {"do": "set", "at": "3", "value": "x"}]
    assert made(b"1;2;3\n4;5;6\n", *steps, body=NAMED) == b"x\nx\n"


def test_plain_text_is_one_place() -> None:
    step = {"do": "replace", "at": "$", "find": "<qty>1</qty>", "by": "<qty>2</qty>"}
    assert made(b"<o><qty>1</qty></o>\r\n", step, body=TEXT) == b"<o><qty>2</qty></o>\r\n"


def test_a_byte_order_mark_stays() -> None:
    assert made(b'\xef\xbb\xbf{"shares":"1 X"}', SHARES) == b'\xef\xbb\xbf{"shares":1}'


def test_new_members_are_written_as_their_siblings_are() -> None:
    step = {"do": "set", "at": "o.n", "value": "x"}
    assert (
        made(b'{"o": {\n\t"a" : 1,\n\t"b" : 2\n}}', step)
        == b'{"o": {\n\t"a" : 1,\n\t"b" : 2,\n\t"n" : "x"\n}}'
    )
    assert made(b'{"o":{}}', step) == b'{"o":{"n":"x"}}'
    assert made(b'{"o": {}}', step) == b'{"o": {"n": "x"}}'


def test_steps_are_done_in_their_order() -> None:
    steps = [{"do": "rename", "at": "qty", "to": "shares"}, SHARES]
    assert made(b'{"qty": "5 SHARES"}', *steps) == b'{"shares": 5}'
