"""Every change of state: from the states it expects and from no other, with its event and its figures."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers.failure import Kind
from tests.workflow_processor.letters import assert_counted, failed, fold, letters, message, take_in, timeline
from workflow_processor import figures, lifecycle, outbox
from workflow_processor.intake.filing import RECEIVED
from workflow_processor.lifecycle import Claim, Seen
from workflow_processor.models import DeadLetter, Event, Flow, Group, OutboxEntry, Revision, State, StateCount
from workflow_processor.ordering import DISCARDED, RELEASED
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Actor, Moved, Transition

pytestmark = pytest.mark.django_db
CLERK = Actor("clerk")
NOW = timedelta()
LEASE = timedelta(minutes=1)
REPAIRED = NewRevision(message(b"A1,BUY,AAPL,1"), "trades", "mended")


def _come_back(letter: DeadLetter) -> list[Moved]:
    group = Group.objects.order_by("id").last()
    columns: dict[str, tuple[str, list[Any]]] = {
        "attempt": ("int", [letter.attempt]),
        "group_id": ("bigint", [group and group.id]),
        "error_type": ("text", ["KeyError"]),
        "error_text": ("text", ["again"]),
        "handler": ("text", ["trades.place"]),
        "redelivered": ("bool", [False]),
        "failed_at": ("timestamptz", [letter.last_failed_at]),
    }
    return lifecycle.come_back([letter.id], ["It failed."], columns)


def claims(letter: DeadLetter) -> list[Claim]:
    return [Claim(letter.id, letter.claim)]


def seen(letter: DeadLetter) -> list[Seen]:
    return [Seen(letter.id, letter.version)]


TRANSITIONS: dict[str, Callable[[DeadLetter], list[Moved]]] = {
    "CLAIM": lambda d: lifecycle.claim([d.id], LEASE),
    "SCHEDULE": lambda d: lifecycle.schedule_retry(claims(d), [NOW], ["later"]),
    "REPAIR": lambda d: lifecycle.repair(claims(d), [REPAIRED], Actor("rule shares 1")).moved,
    "PARK": lambda d: lifecycle.park(claims(d), ["no rule"]),
    "PUT_OFF": lambda d: lifecycle.put_off(claims(d)),
    "LAPSE": lambda d: lifecycle.lapse([d.id]),
    "WAKE": lambda d: lifecycle.wake([d.id]),
    "EDIT": lambda d: lifecycle.edit(seen(d), [REPAIRED], CLERK),
    "REQUEUE": lambda d: lifecycle.requeue(seen(d), CLERK),
    "ACCEPT": lambda d: lifecycle.accept(seen(d), [REPAIRED], Actor("rule shares 1", None), NOW),
    "RECONSIDER": lambda d: lifecycle.reconsider(seen(d), CLERK, "a new rule"),
    "WITHDRAW": lambda d: lifecycle.withdraw([d.id], CLERK),
    "UNSENDABLE": lambda d: lifecycle.unsendable([d.id], [d.attempt], ["no queue"], [False]),
    "COME_BACK": _come_back,
    "RESOLVE": lambda d: lifecycle.resolve([d.id], [d.attempt], ["processed"]),
    "SILENCE": lambda d: lifecycle.resolve_by_silence([d.id], [d.attempt]),
    "DISCARD": lambda d: lifecycle.discard(seen(d), CLERK, "not needed"),
    "RESTORE": lambda d: lifecycle.restore(seen(d), CLERK, "needed after all"),
}
TABLE = {
    name.removeprefix("_"): value for name, value in vars(lifecycle).items() if isinstance(value, Transition)
}
WAYS: dict[State, list[str]] = {
    State.RECEIVED: [],
    State.REPAIRING: ["CLAIM"],
    State.WAITING: ["CLAIM", "SCHEDULE"],
    State.PARKED: ["CLAIM", "PARK"],
    State.REQUEUED: ["CLAIM", "PARK", "REQUEUE"],
    State.RESOLVED: ["CLAIM", "PARK", "REQUEUE", "RESOLVE"],
    State.DISCARDED: ["CLAIM", "PARK", "DISCARD"],
}
"""How a new dead letter gets to each state."""


def in_state(state: State) -> DeadLetter:
    [id] = take_in(failed())
    for step in WAYS[state]:
        [letter] = letters([id])
        assert TRANSITIONS[step](letter), step
    [letter] = letters([id])
    assert letter.state == state
    return letter


def expire(letter: DeadLetter) -> None:
    """Whatever time this dead letter waits for has come."""
    DeadLetter.objects.filter(id=letter.id, claimed_until__isnull=False).update(
        claimed_until="2020-01-01T00:00:00Z"
    )


def everything() -> list[Any]:
    """All that a transition could change."""
    models = (DeadLetter, Event, Revision, OutboxEntry, StateCount, Flow)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_every_transition_is_tried_here() -> None:
    assert TRANSITIONS.keys() == TABLE.keys()


@pytest.mark.parametrize("name", TRANSITIONS)
@pytest.mark.parametrize("state", State)
def test_a_transition_works_from_the_states_it_expects_and_changes_nothing_from_others(
    state: State, name: str
) -> None:
    letter = in_state(state)
    expire(letter)
    [letter] = letters([letter.id])
    before, told = everything(), timeline(letter.id)
    moved = TRANSITIONS[name](letter)
    [after] = letters([letter.id])
    if state in TABLE[name].expects:
        assert [one.id for one in moved] == [letter.id]
        assert (after.state, after.version) == (TABLE[name].to, letter.version + 1)
        assert timeline(letter.id) == [*told, TABLE[name].event]
        assert moved == [
            Moved(after.id, after.attempt, after.revision, after.version, after.claim, after.size)
        ]
    else:
        assert moved == []
        assert everything() == before
    assert_counted()


@pytest.mark.parametrize("name", ["EDIT", "REQUEUE", "ACCEPT", "RECONSIDER", "DISCARD"])
def test_a_change_by_somebody_who_saw_an_older_version_changes_nothing(name: str) -> None:
    stale = in_state(State.PARKED)
    lifecycle.edit(seen(stale), [REPAIRED], CLERK)
    before = everything()
    assert TRANSITIONS[name](stale) == []
    assert everything() == before


def test_a_restore_that_is_stale_changes_nothing() -> None:
    stale = in_state(State.DISCARDED)
    lifecycle.restore(seen(stale), CLERK, "")
    lifecycle.discard(seen(letters([stale.id])[0]), CLERK, "")
    assert lifecycle.restore(seen(stale), CLERK, "") == []


@pytest.mark.parametrize("name", ["RESOLVE", "SILENCE", "UNSENDABLE"])
def test_word_of_an_earlier_requeue_changes_nothing(name: str) -> None:
    letter = in_state(State.REQUEUED)
    letter.attempt -= 1
    before = everything()
    assert TRANSITIONS[name](letter) == []
    assert everything() == before


def test_a_failure_of_an_earlier_requeue_reopens_nothing() -> None:
    letter = in_state(State.REQUEUED)
    letter.attempt -= 1
    assert _come_back(letter) == []


def test_a_wait_that_is_not_over_is_not_ended() -> None:
    letter = in_state(State.REPAIRING)
    lifecycle.schedule_retry(claims(letter), [timedelta(minutes=1)], ["later"])
    assert lifecycle.wake([letter.id]) == []


def test_a_requeue_has_one_outbox_entry_however_often_it_is_asked_for() -> None:
    letter = in_state(State.PARKED)
    assert [len(lifecycle.requeue(seen(letter), CLERK)) for _ in range(3)] == [1, 0, 0]
    assert OutboxEntry.objects.count() == 1


def test_a_discarded_message_is_not_restored_beside_an_open_one_of_its_identity() -> None:
    given = failed()
    [id] = take_in(given)
    for step in ("CLAIM", "PARK", "DISCARD"):
        TRANSITIONS[step](letters([id])[0])
    [again] = take_in(type(given)(given.message, failed().failure, given.queue, given.subscriber, "trades"))
    assert again != id
    assert lifecycle.restore(seen(letters([id])[0]), CLERK, "") == []
    with pytest.raises(IntegrityError), transaction.atomic():
        DeadLetter.objects.filter(id=id).update(state=State.PARKED)


def test_of_two_discarded_dead_letters_of_one_message_one_is_restored() -> None:
    given, other = failed(), in_state(State.DISCARDED)
    both = []
    for failure in (given.failure, failed().failure):
        [id] = take_in(replace(given, failure=failure))
        for step in ("CLAIM", "PARK", "DISCARD"):
            TRANSITIONS[step](letters([id])[0])
        both.append(id)
    wanted = [one for letter in letters([*both, other.id]) for one in seen(letter)]
    assert {letter.id for letter in lifecycle.restore(wanted, CLERK, "")} == {both[0], other.id}
    assert [letter.state for letter in letters([*both, other.id])] == ["parked", "discarded", "parked"]


def test_resolved_by_silence_is_forgotten_when_it_comes_back() -> None:
    letter = in_state(State.REQUEUED)
    TRANSITIONS["SILENCE"](letter)
    [silent] = letters([letter.id])
    assert silent.by_silence
    _come_back(silent)
    [back] = letters([letter.id])
    assert (back.state, back.by_silence, back.possible_duplicate) == ("received", False, True)


def test_one_call_moves_those_that_fit_and_tells_which() -> None:
    fits = [in_state(State.PARKED) for _ in range(3)]
    others = [in_state(State.REQUEUED) for _ in range(2)]
    mixed = [Seen(letter.id, letter.version) for letter in (*fits, *others)]
    moved = lifecycle.discard(mixed, CLERK, "all of them")
    assert {one.id for one in moved} == {letter.id for letter in fits}
    assert_counted()


def test_a_persons_change_bears_their_name() -> None:
    letter = in_state(State.PARKED)
    lifecycle.discard(seen(letter), Actor("ada"), "a test order")
    told = Event.objects.filter(dead_letter=letter).latest("id")
    assert (told.actor, told.text, told.kind) == ("ada", "a test order", "discarded")
    assert letters([letter.id])[0].reason == "a test order"


def walk(steps: list[tuple[int, str]]) -> list[UUID]:
    ids = take_in(*[failed(kind=kind) for kind in Kind])
    for which, name in steps:
        [letter] = letters([ids[which]])
        if name == "RELAY":
            outbox.claim(timedelta(seconds=-1), 10, 10**6)
        else:
            expire(letter)
            TRANSITIONS[name](letter)
    return ids


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([*TRANSITIONS, "RELAY"])), max_size=40))
def test_after_any_walk_the_figures_agree_and_every_change_has_its_event(
    steps: list[tuple[int, str]],
) -> None:
    with transaction.atomic():
        ids = walk(steps)
        assert_counted()
        for letter in letters(ids):
            kinds = timeline(letter.id)
            assert len(kinds) == letter.version
            assert letter.revisions.count() == letter.revision + 1
            assert letter.requeues.count() == letter.attempt
            assert letter.requeues.filter(state="pending").count() <= 1
        counted = figures.counts()
        fold()
        assert figures.counts() == counted
        transaction.set_rollback(True)


def test_the_manual_shows_every_transition() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "lifecycle.md").read_text()
    rows = re.findall(r"^\| (?!from)([a-z, –]+?) *\| ([a-z]+) *\| ([a-z ]+?) *\|", manual, re.MULTILINE)
    shown = {(expected, to, event) for states, to, event in rows for expected in states.split(", ")}
    assert shown == {
        (str(expected), str(one.to), str(one.event)) for one in TABLE.values() for expected in one.expects
    } | {("–", str(how.to), str(how.event)) for how in (RECEIVED, RELEASED, DISCARDED)}
