"""JSON Patch as RFC 6902 and its official test suite (json_patch_suite/, Apache License 2.0) have it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workflow_processor.repair.messages import made
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts import json_patch
from workflow_processor.repair.texts.json_text import JsonText

SUITE = Path(__file__).parent / "json_patch_suite"
CASES = [
    pytest.param(case, id=f"{file}-{number}")
    for file in ("tests", "spec_tests")
    for number, case in enumerate(json.loads((SUITE / f"{file}.json").read_text()))
    if not case.get("disabled") and "patch" in case
]


@pytest.mark.parametrize("case", CASES)
def test_the_official_suite_passes(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises((ValueError, Cannot)):
            _patched(case)
    else:
        patched = _patched(case)
        assert json.loads(patched) == case.get("expected", json.loads(patched))


def _patched(case: dict[str, Any]) -> str:
    document = JsonText(json.dumps(case["doc"]))
    for operation in json_patch.parse(json.dumps(case["patch"])):
        document = operation.done(document)
    return document.text


def test_a_patch_changes_the_characters_it_is_about_and_no_others() -> None:
    body = b'{"a" : 1.10,\n  "a2":12345678901234567890, "x": [1 ,\t2], "note":"\\u0041"  }'
    patch = '[{"op": "remove", "path": "/note"}, {"op": "add", "path": "/x/1", "value": 1e2}]'
    assert made(body, {"do": "patch", "patch": patch}) == (
        b'{"a" : 1.10,\n  "a2":12345678901234567890, "x": [1 ,\t1e2,\t2]  }'
    )


def test_what_is_moved_or_copied_keeps_its_spelling() -> None:
    patch = '[{"op": "move", "from": "/a", "path": "/b"}, {"op": "copy", "from": "/b", "path": "/c"}]'
    assert made(b'{"a": 1.10,"z":0}', {"do": "patch", "patch": patch}) == b'{"z":0,"b":1.10,"c":1.10}'


def test_a_patch_stops_at_a_key_that_stands_there_twice() -> None:
    patch = '[{"op": "replace", "path": "/a", "value": 1}]'
    assert made(b'{"a": 1, "a": 2}', {"do": "patch", "patch": patch}) == "there is more than one /a"
