"""The repair of a batch, on PostgreSQL: claimed by one, decided, settled at once, whatever the rules do."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from consumers.batch import Batch
from consumers.broker import Delivery
from consumers.envelope import Delegated
from consumers.failure import Kind
from consumers.handling import Handler
from consumers.repair import FailedMessage, Rule
from consumers.stopping import Stop
from tests.workflow_processor import rules
from tests.workflow_processor.letters import (
    QUEUE,
    SUBSCRIBER,
    assert_counted,
    failed,
    in_threads,
    letters,
    message,
    states,
    take_in,
    timeline,
)
from tests.workflow_processor.rules import HOSTILE, Made, Shares, on
from workflow_processor import lifecycle, portions
from workflow_processor.lifecycle import Claim
from workflow_processor.models import DeadLetter, OutboxEntry, Revision
from workflow_processor.repair import pipeline
from workflow_processor.repair.cases import Claimed, read
from workflow_processor.triage import Policy

pytestmark = pytest.mark.django_db
LEASE = timedelta(minutes=1)
QUICK = Policy(rule_seconds=0.05)


def repair(ids: Sequence[UUID], *tried: Rule, policy: Policy = QUICK) -> int:
    settled = pipeline.repair(ids, tried, policy)
    assert_counted()
    return settled


def lapsed(ids: Sequence[UUID]) -> None:
    """Their worker died: its claims run out."""
    lifecycle.claim(ids, timedelta(seconds=-1))
    assert len(lifecycle.lapse(ids)) == len(ids)


def test_a_repaired_message_has_its_revision_and_its_requeue() -> None:
    given = failed(b"A1,BUY,AAPL,1 SHARES")
    [id] = take_in(given)
    assert repair([id], Shares()) == 1
    [letter] = letters([id])
    assert (letter.state, letter.attempt, letter.revision) == ("requeued", 1, 1)
    assert (letter.size, letter.preview) == (13, "A1,BUY,AAPL,1")
    original, repaired = Revision.objects.filter(dead_letter_id=id).order_by("number")
    assert original.message() == given.message
    assert repaired.message() == given.message.with_body(b"A1,BUY,AAPL,1")
    assert (repaired.author, repaired.return_address) == ("rule shares 1", QUEUE)
    entry = OutboxEntry.objects.get(dead_letter_id=id)
    assert (entry.state, entry.attempt, entry.revision, entry.queue) == ("pending", 1, 1, QUEUE)
    assert timeline(id) == ["received", "repairing", "repaired"]


def test_each_message_of_a_batch_gets_its_own_decision() -> None:
    ids = take_in(
        failed(b"A1,BUY,AAPL,1 SHARES"),
        failed(b"A1,BYU,AAPL,1"),
        failed(b"A1,BUY,AAPL,1", Kind.TRANSIENT, retry_after=60),
        failed(b"A1,BUY,AAPL,1", Kind.PERMANENT),
        failed(b"A1,BUY,AAPL,2 SHARES", address=""),
    )
    assert repair(ids, Shares()) == 5
    assert states(ids) == ["requeued", "parked", "waiting", "parked", "parked"]
    repaired, parked, waiting, permanent, nowhere = letters(ids)
    assert repaired.reason == "Takes the number out of `1 SHARES`."
    assert parked.reason == "No rule recognises this fault."
    assert waiting.reason == "Retry 1 of 8: the failure is transient."
    assert waiting.due_at is not None
    assert timedelta(seconds=60) <= waiting.due_at - waiting.changed_at <= timedelta(seconds=61)
    assert permanent.reason == "Its consumer says that no program can repair it."
    assert nowhere.reason == "It came without a return address."


def test_a_message_that_brings_its_consumer_down_is_parked_though_a_rule_would_mend_it() -> None:
    deadly = Delivery(message(b"A1,BUY,AAPL,1 SHARES"), QUEUE, redelivered=True, token=None, deliveries=11)
    batch = Batch([deadly], suspect=deadly)
    batch.work(Handler(QUEUE, SUBSCRIBER, print), Stop())
    [handled] = batch.handled()
    assert handled.failure
    [id] = take_in(Delegated(deadly.message, handled.failure, QUEUE, SUBSCRIBER, QUEUE))
    assert repair([id], Shares()) == 1
    assert letters([id])[0].reason == "Its consumer says that no program can repair it."


def test_hostile_rules_harm_no_message_but_the_one_they_are_asked_about() -> None:
    bodies = [name.encode() for name in HOSTILE]
    hostile = [on(body, HOSTILE[body.decode()][0], f"r{at}") for at, body in enumerate(bodies)]
    sound = [f"A{at},BUY,AAPL,1 SHARES".encode() for at in range(len(bodies))]
    mixed = [failed(body) for pair in zip(bodies, sound, strict=True) for body in pair]
    ids = take_in(*mixed)
    assert repair(ids, *hostile, Shares()) == len(ids)
    assert states(ids) == ["parked", "requeued"] * len(bodies)
    for at, (body, letter) in enumerate(zip(bodies, letters(ids)[::2], strict=True)):
        assert letter.reason.startswith(f"Rule r{at} 1 {HOSTILE[body.decode()][1]}")


def test_a_body_that_no_text_can_hold_is_repaired_like_any_other() -> None:
    [id] = take_in(failed(b"\x00\xff\xfe SHARES"))
    repair([id], Shares())
    assert letters([id])[0].revision == 1
    assert bytes(Revision.objects.get(dead_letter_id=id, number=1).body) == b"\x00\xff\xfe"


def test_rules_see_the_latest_failure_and_how_often_the_message_was_sent_back() -> None:
    seen: list[FailedMessage] = []
    given = failed(b"A1,BUY,AAPL,1", error_type="KeyError", text="SYM", top_frame="m:f", tries=3)
    repair(take_in(given), Made(lambda failed: seen.append(failed)))
    [shown] = seen
    assert shown == FailedMessage(given.message, given.failure, QUEUE, 0)


def test_a_message_in_other_hands_is_left_alone() -> None:
    ids = take_in(failed(), failed())
    lifecycle.claim(ids[:1], LEASE)
    assert repair(ids, Shares()) == 1
    assert states(ids) == ["repairing", "requeued"]


def test_a_message_is_decided_once_however_often_its_repair_is_asked_for() -> None:
    ids = take_in(failed())
    assert [repair(ids, Shares()) for _ in range(3)] == [1, 0, 0]
    assert OutboxEntry.objects.count() == 1


def test_a_late_settle_changes_nothing_when_the_lease_has_lapsed() -> None:
    [id] = take_in(failed())
    [late] = lifecycle.claim([id], timedelta(seconds=-1))
    lifecycle.lapse([id])
    [again] = lifecycle.claim([id], LEASE)
    assert again.claim == late.claim + 1
    before = timeline(id)
    assert lifecycle.park([Claim(id, late.claim)], ["too late"]) == []
    assert lifecycle.schedule_retry([Claim(id, late.claim)], [timedelta()], ["too late"]) == []
    assert lifecycle.put_off([Claim(id, late.claim)]) == []
    assert timeline(id) == before
    assert lifecycle.park([Claim(id, again.claim)], ["in time"])
    assert_counted()


def test_a_claim_is_not_taken_back_before_its_lease_has_run_out() -> None:
    ids = take_in(failed())
    lifecycle.claim(ids, LEASE)
    assert lifecycle.lapse(ids) == []


def test_what_was_cut_off_once_is_taken_alone_and_parked_when_it_was_cut_off_twice() -> None:
    culprit, bystander = take_in(failed(), failed())
    lapsed([culprit])
    assert repair([culprit, bystander], Shares()) == 1
    assert states([culprit, bystander]) == ["received", "requeued"]
    lapsed([culprit])
    assert repair([culprit], Shares()) == 1
    [letter] = letters([culprit])
    assert letter.state == "parked"
    assert letter.reason == "Its repair was interrupted 2 times: it may be crashing a rule."


def test_what_cannot_be_read_is_parked_and_keeps_no_other_from_its_repair() -> None:
    broken, sound = take_in(failed(), failed())
    Revision.objects.filter(dead_letter_id=broken).delete()
    assert repair([broken, sound], Shares()) == 2
    assert states([broken, sound]) == ["parked", "requeued"]
    reason = "It could not be read: part of it is missing in the database."
    assert letters([broken])[0].reason == reason


def test_what_is_cut_off_for_ever_holds_up_no_sweep() -> None:
    ids = take_in(failed(), failed())
    DeadLetter.objects.filter(id=ids[0]).update(lapses=32_767)
    for id in ids:
        lifecycle.claim([id], timedelta(seconds=-1))
    assert len(lifecycle.lapse(ids)) == 2


def test_a_repair_that_is_through_forgets_that_one_was_cut_off_before() -> None:
    [id] = take_in(failed())
    lapsed([id])
    repair([id], Shares())
    assert letters([id])[0].lapses == 0


def test_what_there_is_no_time_for_is_received_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BUDGET", 0.2)
    ids = take_in(*[failed() for _ in range(20)])
    settled = repair(ids, Made(rules.loops, name="slow"), Shares())
    assert 0 < settled < 20
    assert states(ids).count("requeued") == settled
    assert states(ids).count("received") == 20 - settled
    assert [letter.lapses for letter in letters(ids)] == [0] * 20


def test_large_bodies_are_read_a_portion_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PORTION", 100)
    sizes: list[int] = []

    def counting(claims: Sequence[Claim]) -> list[Claimed]:
        sizes.append(len(claims))
        return read(claims)

    monkeypatch.setattr(pipeline, "read", counting)
    ids = take_in(*[failed(b"x" * 40 + b" SHARES") for _ in range(5)], failed(b"x" * 300 + b" SHARES"))
    assert repair(ids, Shares()) == 6
    assert sum(sizes) == 6
    assert max(sizes) == 2
    assert states(ids) == ["requeued"] * 6


def test_a_rules_reason_can_quote_anything() -> None:
    [id] = take_in(failed(b"odd"))
    repair([id], Made(rules.raises, name="broken"))
    [letter] = letters([id])
    assert letter.reason.startswith("Rule broken 1 failed with LookupError: the table is empty")


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_claim_at_once_share_the_batch() -> None:
    ids = take_in(*[failed() for _ in range(200)])
    taken: list[list[UUID]] = []
    ready = threading.Barrier(4)

    def claim() -> None:
        connection.ensure_connection()
        ready.wait()
        taken.append([letter.id for letter in lifecycle.claim(ids, LEASE)])

    in_threads(*[claim] * 4)
    assert sorted(id for claimed in taken for id in claimed) == sorted(ids)
    assert set(DeadLetter.objects.values_list("claim", flat=True)) == {1}
    assert_counted()


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_is_being_settled_is_not_taken_back() -> None:
    ids = take_in(failed(), failed())
    [held, lapsed] = [
        Claim(letter.id, letter.claim) for letter in lifecycle.claim(ids, timedelta(seconds=-1))
    ]
    swept: list[int] = []
    with transaction.atomic():
        lifecycle.park([held], ["parked in time"])
        in_threads(lambda: swept.append(len(lifecycle.lapse(ids))))
    assert swept == [1]
    assert states([held.id, lapsed.id]) == ["parked", "received"]
