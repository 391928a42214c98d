"""Dry runs: what a rule would do, told without doing it; the same as what it then does."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers.failure import Kind
from tests.workflow_processor import staff
from tests.workflow_processor.letters import assert_counted, failed, letters, states, take_in
from tests.workflow_processor.staff import LINES, TAKE_NUMBER, definition, person, seen
from tests.workflow_processor.test_lifecycle import everything
from workflow_processor import lifecycle
from workflow_processor.lifecycle import Seen
from workflow_processor.models import (
    DeadLetter,
    DryRun,
    Mode,
    Operation,
    Revision,
    RuleFigure,
    Suggestion,
)
from workflow_processor.operations import acts as operations
from workflow_processor.operations import outcomes, work
from workflow_processor.operations.acts import Order
from workflow_processor.repair import pipeline
from workflow_processor.repair.definition import Definition, to_json
from workflow_processor.rules import acts, dry_run_progress, dry_running, dry_runs
from workflow_processor.rules.trying import try_on
from workflow_processor.transition import Actor

pytestmark = pytest.mark.django_db
CLERK = Actor("clerk")


def parked(*bodies: bytes, **told: Any) -> list[UUID]:
    ids = take_in(*[failed(body, **told) for body in bodies])
    pipeline.repair(ids, [])
    assert states(ids) == ["parked"] * len(ids)
    return ids


def through(run: DryRun) -> DryRun:
    while dry_running.carry_on(run.pk):
        pass
    run.refresh_from_db()
    return run


def dry(made: Definition | None = None, **wanted: Any) -> DryRun:
    return through(dry_runs.start(person(), made or definition(), **wanted))


def test_a_dry_run_tells_what_would_become_of_each_and_changes_nothing() -> None:
    ids = parked(b"A1,BUY,AAPL,1 SHARES", b"A1,BUY,AAPL,many", b"A1,BUY,AAPL,2")
    orders = parked(b"A1,BUY,AAPL,3 SHARES", error_type="KeyError")
    before = everything()
    run = dry(definition(when={"queue": "trades", "error_type": "ValueError"}))
    assert everything() == before
    assert not Suggestion.objects.exists()
    assert (run.state, run.total, run.done, run.matched) == ("finished", 4, 4, 3)
    assert (run.repaired, run.left, run.not_matched, run.misbehaved) == (1, 2, 1, 0)
    assert list(run.reasons.values()) == [1]
    assert "KeyError" in next(iter(run.reasons))
    repaired = run.items.get(outcome="repaired")
    assert (repaired.dead_letter, repaired.version, repaired.revision) == (ids[0], letters(ids)[0].version, 0)
    assert repaired.body
    assert bytes(repaired.body) == b"A1,BUY,AAPL,1"
    assert repaired.why == "Take the number out of shares."
    assert {item.dead_letter for item in run.items.filter(outcome="left")} == set(ids[1:])
    assert orders[0] not in run.items.values_list("dead_letter", flat=True)


def test_a_dry_run_over_days_looks_at_what_came_whatever_became_of_it() -> None:
    rule = staff.rule()
    sent = take_in(failed(b"A1,BUY,AAPL,1 SHARES"))
    pipeline.repair(sent, [])
    parked(b"A1,BUY,AAPL,many")
    acts.set_mode(person(), seen(rule), Mode.OFF)
    parked(b"A1,BUY,AAPL,2 SHARES")
    assert (dry().repaired, dry(days=1).repaired) == (1, 2)
    first = dry(days=1).items.order_by("id").first()
    assert first
    assert (first.dead_letter, first.revision) == (sent[0], 0)


def test_what_triage_would_not_hand_to_a_rule_is_told_apart() -> None:
    parked(b"A1,BUY,AAPL,1 SHARES")
    parked(b"A1,BUY,AAPL,2 SHARES", kind=Kind.PERMANENT)
    run = dry()
    assert (run.repaired, run.beyond) == (2, 1)
    assert run.items.exclude(beyond="").get().beyond == "Its consumer says that no program can repair it."


def test_what_would_not_be_valid_or_came_back_is_left_and_says_so() -> None:
    rule = staff.rule(mode=Mode.OFF)
    [id] = parked(b"A1,BUY,AAPL,1 SHARES")
    Revision.objects.filter(dead_letter_id=id).update(author="rule number of shares 1")
    run = dry(rule=rule)
    assert (run.version, run.left) == (1, 1)
    assert run.items.get().why == "It repaired this message before, and it came back."
    assert dry(definition(TAKE_NUMBER, when={"queue": "trades", "handler": "*"}), rule=rule).version == 0


def test_a_dry_run_goes_on_where_a_worker_that_died_left_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_running, "CHUNK", 2)
    parked(*[f"A{at},BUY,AAPL,{at} SHARES".encode() for at in range(5)])
    run = dry_runs.start(person(), definition())
    chunks: list[object] = []

    def dies(*given: Any) -> Any:
        if chunks:
            raise SystemExit
        chunks.append(given)
        return try_on(*given)

    with monkeypatch.context() as patched:
        patched.setattr(dry_running, "try_on", dies)
        with pytest.raises(SystemExit):
            dry_running.carry_on(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 2)
    assert dry_running.due() == []
    assert not dry_running.carry_on(run.pk)
    DryRun.objects.update(claimed_until="2020-01-01T00:00:00Z")
    assert dry_running.due() == [run.pk]
    assert (through(run).state, run.done, run.repaired, run.items.count()) == ("finished", 5, 5, 5)


def test_a_dry_run_that_brings_its_worker_down_twice_is_given_up() -> None:
    parked(b"A1,BUY,AAPL,1 SHARES")
    run = dry_runs.start(person(), definition())
    DryRun.objects.update(state="running", claimed_until="2020-01-01T00:00:00Z", lapses=1)
    assert (through(run).state, run.done) == ("failed", 0)
    assert run.note == "It was interrupted twice: the rule may be crashing its worker."


def test_a_cancelled_dry_run_ends_with_the_chunk_it_is_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_running, "CHUNK", 1)
    parked(*[b"A1,BUY,AAPL,1 SHARES"] * 3)
    run = dry_runs.start(person(), definition())
    with pytest.raises(PermissionDenied):
        dry_runs.cancel(person("grace", "view_dead_letter"), run.pk)
    tried: list[object] = []

    def cancels(*given: Any) -> Any:
        tried.append(given)
        assert dry_runs.cancel(person(), run.pk)
        return try_on(*given)

    monkeypatch.setattr(dry_running, "try_on", cancels)
    assert (through(run).state, run.done, run.items.count(), len(tried)) == ("cancelled", 0, 0, 1)
    assert not dry_runs.cancel(person(), run.pk)


def test_only_the_first_of_each_outcome_keep_their_message_and_all_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dry_run_progress, "SAMPLE", 2)
    parked(*[b"A1,BUY,AAPL,1 SHARES"] * 5)
    run = dry()
    assert (run.repaired, run.items.count(), run.items.filter(body__isnull=False).count()) == (5, 5, 2)


def test_what_a_dry_run_found_can_be_done_once_without_saving_a_rule() -> None:
    many = (b"A1,BUY,AAPL,many", b"A1,BUY,AAPL,2 SHARES", b"A1,BUY,AAPL,3 SHARES")
    ids = parked(b"A1,BUY,AAPL,1 SHARES", *many)
    run = dry()
    changed = letters(ids)[2]
    lifecycle.discard([Seen(changed.id, changed.version)], CLERK, "a test order")
    order = Order(
        "apply rule",
        Operation.Selection.DRY_RUN,
        reason="upstream sends the unit",
        parameters={"definition": json.loads(run.definition)},
    )
    operation = operations.plan(person(), order, dry_runs.repaired(run))
    work.carry_on()
    assert states(ids) == ["requeued", "parked", "discarded", "requeued"]
    made = Revision.objects.get(dead_letter_id=ids[0], number=1)
    assert (bytes(made.body), made.author) == (b"A1,BUY,AAPL,1", "ada")
    assert made.reason.endswith("upstream sends the unit Take the number out of shares.")
    told = {item.dead_letter: item.told for item in outcomes.items(operation.pk)}
    assert told == {ids[0]: "outbox", ids[2]: "skipped", ids[3]: "outbox"}
    assert_counted()


def test_a_rule_that_is_turned_on_can_be_tried_on_what_is_parked_already() -> None:
    ids = parked(b"A1,BUY,AAPL,1 SHARES", b"A1,BUY,AAPL,many")
    staff.rule()
    order = Order("reconsider", Operation.Selection.DRY_RUN)
    operations.plan(person(), order, [Seen(one.id, one.version) for one in letters(ids)])
    work.carry_on()
    assert states(ids) == ["received", "received"]
    pipeline.repair(ids, [])
    assert states(ids) == ["requeued", "parked"]
    assert RuleFigure.objects.filter(kind="repaired").exists()


numbers = st.sampled_from(["1 SHARES", " 12 ", "1.10", "many", "", "12345678901234567890 X", "-3", "7,5"])
sides = st.sampled_from(["BUY", "BYU", "buy", " SELL", '"BYU"'])
bodies = st.builds(lambda side, shares: f"A1,{side},AAPL,{shares}".encode(), sides, numbers) | st.binary(
    max_size=20
)
steps = st.lists(
    st.sampled_from(
        [
            TAKE_NUMBER,
            {"do": "trim", "at": "side"},
            {"do": "upper", "at": "side"},
            {"do": "map", "at": "side", "table": {"BYU": "BUY"}},
            {"do": "set_header", "name": "region", "value": "EU"},
        ]
    ),
    min_size=1,
    max_size=3,
    unique_by=str,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bodies, min_size=1, max_size=8), steps)
def test_a_dry_run_equals_the_real_run_on_a_copy_of_the_same_messages(
    given: list[bytes], wanted: list[dict[str, Any]]
) -> None:
    RuleFigure.objects.all().delete()
    ids = parked(*given)
    made = definition(*wanted, body=LINES)
    run = dry(made)
    name = f"rule {DeadLetter.objects.count()} {run.pk}"
    rule = acts.create(person(), name, made, mode=Mode.AUTOMATIC)
    copies = take_in(*[failed(body) for body in given])
    pipeline.repair(copies, [])
    told = {item.dead_letter: item for item in run.items.filter(dead_letter__in=ids)}
    for id, copy in zip(ids, letters(copies), strict=True):
        item = told.get(id)  # none for a body of another kind than the rule reads
        assert (item is not None and item.outcome == "repaired") == (copy.state == "requeued")
        if item and item.outcome == "repaired":
            real = Revision.objects.get(dead_letter_id=copy.id, number=1)
            assert bytes(item.body or b"") == bytes(real.body)
            assert real.reason == item.why
            assert item.return_address == real.return_address
    assert to_json(made) == json.loads(run.definition)
    acts.set_mode(person(), seen(rule), Mode.OFF)
