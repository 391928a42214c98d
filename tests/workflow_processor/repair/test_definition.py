"""Definitions: what is refused, and why; the same again from their JSON; in words."""

from pathlib import Path
from typing import Any

import pytest

from workflow_processor.repair.conditions.registry import CONDITIONS
from workflow_processor.repair.definition import parse, to_json
from workflow_processor.repair.parameters import DefinitionError
from workflow_processor.repair.steps.registry import STEPS
from workflow_processor.repair.wording import difference, in_words

WHEN = {"queue": "trades"}
TRIM = {"do": "trim", "at": "shares"}
EVERYTHING: dict[str, Any] = {
    "format": 1,
    "when": {
        "queue": "trades",
        "error_type": "shop.*",
        "handler": "shop.orders.place",
        "error_contains": "SHARES",
        "error_matches": "[0-9]+",
        "message_type": "order",
        "condition": "has(body.shares)",
    },
    "body": {"as": "json"},
    "then": [
        {"do": "take_number", "at": "shares", "as": "text", "beside": "SHARES"},
        {"do": "replace", "at": "a", "find": "x+", "by": "y", "pattern": True},
        {"do": "map", "at": "side", "table": {"BYU": "BUY"}},
        {"do": "trim", "at": 'order["odd name"].x'},
        {"do": "upper", "at": "b"},
        {"do": "lower", "at": "c[0]"},
        {"do": "to_number", "at": "d[*].e"},
        {"do": "to_text", "at": "f"},
        {"do": "to_boolean", "at": "g", "true": "yes", "false": "no"},
        {"do": "parse_date", "at": "h", "from": "DD.MM.YYYY"},
        {"do": "set", "at": "i", "value": "1.10", "as": "number"},
        {"do": "default", "at": "j", "value": "x", "empty": True},
        {"do": "remove", "at": "k"},
        {"do": "rename", "at": "l", "to": "m"},
        {"do": "move", "at": "n", "to": "o.p"},
        {"do": "value", "at": "q", "expression": "size(it)"},
        {"do": "patch", "patch": '[{"op": "remove", "path": "/r"}]'},
        {"do": "set_header", "name": "region", "value": "7", "as": "number"},
        {"do": "remove_header", "name": "x-old"},
        {"do": "return_address", "to": "trades"},
    ],
    "after": {"valid": False},
}


def test_a_definition_is_the_same_again_from_its_json() -> None:
    definition = parse(EVERYTHING)
    assert to_json(definition) == EVERYTHING
    assert parse(to_json(definition)) == definition
    assert {step["do"] for step in EVERYTHING["then"]} == set(STEPS)


@pytest.mark.parametrize(
    ("raw", "field", "text"),
    [
        ("nonsense", "", "it is not JSON"),
        ("[]", "", "it must be a JSON object with when and then"),
        ({"then": [TRIM]}, "when", "it needs at least one condition, such as the queue"),
        ({"when": WHEN}, "then", "it must be a list of 1 to 20 steps"),
        ({"when": WHEN, "then": [TRIM] * 21}, "then", "it must be a list of 1 to 20 steps"),
        ({"when": WHEN, "then": [TRIM], "else": []}, "else", "there is no such part of a definition"),
        ({"when": WHEN, "then": [TRIM], "format": 2}, "format", "this office reads format 1"),
        ({"when": {"colour": "red"}, "then": [TRIM]}, "when.colour", "there is no such condition"),
        ({"when": {"queue": 1}, "then": [TRIM]}, "when.queue", "it must be text, not a number"),
        (
            {"when": {"error_matches": "("}, "then": [TRIM]},
            "when.error_matches",
            "the pattern cannot be used",
        ),
        ({"when": {"condition": "1 +"}, "then": [TRIM]}, "when.condition", "at 1:4: Syntax error"),
        (
            {"when": {"condition": "'a'"}, "then": [TRIM]},
            "when",
            "a condition must be true or false, and this is",
        ),
        ({"when": {"condition": "it == 1"}, "then": [TRIM]}, "when", "a condition is about no place"),
        ({"when": WHEN, "then": ["trim"]}, "then[0].do", "it must be one of take_number"),
        ({"when": WHEN, "then": [{"do": "exec"}]}, "then[0].do", "it must be one of take_number"),
        ({"when": WHEN, "then": [{"do": "trim"}]}, "then[0].at", "it is missing"),
        ({"when": WHEN, "then": [TRIM, TRIM | {"at": "a..b"}]}, "then[1].at", "it cannot be read from"),
        ({"when": WHEN, "then": [TRIM | {"by": "x"}]}, "then[0].by", "there is no such parameter"),
        ({"when": WHEN, "then": [TRIM], "body": {"as": "xml"}}, "body", "it must be {as: json}, {as: text}"),
        (
            {"when": WHEN, "then": [TRIM], "body": {"as": "lines", "separator": "--"}},
            "body",
            "the separator must be",
        ),
        ({"when": WHEN, "then": [TRIM], "after": {"valid": "yes"}}, "after", "it must be {valid: true}"),
        (
            {"when": WHEN, "then": [{"do": "remove", "at": "a"}], "body": {"as": "text"}},
            "then[0].do",
            "remove is not for plain text",
        ),
    ],
    ids=str,
)
def test_what_is_no_definition_is_refused_at_the_field(raw: Any, field: str, text: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse(raw)
    [problem] = refused.value.problems
    assert problem.field == field
    assert problem.text.startswith(text)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ({"do": "remove", "at": "lines[0]"}, "lines[0] does not end in the name of a member"),
        ({"do": "rename", "at": "a", "to": "a"}, "a is its name already"),
        ({"do": "move", "at": "a", "to": "a.b"}, "a cannot be moved into itself"),
        ({"do": "move", "at": "l[*].a", "to": "b"}, "l[*].a may name several places"),
        (
            {"do": "map", "at": "a", "table": {"x": "y", "y": "x"}},
            "'y' is what one value becomes, and becomes",
        ),
        ({"do": "map", "at": "a", "table": {"x": "y"}, "as": "number"}, "'y' cannot be written as number"),
        (
            {"do": "replace", "at": "a", "find": "a", "by": "aa"},
            "'aa' has 'a' in it, which would be replaced",
        ),
        (
            {"do": "replace", "at": "a", "find": "(a)", "by": r"\2", "pattern": True},
            r"\2 in the replacement is",
        ),
        ({"do": "set", "at": "a", "value": "01", "as": "number"}, "'01' cannot be written as number"),
        (
            {"do": "parse_date", "at": "a", "from": "DD/MM/YYYY", "to": "MM/DD/YYYY"},
            "a date in DD/MM/YYYY could",
        ),
        (
            {"do": "parse_date", "at": "a", "from": "DD.MM.YYYY", "to": "YYYY-MM-DDTHH"},
            "DD.MM.YYYY does not tell",
        ),
        ({"do": "set_header", "name": "DLO-attempt", "value": "1"}, "headers that begin with dlo- are the"),
        ({"do": "set_header", "name": "message-id", "value": "1"}, "message-id is part of the message's"),
    ],
    ids=str,
)
def test_a_step_that_cannot_be_meant_is_refused(step: dict[str, str], text: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse({"when": WHEN, "then": [step]})
    [problem] = refused.value.problems
    assert problem.field == "then[0]"
    assert problem.text.startswith(text)


@pytest.mark.parametrize(
    ("how", "step", "text"),
    [
        ({}, {"do": "remove", "at": "3"}, "once 3 is gone, the next column is 3"),
        ({"columns": ["a", "b"]}, {"do": "remove", "at": "2"}, "no column is called 2; they are a, b"),
        ({"header": True}, {"do": "remove", "at": "[0].a"}, "[0].a is not a whole column"),
        ({"columns": ["a", "b"]}, {"do": "rename", "at": "a", "to": "c"}, "only with the columns' names in"),
        ({"columns": ["a", "b"]}, {"do": "move", "at": "a", "to": "2"}, "only with the columns' names in"),
        ({"header": True}, {"do": "move", "at": "a", "to": "b"}, "a column is moved to a number"),
    ],
    ids=str,
)
def test_what_could_not_be_done_to_columns_just_once_is_refused(
    how: dict[str, Any], step: dict[str, str], text: str
) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse({"when": WHEN, "body": {"as": "lines", **how}, "then": [step]})
    [problem] = refused.value.problems
    assert problem.field == "then[0]"
    assert problem.text.startswith(text)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(DefinitionError) as refused:
        parse({"when": {"colour": "red"}, "then": [{"do": "trim"}, {"do": "exec"}]})
    assert [problem.field for problem in refused.value.problems] == [
        "when.colour",
        "then[0].at",
        "then[1].do",
    ]


def test_a_patch_that_adds_again_each_time_is_refused() -> None:
    step = {"do": "patch", "patch": '[{"op": "add", "path": "/lines/-", "value": 1}]'}
    with pytest.raises(DefinitionError, match="the patch adds to /lines each time it is applied"):
        parse({"when": WHEN, "then": [step]})


def test_a_definition_and_its_changes_can_be_read() -> None:
    before = parse({"when": WHEN, "then": [{"do": "take_number", "at": "shares"}]})
    after = parse({"when": WHEN | {"error_type": "Value*"}, "then": [TRIM]})
    assert in_words(before) == [
        "When the queue is trades, with the body read as JSON:",
        "Take the number out of shares.",
        "The body must be valid against its schema, where there is one.",
    ]
    assert difference(before, after) == [
        ("then[0]", "Take the number out of shares.", "Trim the white space at both ends of shares."),
        ("when.error_type", "", "The error type is like Value*."),
    ]


def test_the_document_about_rules_names_every_step_and_condition() -> None:
    document = (Path(__file__).parents[3] / "docs" / "rules.md").read_text()
    rows = " ".join(line.split("|")[1] for line in document.splitlines() if line.startswith("| `"))
    assert {name for name in [*STEPS, *CONDITIONS] if f"`{name}`" not in rows} == set()


def test_forms_can_be_made_of_every_step() -> None:
    for step in STEPS.values():
        assert step.label
        assert all(parameter.label for parameter in step.parameters())
    [at, as_, beside] = STEPS["take_number"].parameters()
    assert (at.kind, at.required) == ("path", True)
    assert (as_.name, as_.kind, as_.choices, as_.default) == ("as", "choice", ("number", "text"), "number")
    assert (beside.kind, beside.required) == ("text", False)
