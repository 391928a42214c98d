"""Gates and held messages under whatever comes, in whatever order and two things at a time: a machine that
tries interleavings, against a plain model of what order must be.

`make soak` runs it 500 times for 50 steps.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain, compress, repeat

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.workflow_processor.overlapping import Act, Overlapping
from tests.workflow_processor.street import ADDRESS, Number, Stage, Street
from workflow_processor import due, lifecycle, ordering
from workflow_processor.lifecycle import Claim, Seen
from workflow_processor.models import DeadLetter, Event, Gate, HeldMessage, State
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Actor

CLERK, RULE = Actor("clerk"), Actor("rule")
ENDED = (State.RESOLVED, State.DISCARDED)
TABLES = "dead_letter, gate, held_message, outbox, event, revision, failed_attempt, state_count, flow"
PATIENCE = 200
"""Rounds in which everything comes to rest."""


class Order:
    """What order must be: of each key the first effects come in the order of the messages, but for messages
    that have ended without one, and those whose order a person gave up."""

    def __init__(self) -> None:
        self.given_up: set[Number] = set()
        self._had: set[Number] = set()

    def check(self, effects: Sequence[Number], discarded: set[Number]) -> None:
        """Takes further effects, in their order."""
        for effect in effects:
            earlier = {Number(effect.key, n) for n in range(1, effect.n)}
            overtaken = earlier - self._had - discarded - self.given_up
            assert effect in self._had or not overtaken, f"{effect} came before {overtaken}"
            self._had.add(effect)

    def missing(self, sent: dict[str, int], discarded: set[Number]) -> set[Number]:
        """The messages that have neither had an effect nor been discarded."""
        everything = {Number(key, n) for key, count in sent.items() for n in range(1, count + 1)}
        return everything - self._had - discarded


class Gates(RuleBasedStateMachine):
    """Messages of three keys, a consumer that may die, an intake, a relay, a repair, and clerks."""

    database: str

    def __init__(self) -> None:
        super().__init__()
        self.order = Order()
        self.checked = 0
        self.seen: list[DeadLetter] = []
        """What a clerk has on the screen."""
        self.claimed: list[Claim] = []
        """What a repair has in hand; its lease may be over."""

    @initialize(requeues_first=st.booleans(), parked=st.booleans())
    def opens(self, requeues_first: bool, parked: bool) -> None:
        """Of two keys the first message has failed, and three wait for it."""
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {TABLES} CASCADE")
        self.street = Street(self.database, requeues_first=requeues_first)
        self.overlapping = Overlapping()
        for key in "abab":
            self.street.publish(key, 2)
        self._through(chain([True, True], repeat(False)))
        self.street.store(100)
        if parked:
            self._claim()
            self._settle([False, False])

    @rule(key=st.sampled_from("abc"), count=st.integers(1, 3))
    def publishes(self, key: str, count: int) -> None:
        self.street.publish(key, count)

    @rule(data=st.data(), steps=st.integers(1, 6), sent=st.booleans())
    def goes_on(self, data: st.DataObject, steps: int, sent: bool) -> None:
        """The consumer does what is next, or dies; with what is due to it or without."""
        if sent:
            self.street.send(dies=False)
        for _ in range(steps):
            self._consumers(data)()

    @rule(data=st.data(), who=st.sampled_from(["intake", "repair", "relay", "clerk"]))
    def somebody_acts(self, data: st.DataObject, who: str) -> None:
        self._drawn(data, who)()

    @rule(data=st.data(), who=st.sampled_from(["intake", "repair", "clerk"]), other=st.data())
    def two_meet(self, data: st.DataObject, who: str, other: st.DataObject) -> None:
        """The second comes upon the first, which is done and not committed."""
        second = data.draw(st.sampled_from(["intake", "repair", "clerk", "consumer"]), "meets")
        self.overlapping.run(self._drawn(data, who), self._drawn(data, second), transaction.atomic)

    @rule(data=st.data(), who=st.sampled_from(["intake", "repair", "clerk"]))
    def somebody_meets_the_consumer(self, data: st.DataObject, who: str) -> None:
        """The same, the first being the consumer at its gates."""
        if self.street.stage is Stage.HANDLED:
            self.overlapping.run(self.street.admit, self._drawn(data, who), self.street.uncommitted)

    @rule(key=st.sampled_from("ab"), opening_first=st.booleans())
    def a_message_arrives_as_its_gate_opens(self, key: str, opening_first: bool) -> None:
        """The consumer is about to hold it, and the intake has the receipt of the last that it waits for."""
        self._through(repeat(False))
        self.street.store(100)
        heads = DeadLetter.objects.filter(gates__key=key, state=State.PARKED)
        if not heads:
            return
        with transaction.atomic():
            ordering.discard_held([head.id for head in heads], CLERK, "of no use")
        lifecycle.requeue(_seen(heads), CLERK)
        self.street.send(dies=False)
        self._through(repeat(False))
        self.street.publish(key, 1)
        self.street.receive(1)
        self.street.handle(repeat(False))
        admits, opens = self.street.admit, partial(self.street.store, 100)
        if opening_first:
            self.overlapping.run(opens, admits, transaction.atomic)
        else:
            self.overlapping.run(admits, opens, self.street.uncommitted)

    @invariant()
    def order_is_kept(self) -> None:
        effects = self.street.effects[self.checked :]
        self.checked += len(effects)
        self.order.check(effects, _discarded())

    @invariant()
    def a_gate_waits_for_what_is_open(self) -> None:
        assert not Gate.objects.filter(head__state__in=ENDED).exists()

    @invariant()
    def what_is_open_has_its_gate(self) -> None:
        keys = set(Gate.objects.values_list("key", flat=True))
        letters = {_number(letter) for letter in DeadLetter.objects.exclude(state__in=ENDED)}
        assert {number.key for number in letters - self.order.given_up} <= keys

    def teardown(self) -> None:
        try:
            self._come_to_rest()
            self.order_is_kept()
            assert not self.order.missing(self.street.sent, _discarded())
            assert not HeldMessage.objects.exists()
            assert not Gate.objects.exists()
        finally:
            self.street.close()
            self.overlapping.close()

    def _come_to_rest(self) -> None:
        """Nothing fails any more, and everybody does what there is to do."""
        for _ in range(PATIENCE):
            if not (self.street.busy or DeadLetter.objects.exclude(state__in=ENDED).exists()):
                return
            self._work()
        raise AssertionError(f"it does not come to rest: {list(DeadLetter.objects.values())}")

    def _work(self) -> None:
        self._through(repeat(False))
        self.street.store(100)
        lifecycle.lapse(due.lapsed())
        self._claim()
        lifecycle.wake(due.waiting())
        self._settle([True] * len(self.claimed))
        lifecycle.requeue(_seen(DeadLetter.objects.filter(state=State.PARKED)), CLERK)
        self.street.send(dies=False)

    def _through(self, failing: Iterator[bool]) -> None:
        """The consumer is through with what it has and with what waits."""
        street = self.street
        while street.stage is not Stage.IDLE or street.waiting:
            step = self._next(failing) if street.stage is not Stage.IDLE else partial(street.receive, 100)
            step()

    def _drawn(self, data: st.DataObject, who: str) -> Act:
        """Something that they may do now, with everything about it drawn."""
        acts = {
            "consumer": [self._consumers],
            "intake": [self._intakes],
            "repair": [self._claims, self._settles, self._lapses],
            "relay": [self._relays],
            "clerk": [
                self._edits,
                self._requeues,
                self._requeues,
                self._discards,
                self._restores,
                self._lets_go,
                self._discards_held,
            ],
        }
        return data.draw(st.sampled_from(acts[who]), "act")(data)

    def _consumers(self, data: st.DataObject) -> Act:
        street = self.street
        if street.stage is Stage.IDLE:
            return partial(street.receive, data.draw(st.integers(1, 6), "batch"))
        if data.draw(st.integers(0, 4), "lives") == 4:
            return partial(street.die, reported=data.draw(st.booleans(), "reported"))
        failing = data.draw(st.lists(st.booleans(), max_size=6), "failing")
        return self._next(chain(failing, repeat(False)))

    def _next(self, failing: Iterator[bool]) -> Act:
        street = self.street
        after = {Stage.HANDLED: street.admit, Stage.ADMITTED: street.report}
        return after.get(street.stage, partial(street.handle, failing))

    def _intakes(self, data: st.DataObject) -> Act:
        return partial(self.street.store, data.draw(st.integers(1, 6), "batch"))

    def _relays(self, data: st.DataObject) -> Act:
        return partial(self.street.send, dies=data.draw(st.booleans(), "dies"))

    def _claims(self, data: st.DataObject) -> Act:
        return self._claim

    def _claim(self) -> None:
        """Its lease is over at once, and somebody may notice."""
        for letter in DeadLetter.objects.filter(state=State.RECEIVED).order_by("id"):
            self.claimed += [Claim(m.id, m.claim) for m in lifecycle.claim([letter.id], timedelta())]

    def _lapses(self, data: st.DataObject) -> Act:
        return lambda: lifecycle.lapse(due.lapsed())

    def _settles(self, data: st.DataObject) -> Act:
        return partial(self._settle, data.draw(st.lists(st.booleans(), max_size=6), "repairs"))

    def _settle(self, repairs: Sequence[bool]) -> None:
        claimed, self.claimed = self.claimed, []
        mended = list(compress(claimed, chain(repairs, repeat(False))))
        letters = DeadLetter.objects.in_bulk([claim.id for claim in mended])
        lifecycle.repair(mended, [_edited(letters[claim.id]) for claim in mended], RULE)
        lifecycle.park(
            [claim for claim in claimed if claim not in mended], ["no rule"] * (len(claimed) - len(mended))
        )

    def _chosen(self, data: st.DataObject) -> list[DeadLetter]:
        """What a clerk chooses, on a screen that may be out of date."""
        if not data.draw(st.booleans(), "stale"):
            there = DeadLetter.objects.filter(state__in=[State.PARKED, State.WAITING])
            self.seen = list(there.order_by("id"))
        chosen = data.draw(st.lists(st.booleans(), max_size=6), "chosen")
        return list(compress(self.seen, chain(chosen, repeat(True))))

    def _edits(self, data: st.DataObject) -> Act:
        chosen = self._chosen(data)
        return lambda: lifecycle.edit(_seen(chosen), [_edited(letter) for letter in chosen], CLERK)

    def _requeues(self, data: st.DataObject) -> Act:
        return partial(lifecycle.requeue, _seen(self._chosen(data)), CLERK)

    def _discards(self, data: st.DataObject) -> Act:
        return partial(lifecycle.discard, _seen(self._chosen(data)), CLERK, "of no use")

    def _restores(self, data: st.DataObject) -> Act:
        def restore() -> None:
            discarded = DeadLetter.objects.filter(state=State.DISCARDED)
            moved = lifecycle.restore(_seen(discarded), CLERK, "it is wanted")
            restored = DeadLetter.objects.in_bulk([letter.id for letter in moved]).values()
            self.order.given_up.update(map(_number, restored))

        return restore

    def _lets_go(self, data: st.DataObject) -> Act:
        def let_go() -> None:
            heads = list(DeadLetter.objects.filter(gates__isnull=False))
            behind = ordering.waiting([head.id for head in heads])
            self.order.given_up.update(_number(head) for head in heads if head.id in behind)
            with transaction.atomic():
                ordering.advance(list(behind))

        return let_go

    def _discards_held(self, data: st.DataObject) -> Act:
        def discard_held() -> None:
            heads = Gate.objects.filter(head__isnull=False).values_list("head_id", flat=True)
            with transaction.atomic():
                ordering.discard_held(list(heads), CLERK, "of no use")

        return discard_held


def _seen(letters: Iterable[DeadLetter]) -> list[Seen]:
    return [Seen(letter.id, letter.version) for letter in letters]


def _number(letter: DeadLetter) -> Number:
    key, n = letter.message_id.split("-")
    return Number(key, int(n))


def _edited(letter: DeadLetter) -> NewRevision:
    """A new revision, as a person or a rule makes it."""
    key, n = _number(letter)
    message = letter.revisions.get(number=letter.revision).message()
    return NewRevision(message.with_body(f"{key} {n} edited".encode()), ADDRESS, "mended")


def _discarded() -> set[Number]:
    """What was ever discarded."""
    ids = Event.objects.filter(kind=Event.Kind.DISCARDED).values("dead_letter_id")
    return {_number(letter) for letter in DeadLetter.objects.filter(id__in=ids)}


@pytest.mark.timeout(3600)
def test_order_is_kept_and_nothing_is_lost_whatever_meets(
    office_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gates, "database", office_database, raising=False)
    soak = settings.get_current_profile_name() == "soak"
    run_state_machine_as_test(
        Gates,
        settings=settings(
            max_examples=500 if soak else 15,
            stateful_step_count=50 if soak else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
