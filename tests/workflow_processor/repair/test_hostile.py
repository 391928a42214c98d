"""Rules that would hang, grow, dig too deep or reach out: refused when they are saved, or the messages are
left alone with a reason, within bounded memory. What would take too long is stopped before it begins."""

import json
import resource
from typing import Any

import pytest

from tests.workflow_processor.repair.messages import TEXT, failed, rule
from workflow_processor.repair import limits
from workflow_processor.repair.definition import parse
from workflow_processor.repair.parameters import DefinitionError
from workflow_processor.repair.staff_rule import Left, NotApplicable

MEMORY = 300 * 1024
"""KiB that all of this may add to the process at its peak."""
BODY = json.dumps({"s": "a" * 20_000, "l": list(range(200)), "n": 1, "o": {"p": "(a+)+"}}).encode()
DEEP = b'{"s": ' + b"[" * 60_000 + b"]" * 60_000 + b"}"
WIDE = b'{"s": "a", "l": [' + b"1," * 200_000 + b"1]}"
HUGE = b'{"s": "' + b"a" * 2_000_000 + b'"}'
MANY = b'{"l": [' + b'{"s": "a"},' * 10_001 + b'{"s": "a"}]}'
COPIES = "+".join(["body.s"] * 20)
TRIM = {"do": "trim", "at": "s"}


def expression(text: str) -> dict[str, Any]:
    return {"do": "value", "at": "n", "expression": text}


REFUSED: dict[str, dict[str, Any]] = {
    "walks in walks": expression("body.l.all(x, body.l.all(y, body.l.all(z, x + y + z >= 0)))"),
    "walks in walks, spread out": expression("body.l . map ( x, [body.l\n.filter(y, true)]).size()"),
    "copies on a walk": expression(f"body.l.map(x, {COPIES}).size()"),
    "a catastrophic pattern on a walk": expression(
        "body.l.exists(x, body.s.matches('(((a?){10}){10}){9}b'))"
    ),
    "a pattern from the body": expression("body.s.matches(body.o.p)"),
    "a pattern in disguise": expression(r"body.s.matches('\x28\x28a?\x29\x7b900\x7d\x29b')"),
    "a number that is none": {"do": "set_header", "name": "n", "value": "nan", "as": "number"},
    "a comment that hides": expression("1 // '\n + body.l.all(x, body.l.all(y, true)) // '"),
    "three quotes that hide": expression("'''' + body.l.map(x, body.l.map(y, y))'''"),
    "an endless expression": expression("1" + "+1" * 1_000),
    "a deep expression": expression("(" * 200 + "1" + ")" * 200),
    "a call to Python": expression("__import__('os').system('true')"),
    "a file": expression("open('/etc/passwd')"),
    "a huge pattern": {"do": "replace", "at": "s", "find": "((a{100}){100}){100}", "pattern": True},
    "a look behind": {"do": "replace", "at": "s", "find": "(?<=a)b", "pattern": True},
    "a template": {"do": "replace", "at": "s", "find": "a", "by": r"\g<0.__class__>", "pattern": True},
    "a deep value": {"do": "set", "at": "n", "value": "[" * 1_900 + "]" * 1_900, "as": "json"},
    "a step of its own": {"do": "eval", "at": "s"},
    "a list for a path": {"do": "trim", "at": ["s"]},
    "a header of the office": {"do": "set_header", "name": "Dlo-attempt", "value": "0"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_rule_is_refused_when_it_is_saved(name: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse({"when": {"queue": "trades"}, "then": [REFUSED[name]]})
    assert all(len(problem.text) < 500 for problem in refused.value.problems)


LEFT: dict[str, tuple[dict[str, Any], bytes, str]] = {
    "an attribute of Python": (
        expression("body.__class__.__mro__"),
        BODY,
        "the expression cannot be evaluated",
    ),
    "a list as a value": (expression("body.l.map(x, body)"), BODY, "the expression gives a list"),
    "a wrong type": (expression("body.s + 1"), BODY, "the expression cannot be evaluated: No matching"),
    "an overflow": (
        expression("9223372036854775807 + body.n"),
        BODY,
        "the expression cannot be evaluated: i",
    ),
    "a division by nothing": (expression("1.0 / 0.0"), BODY, "'inf' is not spelled as a number"),
    "a large list": (expression("size(body.l)"), WIDE, "the body is longer than the 32,768"),
    "a large body": (TRIM, HUGE, "the body has 2,000,009 bytes, and rules read at most 1,048,576"),
    "a deep body": (TRIM, DEEP, "the body is nested deeper than 64 levels"),
    "a deep body for an expression": (expression("size(body.s)"), DEEP[:20_000], "the body is nested deeper"),
    "too many places": ({"do": "trim", "at": "l[*].s"}, MANY, "l[*] names more than 10,000 places"),
    "a catastrophic pattern": (
        {"do": "replace", "at": "s", "find": "(((a?){10}){10}){9}b", "pattern": True},
        BODY.replace(b"a" * 20_000, b"a" * 400_000),
        "s: the pattern is too complex for a text of 400,000 characters",
    ),
    "a text that grows": (
        {"do": "replace", "at": "s", "find": "a", "by": "x" * 4_000, "pattern": True},
        BODY,
        "s: it would grow too long",
    ),
    "a text that grows by itself": (
        {"do": "replace", "at": "s", "find": "^.*$", "by": r"\0\0\0\0\0\0\0\0\0", "pattern": True},
        BODY,
        "the body would grow to",
    ),
    "a patch that copies what it copied": (
        {
            "do": "patch",
            "patch": json.dumps([{"op": "copy", "from": "", "path": f"/c{at}"} for at in range(60)]),
        },
        BODY,
        "the body would grow to",
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_a_hostile_rule_leaves_its_messages_alone_with_a_reason(name: str) -> None:
    step, body, why = LEFT[name]
    tried = rule(step)
    attempts = {tried.attempt(failed(body)) for _ in range(3)}
    [attempt] = attempts
    assert isinstance(attempt, Left)
    assert attempt.why.startswith(why)


def test_patterns_do_not_backtrack() -> None:
    step = {"do": "replace", "at": "$", "find": "(a+)+$", "by": "", "pattern": True}
    attempt = rule(step, body=TEXT).attempt(failed(b"a" * 100_000 + b"b"))
    assert attempt == Left("$ is as it should be")


def test_a_costly_condition_is_over_before_it_costs_much() -> None:
    for text in ("body.l.all(x, body.s.contains(body.s))", "body.l.map(x, body.s + body.s).size() < 0"):
        attempt = rule(TRIM, when={"condition": text}).attempt(failed(BODY))
        assert isinstance(attempt, NotApplicable | Left)


def test_hostile_rules_together_stay_within_their_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tried = [rule(step) for step, _, _ in LEFT.values()]
    for body in (BODY, DEEP, WIDE, HUGE, MANY, b"\xff", b"", b"A,B,C,8756 SHARES"):
        made = [one.repair(failed(body)) for one in tried]
        assert not [one for one in made if one and limits.grown(len(body), len(one.body))]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
