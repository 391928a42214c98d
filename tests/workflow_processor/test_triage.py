"""Triage: one decision for every failed message, made from nothing but what it is given."""

import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.failure import Kind
from consumers.message import Message
from consumers.repair import FailedMessage, Rule
from tests.workflow_processor import rules
from tests.workflow_processor.letters import failure, message
from tests.workflow_processor.rules import HOSTILE, Made, Shares
from workflow_processor import triage
from workflow_processor.repair import containment
from workflow_processor.repair.containment import Answer, Mended, Misbehaved, Unmended
from workflow_processor.repair.time_limit import TimeLimit
from workflow_processor.triage import Case, Decision, Park, Policy, Repair, RetryLater, Signature, Tried

POLICY = Policy()


def ask(rule: Rule, failed: FailedMessage, *, seconds: float = 1) -> Answer:
    with TimeLimit(seconds) as limit:
        return containment.ask(limit, rule, failed)


def decide(case: Case, policy: Policy, tried: Sequence[Rule], suggesting: Sequence[Rule] = ()) -> Decision:
    return triage.decide(case, policy, tried, lambda rule, case: ask(rule, case.failed), suggesting)


def case(
    kind: Kind = Kind.UNKNOWN,
    body: bytes = b"A1,BUY,AAPL,1 SHARES",
    *,
    attempt: int = 0,
    address: str = "trades",
    authors: Sequence[str] = ("original",),
    lapses: int = 0,
    chance: float = 0.5,
    retry_after: float | None = None,
) -> Case:
    failed = FailedMessage(message(body), failure(kind, retry_after=retry_after), "trades", attempt)
    return Case(failed, address, frozenset(authors), lapses, chance=chance)


def test_a_rule_that_knows_the_fault_repairs_the_message() -> None:
    given = case()
    decided = decide(given, POLICY, [Made(), Shares()])
    assert decided == Repair(
        given.failed.message.with_body(b"A1,BUY,AAPL,1"),
        Signature("shares", 1),
        "Takes the number out of `1 SHARES`.",
        "trades",
        (Tried(Signature("made", 1), "found a different fault on closer inspection"),),
    )


def test_the_first_rule_that_repairs_is_the_one() -> None:
    other = Made(lambda failed: failed.message.with_body(b"other"), name="other")
    decided = decide(case(), POLICY, [other, Shares()])
    assert isinstance(decided, Repair)
    assert decided.rule == Signature("other", 1)


def test_a_rule_that_may_only_suggest_is_asked_last_and_repairs_nothing() -> None:
    nothing = Made(name="nothing")
    parked = decide(case(), POLICY, [nothing], [Made(name="nor this"), Shares()])
    assert isinstance(parked, Park)
    assert parked.reason == "Rule shares suggests a repair."
    assert parked.suggestion
    assert parked.suggestion.message.body == b"A1,BUY,AAPL,1"
    assert [tried.rule.name for tried in parked.tried] == ["nothing", "nor this"]
    assert isinstance(decide(case(), POLICY, [Shares()], [Made(name="other")]), Repair)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (case(body=b"A1,BYU,AAPL,1"), "No rule recognises this fault."),
        (case(Kind.PERMANENT), "Its consumer says that no program can repair it."),
        (case(attempt=10), "It was sent back 10 times and failed each time."),
        (case(Kind.TRANSIENT, attempt=10), "It was sent back 10 times and failed each time."),
        (case(Kind.TRANSIENT, attempt=8), "It still fails after 8 retries."),
        (case(address=""), "It came without a return address."),
        (case(lapses=2), "Its repair was interrupted 2 times: it may be crashing a rule."),
        (case(authors=["rule shares 1"]), "Rule shares 1 repaired it before, and it came back."),
    ],
)
def test_what_no_program_can_help_is_parked_with_the_reason(given: Case, reason: str) -> None:
    decided = decide(given, POLICY, [Shares()])
    assert isinstance(decided, Park)
    assert decided.reason == reason
    assert decided.suggestion is None


def test_a_new_version_of_a_rule_may_try_what_the_old_one_repaired_in_vain() -> None:
    decided = decide(case(authors=["original", "rule shares 1"]), POLICY, [Shares(version=2)])
    assert isinstance(decided, Repair)
    assert decided.rule.author == "rule shares 2"


@pytest.mark.parametrize(("attempt", "seconds"), [(0, 0.5), (1, 1), (2, 2), (5, 16), (7, 64)])
def test_a_failure_of_the_world_is_retried_after_ever_longer_waits(attempt: int, seconds: float) -> None:
    decided = decide(case(Kind.TRANSIENT, attempt=attempt), POLICY, [Shares()])
    assert decided == RetryLater(
        timedelta(seconds=seconds), f"Retry {attempt + 1} of 8: the failure is transient."
    )


def test_no_retry_waits_longer_than_the_longest_wait() -> None:
    policy = Policy(retries=64, sent_back=100)
    decided = decide(case(Kind.TRANSIENT, attempt=63, chance=1), policy, [])
    assert isinstance(decided, RetryLater)
    assert decided.wait == policy.longest_wait


@pytest.mark.parametrize(
    ("asked", "least"), [(None, 0), (30, 30), (1e300, 3600), (-5, 0), (float("inf"), 3600), (float("nan"), 0)]
)
def test_a_handlers_wish_for_a_wait_is_granted_within_limits(asked: float | None, least: float) -> None:
    decided = decide(case(Kind.TRANSIENT, retry_after=asked, chance=0.25), POLICY, [])
    assert isinstance(decided, RetryLater)
    assert decided.wait == timedelta(seconds=least + 0.25)


def test_a_broken_rule_is_named_and_keeps_no_sound_one_from_repairing() -> None:
    broken = Made(rules.raises, name="broken")
    assert isinstance(decide(case(), POLICY, [broken, Shares()]), Repair)
    parked = decide(case(), POLICY, [broken, Made(rules.gives_text, name="vague")])
    assert isinstance(parked, Park)
    assert parked.reason.startswith("Rule broken 1 failed with LookupError: the table is empty")
    assert parked.reason.endswith("Rule vague 1 gave str instead of a message.")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_rule_does_the_answer_is_a_value(hostile: str) -> None:
    repairs, what = HOSTILE[hostile]
    answer = ask(Made(repairs), case().failed, seconds=0.05)
    assert isinstance(answer, Misbehaved)
    assert what in answer.what


def test_a_rule_that_hangs_while_it_recognises_is_ended_too() -> None:
    assert isinstance(ask(Made(recognises=rules.loops), case().failed, seconds=0.05), Misbehaved)


def test_a_rule_that_the_machine_keeps_waiting_is_not_ended_for_it() -> None:
    def waits(failed: FailedMessage) -> Message:
        time.sleep(0.2)
        return failed.message.with_body(b"A1,BUY,AAPL,1")

    assert isinstance(ask(Made(waits), case().failed, seconds=0.1), Mended)


def test_a_rule_is_asked_again_after_one_that_hung() -> None:
    ask(Made(rules.loops), case().failed, seconds=0.05)
    assert isinstance(ask(Shares(), case().failed), Mended)
    assert isinstance(ask(Made(), case().failed), Unmended)


def test_a_rule_may_change_headers_that_are_not_ours() -> None:
    other_desk = Made(lambda failed: failed.message.with_headers({"desk": "8"}))
    answer = ask(other_desk, case().failed)
    assert isinstance(answer, Mended)
    assert answer.message.headers["desk"] == "8"


cases = st.builds(
    case,
    st.sampled_from(Kind),
    st.sampled_from([b"", b"A1,BUY,AAPL,1 SHARES", b"\xff\x00"]),
    attempt=st.integers(0, 30),
    address=st.sampled_from(["", "trades"]),
    authors=st.lists(st.sampled_from(["original", "rule shares 1", "clerk"])),
    lapses=st.integers(0, 3),
    chance=st.floats(0, 1),
    retry_after=st.none() | st.floats(),
)


@given(cases, st.lists(st.sampled_from([Shares(), Made(rules.raises), Made(rules.gives_text, name="vague")])))
def test_every_decision_is_one_of_the_closed_set_and_has_its_sentence(given: Case, tried: list[Rule]) -> None:
    decided: Decision = decide(given, POLICY, tried)
    assert decided.reason[0].isupper()
    assert decided.reason.endswith(".") or isinstance(decided, Repair)
    match decided:
        case RetryLater(wait):
            assert given.failed.failure.kind is Kind.TRANSIENT
            assert timedelta() <= wait <= POLICY.longest_asked + POLICY.longest_wait
            assert given.failed.attempt < POLICY.retries
        case Repair(_, rule):
            assert given.failed.failure.kind is Kind.UNKNOWN
            assert rule.author not in given.authors
        case Park():
            pass
    if given.failed.attempt >= POLICY.sent_back or not given.return_address or given.lapses >= POLICY.lapses:
        assert isinstance(decided, Park)


@given(cases)
def test_the_same_case_gets_the_same_decision(given: Case) -> None:
    assert decide(given, POLICY, [Shares()]) == decide(given, POLICY, [Shares()])
