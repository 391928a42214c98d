"""Rules that stop themselves: what is found in a transaction turns them down in that transaction."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.workflow_processor import rules
from tests.workflow_processor.letters import assert_counted, failed, letters, states, take_in, timeline
from tests.workflow_processor.rules import Made, Shares
from tests.workflow_processor.test_lifecycle import _come_back
from workflow_processor.models import (
    AuditEntry,
    DeadLetter,
    Event,
    Mode,
    RepairRule,
    RuleBook,
    RuleFigure,
    Suggestion,
)
from workflow_processor.repair import pipeline
from workflow_processor.rules import come_backs, figures
from workflow_processor.rules.standing import Standing, TurnedDown, standings, verdict
from workflow_processor.triage import Policy, Signature

pytestmark = pytest.mark.django_db
QUICK = Policy(rule_seconds=0.05)


def staffs(name: str = "shares", mode: Mode = Mode.AUTOMATIC, **limits: int) -> RepairRule:
    """A rule of staff by the name of one that a test has at hand."""
    return RepairRule.objects.create(name=name, mode=mode, since=timezone.now(), **limits)


def standing(mode: Mode = Mode.AUTOMATIC, **counts: int) -> Standing:
    limits = {"per_minute": 10, "come_back_percent": 20}
    none = {"repaired": 0, "came_back": 0, "misbehaved": 0, "last_minute": 0}
    return Standing(1, "shares", 1, mode, **{**limits, **none, **counts})


def figure(kind: RuleFigure.Kind, name: str = "shares") -> int:
    return sum(RuleFigure.objects.filter(rule=name, kind=kind).values_list("count", flat=True))


def did(kind: RuleFigure.Kind, at: datetime) -> None:
    RuleFigure.objects.create(at=at, rule="shares", version=1, kind=kind, count=1)


def told(rule: RepairRule) -> AuditEntry:
    """The audit entry that says that it was turned down."""
    rule.refresh_from_db()
    return AuditEntry.objects.get(subject=f"rule {rule.name}")


@pytest.mark.parametrize(
    ("rule", "over_limit", "becomes"),
    [
        (standing(repaired=100, came_back=20), False, None),
        (standing(repaired=100, came_back=21), False, Mode.SUGGEST),
        (standing(repaired=2, came_back=2), False, None),
        (standing(repaired=3, came_back=3), False, Mode.SUGGEST),
        (standing(misbehaved=4), False, None),
        (standing(misbehaved=5), False, Mode.OFF),
        (standing(Mode.SUGGEST, misbehaved=5), False, Mode.OFF),
        (standing(Mode.SUGGEST, repaired=3, came_back=3), True, None),
        (standing(), True, Mode.SUGGEST),
        (standing(Mode.OFF, misbehaved=9), True, None),
    ],
)
def test_a_rule_is_turned_down_for_what_it_did(
    rule: Standing, over_limit: bool, becomes: Mode | None
) -> None:
    found = verdict(rule, over_limit=over_limit)
    assert (found and found.to) == becomes
    assert found is None or isinstance(found, TurnedDown)


def test_a_rule_repairs_no_more_than_its_limit_and_turns_to_suggest() -> None:
    rule = staffs(per_minute=3)
    ids = take_in(*[failed() for _ in range(5)])
    assert pipeline.repair(ids, [Shares()], QUICK) == 5
    assert sorted(states(ids)) == ["parked"] * 2 + ["requeued"] * 3
    assert told(rule).reason == "It would have made more than 3 repairs in a minute."
    assert (rule.mode, rule.stopped, rule.change) == (Mode.SUGGEST, told(rule).reason, 2)
    assert told(rule).who == "triage"
    assert RuleBook.objects.exists()
    kept = Suggestion.objects.values_list("dead_letter_id", "rule", "version", "revision")
    parked = [letter for letter in letters(ids) if letter.state == "parked"]
    assert sorted(kept) == sorted((letter.id, "shares", 1, 0) for letter in parked)
    assert {bytes(one.body) for one in Suggestion.objects.all()} == {b"A1,BUY,AAPL,1"}
    assert parked[0].reason.startswith("Rule shares suggests a repair")
    assert_counted()


def test_what_a_person_turned_off_meanwhile_repairs_nothing() -> None:
    staffs(mode=Mode.OFF)
    [id] = take_in(failed())
    assert pipeline.repair([id], [Shares()], QUICK) == 0
    assert timeline(id) == ["received", "repairing", "received"]


def test_a_rule_whose_repairs_come_back_turns_to_suggest_in_that_transaction() -> None:
    rule = staffs()
    ids = take_in(*[failed() for _ in range(4)])
    pipeline.repair(ids, [Shares()], QUICK)
    for letter in letters(ids[:2]):
        _come_back(letter)
    rule.refresh_from_db()
    assert rule.mode == Mode.AUTOMATIC
    _come_back(letters(ids)[2])
    assert told(rule).reason == "3 of its 4 repairs came back."
    assert rule.mode == Mode.SUGGEST
    assert (figure(figures.Kind.REPAIRED), figure(figures.Kind.CAME_BACK)) == (4, 3)


def test_an_earlier_repair_that_comes_back_after_a_rule_got_its_mode_does_not_count_against_it() -> None:
    rule = staffs()
    ids = take_in(*[failed() for _ in range(4)])
    pipeline.repair(ids, [Shares()], QUICK)
    Event.objects.filter(kind="repaired").update(at=timezone.now() - timedelta(minutes=5))
    RepairRule.objects.update(since=timezone.now() - timedelta(minutes=2))
    for letter in letters(ids[:3]):
        _come_back(letter)
    rule.refresh_from_db()
    assert rule.mode == Mode.AUTOMATIC
    assert figure(figures.Kind.CAME_BACK) == 3


def test_a_message_that_came_back_is_not_repaired_by_the_same_version_again() -> None:
    staffs()
    [id] = take_in(failed())
    pipeline.repair([id], [Shares()], QUICK)
    _come_back(letters([id])[0])
    pipeline.repair([id], [Shares()], QUICK)
    assert letters([id])[0].reason == "Rule shares 1 repaired it before, and it came back."
    [details] = Event.objects.filter(kind="parked").values_list("details", flat=True)
    assert details == {
        "tried": [{"rule": "shares", "version": 1, "why": "repaired it before, and it came back"}]
    }


def test_a_requeue_that_a_person_sent_is_not_charged_to_the_rule_that_repaired_it_before() -> None:
    staffs()
    [id] = take_in(failed())
    pipeline.repair([id], [Shares()], QUICK)
    DeadLetter.objects.filter(id=id).update(attempt=2)
    _come_back(letters([id])[0])
    assert figure(figures.Kind.CAME_BACK) == 0


def test_a_rule_that_misbehaves_is_turned_off_and_its_messages_are_parked_with_what_it_did() -> None:
    rule = staffs("made")
    ids = take_in(*[failed() for _ in range(5)])
    pipeline.repair(ids, [Made(rules.gives_text)], QUICK)
    assert told(rule).reason == "It misbehaved 5 times."
    assert rule.mode == Mode.OFF
    assert {letter.reason for letter in letters(ids)} == {"Rule made 1 gave str instead of a message."}


def test_what_happened_before_a_person_gave_it_its_mode_does_not_count_against_a_rule() -> None:
    rule = staffs("made")
    ids = take_in(*[failed() for _ in range(4)])
    pipeline.repair(ids, [Made(rules.gives_text)], QUICK)
    RuleFigure.objects.update(at="2020-01-01T00:00:00Z")
    pipeline.repair(take_in(failed()), [Made(rules.gives_text)], QUICK)
    rule.refresh_from_db()
    assert rule.mode == Mode.AUTOMATIC


def test_figures_are_folded_by_the_minute_and_lose_nothing() -> None:
    for _ in range(3):
        pipeline.repair(take_in(failed(), failed()), [Made(), Shares()], QUICK)
    RuleFigure.objects.update(at=timezone.now().replace(second=30) - timedelta(minutes=4))
    figures.fold()
    kept = RuleFigure.objects.values_list("rule", "kind", "count")
    assert sorted(kept) == [("made", "tried", 6), ("shares", "repaired", 6), ("shares", "tried", 6)]
    assert figures.of(["shares", "nobody"])["shares"][figures.Kind.REPAIRED] == 6
    assert sum(figures.of(["shares"], since=timezone.now())["shares"].values()) == 0


def test_a_fold_charges_a_rule_with_nothing_that_was_not_of_the_last_minute() -> None:
    staffs()
    RepairRule.objects.update(since=timezone.now() - timedelta(days=1))
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    for at in (minute, minute + timedelta(seconds=59.9)):
        did(figures.Kind.REPAIRED, at)
    before = standings(["shares"])
    figures.fold()
    assert standings(["shares"]) == before


def test_a_fold_charges_a_rule_with_nothing_from_before_it_was_given_its_mode() -> None:
    rule = staffs()
    rule.since = timezone.now().replace(second=30) - timedelta(minutes=10)
    rule.save()
    for seconds in (-20, -10, 10, 20):
        did(figures.Kind.MISBEHAVED, rule.since + timedelta(seconds=seconds))
    before = standings(["shares"])
    assert before["shares"].misbehaved == 2
    figures.fold()
    assert standings(["shares"]) == before
    assert RuleFigure.objects.count() == 2


def test_the_author_of_a_revision_tells_the_rule_and_its_version() -> None:
    rule = Signature("take the number out 2", 13)
    assert Signature.of(rule.author) == rule
    assert [Signature.of(author) for author in ("original", "ada", "rule of thumb", "rule 3x")] == [None] * 4
    come_backs.charge([])
