"""What holds of every rule and every body: nothing is changed but what is named, and twice is once."""

import csv
import io
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflow_processor.repair import made_up
from tests.workflow_processor.repair.messages import failed, rule
from workflow_processor.repair.definition import parse, to_json
from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.staff_rule import Repaired
from workflow_processor.repair.texts import paths
from workflow_processor.repair.texts.json_find import find, lacks, simple
from workflow_processor.repair.texts.json_scan import Node, scan, string
from workflow_processor.repair.texts.json_text import JsonText
from workflow_processor.repair.texts.lines import Lines

often = settings(max_examples=60, deadline=None, derandomize=True)
LINES = {"as": "lines", "columns": ["a", "b", "c"]}


def repaired(given_body: bytes, *steps: dict[str, Any], **parts: Any) -> bytes | None:
    attempt = rule(*steps, **parts).attempt(failed(given_body))
    return attempt.message.body if isinstance(attempt, Repaired) else None


def only_there(before: str, spans: list[tuple[int, int]], after: str) -> bool:
    """Whether the texts differ in these spans alone."""
    parts, at = [], 0
    for start, end in spans:
        parts.append(re.escape(before[at:start]))
        at = end
    return re.fullmatch("(?s:.*)".join([*parts, re.escape(before[at:])]), after) is not None


@given(made_up.BODIES, made_up.VALUE_STEPS)
@often
def test_a_step_changes_no_character_outside_the_places_it_names(body: str, step: dict[str, Any]) -> None:
    after = repaired(body.encode(), step)
    if after is not None:
        places = JsonText(body).places(paths.parse(step["at"]))
        assert only_there(body, [(place.start, place.end) for place in places], after.decode())


@given(st.lists(made_up.SCALARS, min_size=1), st.one_of(made_up.VALUE_STEPS, made_up.OVERWRITING_STEPS))
@often
def test_a_value_that_stays_keeps_its_spelling_in_the_places_that_a_step_names_too(
    spelled: list[str], step: dict[str, Any]
) -> None:
    after = repaired(f"[{','.join(spelled)}]".encode(), step | {"at": "[*]"})
    if after is not None:
        document = JsonText(after.decode())
        now = [after.decode()[item.start : item.end] for item in document.root.items]
        said = [
            json.loads(one, parse_int=Decimal, parse_float=Decimal)
            for one in (f"[{','.join(spelled)}]", after)
        ]
        stay = [was == one and type(was) is type(one) for was, one in zip(*said, strict=True)]
        assert [one for one, stays in zip(now, stay, strict=True) if stays] == [
            one for one, stays in zip(spelled, stay, strict=True) if stays
        ]


@given(made_up.BODIES, made_up.MEMBER_STEPS)
@often
def test_a_step_about_members_leaves_all_others_as_they_are_spelled(body: str, step: dict[str, Any]) -> None:
    after = repaired(body.encode(), step)
    if after is not None:
        named = [paths.parse(step[name]) for name in ("at", "to") if name in step]
        named += [paths.Path((*named[0].parent.parts, "z"))]
        assert leaves(body, named) == leaves(after.decode(), named)


def leaves(text: str, without: list[paths.Path]) -> list[tuple[str, str]]:
    """Every value that holds no other, with the way to it and its spelling, but for those at these paths."""
    document = JsonText(text)
    found: list[tuple[str, str]] = []

    def walk(node: Node, way: tuple[str | int, ...]) -> None:
        here = paths.Path(way)
        if any(path.touches(here) and len(path.parts) <= len(way) for path in without):
            return
        if not node.items:
            found.append((str(here), text[node.start : node.end]))
        for at, item in enumerate(node.items):
            walk(item, (*way, node.keys[at].name if node.keys else at))

    walk(document.root, ())
    # An object whose only member came or went is no longer what it was.
    return [(way, spelled) for way, spelled in found if spelled.strip("{} \t\r\n")]


@given(made_up.BODIES, st.lists(made_up.STEPS, min_size=1, max_size=3))
@often
def test_a_rule_applied_twice_gives_what_it_gives_once(body: str, steps: list[dict[str, Any]]) -> None:
    once = repaired(body.encode(), *steps)
    if once is not None:
        assert repaired(once, *steps) in (None, once)


@given(st.lists(made_up.STEPS, min_size=1, max_size=4))
@often
def test_a_definition_is_the_same_again_from_its_json(steps: list[dict[str, Any]]) -> None:
    definition = parse({"when": {"queue": "trades"}, "then": steps})
    assert parse(json.dumps(to_json(definition))) == definition


@given(
    st.one_of(made_up.BODIES, made_up.VALUES),
    st.integers(0, 60),
    st.sampled_from('{}[],:"\\0-.e x'),
    st.booleans(),
)
@often
def test_what_is_json_to_others_is_json_to_rules_and_says_the_same(
    body: str, at: int, sign: str, spoiled: bool
) -> None:
    text = body.removeprefix("\ufeff")
    text = text[:at] + sign + text[at + 1 :] if spoiled else text
    try:
        told = json.loads(text, object_pairs_hook=list, parse_int=str, parse_float=str)
    except ValueError:
        told = Cannot
    try:
        assert plain(text, scan(text)) == told
    except Cannot:
        assert told is Cannot


def plain(text: str, node: Node) -> Any:
    values = [plain(text, item) for item in node.items]
    if node.kind == "object":
        return list(zip([key.name for key in node.keys], values, strict=True))
    spelled = text[node.start : node.end]
    readers = {"array": lambda: values, "text": lambda: string(spelled), "number": lambda: spelled}
    return readers.get(node.kind, lambda: json.loads(spelled))()


@given(made_up.BODIES, made_up.PATHS)
@often
def test_what_is_found_without_a_tree_is_what_the_tree_says(body: str, at: str) -> None:
    document, path = JsonText(body), paths.parse(at)
    if simple(body, document.begin):
        quick = find(body, document.begin, path)
        try:
            spans = [(one.node.start, one.node.end) for one in document.found(path)]
        except Cannot:  # a key that stands twice
            assert quick is None
        else:
            assert quick is None or [quick] == spans
            assert not (spans and lacks(body, path))


@given(made_up.LINES, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["a", "b", "[0].c", "3"]))
@often
def test_a_column_is_changed_and_no_other_character(lines: list[str], end: str, at: str) -> None:
    body = end.join(lines) + end
    document = Lines(body, ",", ("a", "b", "c"), header=False)
    assert document.plain() == [
        dict(zip("abc", row, strict=True)) for row in csv.reader(io.StringIO(body, newline=""))
    ]
    after = repaired(body.encode(), {"do": "set", "at": at, "value": 'new "one", b'}, body=LINES)
    assert after is not None
    places = document.places(paths.parse(at))
    assert only_there(body, [(place.start, place.end) for place in places], after.decode())
    again = Lines(after.decode(), ",", ("a", "b", "c"), header=False)
    assert {place.value.text for place in again.places(paths.parse(at))} == {'new "one", b'}


@given(made_up.HEADINGS, made_up.ROWS, made_up.ENDS, st.sampled_from(["", "\ufeff"]))
@often
def test_whole_columns_go_and_every_other_character_stays(
    names: list[str], rows: list[tuple[str, ...]], end: str, mark: str
) -> None:
    def body(*lines: Sequence[str]) -> bytes:
        return (mark + end.join(";".join(line).replace(",", ";") for line in lines)).encode()

    at = names.index('"b"')
    kept = [at for at, name in enumerate(names) if name != '"b"']
    headed = {"as": "lines", "separator": ";", "header": True}
    given = body(names, *rows)
    without = body(*[[row[at] for at in kept] for row in [names, *rows]])
    assert repaired(given, {"do": "remove", "at": "b"}, body=headed) == without
    called = {"as": "lines", "separator": ";", "columns": [name.strip('"') for name in names]}
    assert repaired(given, {"do": "remove", "at": "b"}, body=called) == without
    assert repaired(without, {"do": "remove", "at": "b"}, body=called) is None
    assert repaired(given, {"do": "rename", "at": "b", "to": 'an "x"'}, body=headed) == body(
        ['"an ""x"""' if name == '"b"' else name for name in names], *rows
    )
    first = body(*[[row[one] for one in (at, *kept)] for row in [names, *rows]])
    assert repaired(given, {"do": "move", "at": "b", "to": "1"}, body=headed) == (first if at else None)


@given(made_up.HEADINGS, made_up.ROWS, made_up.ENDS, st.data())
@often
def test_a_rule_about_columns_applied_twice_gives_what_it_gives_once(
    names: list[str], rows: list[tuple[str, ...]], end: str, data: st.DataObject
) -> None:
    header = data.draw(st.booleans())
    some = made_up.HEADED_STEPS if header else made_up.COLUMN_STEPS
    steps = data.draw(st.lists(some, min_size=1, max_size=3))
    read = {"as": "lines", "header": True} if header else LINES
    body = end.join(",".join(row) for row in [names, *rows])
    once = repaired(body.encode(), *steps, body=read)
    if once is not None:
        assert repaired(once, *steps, body=read) in (None, once)


@given(made_up.PATHS)
def test_a_path_is_the_same_again_from_its_text(text: str) -> None:
    assert paths.parse(str(paths.parse(text))) == paths.parse(text)
