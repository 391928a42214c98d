"""Rules of staff at work: in the order of triage, by version, in the mode that a person gave them."""

from collections.abc import Sequence

import pytest
from django.core.exceptions import PermissionDenied

from tests.workflow_processor import staff
from tests.workflow_processor.letters import assert_counted, failed, letters, states, take_in, timeline
from tests.workflow_processor.rules import Shares
from tests.workflow_processor.staff import TAKE_NUMBER, definition, person, seen
from tests.workflow_processor.test_lifecycle import _come_back
from workflow_processor import lifecycle, portions
from workflow_processor.lifecycle import Seen
from workflow_processor.models import (
    AuditEntry,
    DeadLetter,
    Event,
    Mode,
    OutboxEntry,
    RepairRule,
    Revision,
    RuleVersion,
    Suggestion,
)
from workflow_processor.repair import pipeline
from workflow_processor.repair.definition import parse
from workflow_processor.rules import acts, book, suggestions
from workflow_processor.rules.accepting import accept
from workflow_processor.rules.acts import Limits, SeenRule
from workflow_processor.rules.record import ChangedMeanwhile, Refused
from workflow_processor.rules.suggestions import Offered, offered
from workflow_processor.transition import Actor

pytestmark = pytest.mark.django_db
BYU = definition({"do": "map", "at": "side", "table": {"BYU": "BUY"}})


def versions(letter: DeadLetter) -> Seen:
    return Seen(letter.id, letter.version)


def test_a_rule_of_staff_repairs_and_signs_with_its_version() -> None:
    staff.rule()
    [id] = take_in(failed(b"A1, BUY ,AAPL,8756 SHARES"))
    assert pipeline.repair([id], []) == 1
    original, repaired = Revision.objects.filter(dead_letter_id=id).order_by("number")
    assert bytes(repaired.body) == b"A1, BUY ,AAPL,8756"
    assert (repaired.author, repaired.reason) == ("rule number of shares 1", "Take the number out of shares.")
    assert repaired.return_address == original.return_address
    assert timeline(id) == ["received", "repairing", "repaired"]
    assert_counted()


def test_the_timeline_tells_which_rules_were_tried_and_why_each_did_not_apply() -> None:
    staff.rule("orders", definition(when={"queue": "orders"}))
    staff.rule("number", priority=1)
    staff.rule("off", mode=Mode.OFF)
    [id] = take_in(failed(b"A1,BUY,AAPL,many"))
    pipeline.repair([id], [Shares()])
    tried = (Event.objects.get(kind="parked").details or {})["tried"]
    assert [one["rule"] for one in tried] == ["shares", "number", "orders"]
    assert tried[0]["why"] == "does not recognise this fault"
    assert "many" in tried[1]["why"]
    assert tried[2]["why"] == "the queue is trades, not orders"


def test_rules_of_python_come_first_then_those_of_staff_by_priority_then_suggestions() -> None:
    staff.rule("first", definition({"do": "set", "at": "shares", "value": "1"}), Mode.SUGGEST, priority=0)
    staff.rule("late", definition({"do": "set", "at": "shares", "value": "2"}), priority=20)
    early = staff.rule("early", definition({"do": "set", "at": "shares", "value": "3"}), priority=10)
    authors = []
    for python in ([Shares()], []):
        [id] = take_in(failed())
        pipeline.repair([id], python)
        authors.append(Revision.objects.get(dead_letter_id=id, number=1).author)
    assert authors == ["rule shares 1", "rule early 1"]
    acts.set_limits(person(), seen(early), Limits(priority=30))
    [id] = take_in(failed())
    pipeline.repair([id], [])
    assert Revision.objects.get(dead_letter_id=id, number=1).author == "rule late 1"


def test_a_suggestion_is_kept_and_accepting_it_sends_it_in_the_name_of_the_rule() -> None:
    staff.rule(mode=Mode.SUGGEST)
    [id] = take_in(failed())
    pipeline.repair([id], [])
    [letter] = letters([id])
    assert (letter.state, letter.reason) == ("parked", "Rule number of shares suggests a repair.")
    outcome = accept(person(), [versions(letter)])
    assert outcome.changed == [id]
    made = Revision.objects.get(dead_letter_id=id, number=1)
    assert (bytes(made.body), made.author) == (b"A1,BUY,AAPL,1", "rule number of shares 1")
    event = Event.objects.filter(dead_letter_id=id).latest("id")
    assert (event.kind, event.actor, event.person) == ("repaired", "rule number of shares 1", person())
    assert OutboxEntry.objects.get(dead_letter_id=id).revision == 1
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.after) == ("accept suggestion", {"by": ["rule number of shares 1"]})
    assert not Suggestion.objects.exists()
    assert accept(person(), [versions(letter)]).unchanged == [id]
    assert_counted()


def test_large_suggestions_are_accepted_a_portion_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    staff.rule(mode=Mode.SUGGEST)
    ids = take_in(*(failed() for _ in range(5)))
    pipeline.repair(ids, [])
    monkeypatch.setattr(portions, "PORTION", 2 * len(b"A1,BUY,AAPL,1"))
    read: list[int] = []

    def reading(seen: Sequence[Seen]) -> dict[Seen, Offered]:
        read.append(len(seen))
        return offered(seen)

    monkeypatch.setattr(suggestions, "offered", reading)
    assert set(accept(person(), [versions(letter) for letter in letters(ids)]).changed) == set(ids)
    assert read == [2, 2, 1]


def test_what_is_no_longer_on_offer_cannot_be_accepted() -> None:
    suggesting = staff.rule(mode=Mode.SUGGEST)
    [id] = take_in(failed())
    pipeline.repair([id], [])
    [letter] = letters([id])
    with pytest.raises(PermissionDenied):
        accept(person("grace", "edit_dead_letter"), [versions(letter)])
    assert accept(person(), [Seen(id, letter.version - 1)]).changed == []
    acts.set_mode(person(), seen(suggesting), Mode.OFF)
    assert accept(person(), [versions(letter)]).changed == []
    assert states([id]) == ["parked"]


def test_what_was_suggested_for_one_failure_is_not_on_offer_for_the_next() -> None:
    staff.rule(made=definition(when={"condition": "attempt == 0"}), mode=Mode.SUGGEST)
    [id] = take_in(failed())
    pipeline.repair([id], [])
    assert Suggestion.objects.count() == 1
    lifecycle.requeue([versions(letters([id])[0])], Actor("clerk"))
    _come_back(letters([id])[0])
    pipeline.repair([id], [])
    [letter] = letters([id])
    assert letter.reason == "No rule recognises this fault."
    assert accept(person(), [versions(letter)]).unchanged == [id]


def test_an_accepted_suggestion_that_comes_back_is_not_suggested_by_that_version_again() -> None:
    staff.rule(mode=Mode.SUGGEST)
    [id] = take_in(failed())
    pipeline.repair([id], [])
    accept(person(), [versions(letters([id])[0])])
    _come_back(letters([id])[0])
    pipeline.repair([id], [])
    assert letters([id])[0].reason == "Rule number of shares 1 repaired it before, and it came back."
    assert not Suggestion.objects.exists()


def test_a_new_version_is_used_from_the_next_batch_on_and_the_book_is_read_only_when_it_changed() -> None:
    written = staff.rule()
    read = book.current()
    assert [rule.version for rule in read.automatic] == [1]
    assert book.current() is read
    acts.change(person(), seen(written), BYU, "there was another fault")
    [rule] = book.current().automatic
    assert rule.version == 2
    [id] = take_in(failed(b"A1,BYU,AAPL,1"))
    pipeline.repair([id], [])
    assert Revision.objects.get(dead_letter_id=id, number=1).author == "rule number of shares 2"


def test_every_change_is_a_version_with_author_and_reason_and_going_back_is_one_too() -> None:
    written = staff.rule()
    written = acts.change(person(), seen(written), BYU, "another fault")
    written = acts.go_back(person("grace"), seen(written), 1)
    told = written.versions.order_by("number").values_list("number", "author", "reason")
    assert list(told) == [(1, "ada", ""), (2, "ada", "another fault"), (3, "grace", "Back to version 1.")]
    first, second, third = (parse(one.definition) for one in RuleVersion.objects.order_by("number"))
    assert first == third != second == BYU
    entries = AuditEntry.objects.filter(subject="rule number of shares").order_by("id")
    assert [(one.who, one.act) for one in entries] == [
        ("ada", "write rule"),
        ("ada", "change rule"),
        ("grace", "restore rule version"),
    ]
    assert (entries[2].before, entries[2].after) == ({"version": 2}, {"version": 3})


def test_a_rule_that_would_change_its_own_result_again_is_refused_when_a_parked_message_shows_it() -> None:
    doubles = {"do": "replace", "at": "side", "find": "B(.*)", "by": r"BB\1", "pattern": True}
    one = staff.rule(made=BYU)
    staff.rule("doubles", definition(doubles), Mode.OFF)  # there is nothing yet to show it
    pipeline.repair(take_in(failed(b"A1,BUX,AAPL,1")), [])
    for save in (
        lambda: staff.rule("doubles again", definition(doubles)),
        lambda: acts.change(person(), seen(one), definition(doubles)),
    ):
        with pytest.raises(Refused, match="Applied twice it does not give what it gives once") as refused:
            save()
        assert refused.value.field == "then"
    assert set(RepairRule.objects.values_list("name", "number")) == {("number of shares", 1), ("doubles", 1)}


def test_a_change_of_a_rule_that_somebody_else_changed_meanwhile_is_refused() -> None:
    written = staff.rule()
    stale = seen(written)
    acts.set_mode(person(), stale, Mode.OFF)
    for change in (
        lambda: acts.change(person(), stale, BYU),
        lambda: acts.go_back(person(), stale, 1),
        lambda: acts.set_mode(person(), stale, Mode.AUTOMATIC),
        lambda: acts.set_limits(person(), stale, Limits()),
    ):
        with pytest.raises(ChangedMeanwhile):
            change()
    written.refresh_from_db()
    assert (written.mode, written.number, written.change) == ("off", 1, 2)


def test_who_may_write_rules_may_not_turn_them_on_unless_that_is_allowed_too() -> None:
    writer, switcher = person("writer", "write_rules"), person("switcher", "switch_rules")
    with pytest.raises(PermissionDenied):
        acts.create(writer, "on at once", BYU, mode=Mode.AUTOMATIC)
    written = acts.create(writer, "byu", BYU)
    with pytest.raises(PermissionDenied):
        acts.set_mode(writer, seen(written), Mode.SUGGEST)
    with pytest.raises(PermissionDenied):
        acts.change(switcher, seen(written), definition(TAKE_NUMBER))
    assert acts.set_mode(switcher, seen(written), Mode.SUGGEST).mode == Mode.SUGGEST


@pytest.mark.parametrize("mode", [Mode.SUGGEST, Mode.AUTOMATIC])
def test_a_rule_that_is_on_is_changed_by_those_alone_who_may_turn_it_on(mode: Mode) -> None:
    writer = person("writer", "write_rules")
    written = acts.create(writer, "byu", BYU)
    written = acts.set_limits(writer, seen(written), Limits(per_minute=5))
    written = acts.change(writer, seen(written), definition(TAKE_NUMBER))
    on = seen(acts.set_mode(person(), seen(written), mode))
    for change in (
        lambda: acts.change(writer, on, BYU),
        lambda: acts.go_back(writer, on, 1),
        lambda: acts.set_limits(writer, on, Limits(per_minute=1_000_000)),
    ):
        with pytest.raises(PermissionDenied):
            change()
    written.refresh_from_db()
    assert (written.number, written.per_minute) == (2, 5)
    assert acts.change(person(), on, BYU).number == 3


@pytest.mark.parametrize("name", ["", "share-quantity", "x" * 61, "taken", "a\0b", "coercions of order"])
def test_a_name_that_a_rule_cannot_have_is_refused(name: str) -> None:
    staff.rule("taken")
    with pytest.raises(Refused) as refused:
        staff.rule(name)
    assert refused.value.field == "name"
    assert RepairRule.objects.count() == 1


def test_a_name_that_a_python_rule_came_to_have_too_is_found_before_the_office_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    staff.rule("shares")
    staff.rule("others")
    assert acts.taken_twice() == []
    monkeypatch.setattr("workflow_processor.repair.discovery.rules", lambda: (Shares(),))
    assert acts.taken_twice() == ["shares"]


def test_a_person_who_turns_a_stopped_rule_on_again_gives_it_a_new_start() -> None:
    written = staff.rule(per_minute=1)
    pipeline.repair(take_in(failed(), failed()), [])
    written.refresh_from_db()
    assert (written.mode, bool(written.stopped)) == ("suggest", True)
    assert acts.set_mode(person(), seen(written), Mode.AUTOMATIC).stopped == ""
    with pytest.raises(RepairRule.DoesNotExist):
        acts.set_mode(person(), SeenRule(0, 1), Mode.OFF)
