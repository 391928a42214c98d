"""The checker finds what is wrong, and nothing where all is right."""

from dataclasses import replace

import pytest

from tests.crash.checker import Rows, check
from tests.crash.ledger import Entered
from tests.crash.letters import Kind
from tests.crash.sink import Effect

REQUEUE = "requeue-1"


def entered(id: str = "a", sequence: int = 0, *, confirmed: bool = True, mended: str = "sha") -> Entered:
    return Entered(id, "key", sequence, Kind.FINE, "seal", "sha", mended, confirmed)


def effect(id: str = "a", sequence: int = 0, **changes: object) -> Effect:
    made = Effect(id, "", 0, "key", sequence, "sha", "seal", marked=False, redelivered=False)
    return replace(made, **changes)  # type: ignore[arg-type]


def faults(
    ledger: list[Entered],
    effects: list[Effect],
    rows: Rows = Rows(),  # noqa: B008
    *,
    once: bool = False,
) -> dict[str, int]:
    return check(ledger, effects, rows).faults(ordered=True, once=once)


def test_a_message_that_was_processed_once_is_right() -> None:
    report = check([entered()], [effect()], Rows())
    assert report.faults(ordered=True, once=True) == {}
    assert (report.confirmed, report.processed, report.effects) == (1, 1, 1)


def test_a_confirmed_message_that_nobody_knows_is_lost() -> None:
    assert faults([entered()], []) == {"lost": 1}


def test_a_message_that_was_not_confirmed_may_be_lost() -> None:
    assert faults([entered(confirmed=False)], []) == {}


def test_a_message_that_was_resolved_without_an_effect_is_lost() -> None:
    assert faults([entered()], [], Rows(letters=[("a", "resolved", False)])) == {"lost": 1}


@pytest.mark.parametrize("state", ["parked", "discarded"])
def test_a_message_may_rest_with_the_office(state: str) -> None:
    report = check([entered()], [], Rows(letters=[("a", state, False)]))
    assert report.faults(ordered=True, once=True) == {}
    assert getattr(report, state) == 1


def test_a_message_may_be_held_behind_its_gate() -> None:
    report = check([entered()], [], Rows(held=[("a", False)]))
    assert report.faults(ordered=True, once=True) == {}
    assert report.held == 1


@pytest.mark.parametrize("state", ["received", "repairing", "waiting", "requeued"])
def test_a_message_in_work_has_not_come_to_rest(state: str) -> None:
    assert faults([entered()], [], Rows(letters=[("a", state, False)])) == {"unsettled": 1}


@pytest.mark.parametrize("rows", [Rows(letters=[("a", "parked", False)]), Rows(held=[("a", False)])])
def test_what_was_processed_is_nowhere_else(rows: Rows) -> None:
    assert faults([entered()], [effect()], rows) == {"in_two_states": 1}


@pytest.mark.parametrize("rows", [Rows(letters=[("a", "parked", True)]), Rows(held=[("a", True)])])
def test_a_copy_that_says_so_may_wait_elsewhere(rows: Rows) -> None:
    report = check([entered()], [effect()], rows)
    assert report.faults(ordered=True, once=True) == {}
    assert (report.processed, report.copies, report.parked, report.held) == (1, 1, 0, 0)


def test_a_message_of_which_every_copy_is_marked_is_somewhere() -> None:
    report = check([entered()], [], Rows(letters=[("a", "discarded", False), ("a", "parked", True)]))
    assert (report.discarded, report.copies) == (1, 1)
    assert check([entered()], [], Rows(held=[("a", True)])).held == 1


def test_a_copy_of_what_was_processed_may_be_discarded() -> None:
    assert (
        faults([entered()], [effect()], Rows(letters=[("a", "resolved", False), ("a", "discarded", False)]))
        == {}
    )


def test_a_repeated_effect_is_unmarked_where_neither_broker_nor_office_said_so() -> None:
    assert faults([entered()], [effect(), effect()]) == {"unmarked_duplicates": 1}
    assert faults([entered()], [effect(), effect(), effect()]) == {"unmarked_duplicates": 2}


@pytest.mark.parametrize("mark", ["marked", "redelivered"])
@pytest.mark.parametrize("first", [True, False])
def test_a_repeated_effect_may_be_marked_by_either_whichever_came_first(mark: str, first: bool) -> None:
    effects = [effect(), effect("a", 0, **{mark: True})]
    assert faults([entered()], effects[:: -1 if first else 1]) == {}


def test_with_the_inbox_no_effect_is_repeated_marked_or_not() -> None:
    assert faults([entered()], [effect(), effect(marked=True)], once=True) == {"marked_duplicates": 1}


def test_a_changed_byte_or_header_is_found() -> None:
    assert faults([entered()], [effect(digest="other")]) == {"wrong_bytes": 1}
    assert faults([entered()], [effect(seal="other")]) == {"wrong_bytes": 1}


def test_a_requeue_brings_the_revision_that_was_sent_and_this_is_the_mended_one() -> None:
    ledger = [entered(mended="mended")]
    sent = Rows(letters=[("a", "resolved", False)], sent={REQUEUE: "mended"})
    assert faults(ledger, [effect(requeue=REQUEUE, digest="mended")], sent) == {}
    assert faults(ledger, [effect(requeue=REQUEUE, digest="sha")], sent) == {"wrong_bytes": 1}
    assert faults(ledger, [effect(requeue=REQUEUE, digest="mended")]) == {"wrong_bytes": 1}


def test_a_message_that_a_later_one_of_its_key_overtook_is_an_inversion() -> None:
    ledger = [entered("a", 0), entered("b", 1), entered("c", 2)]
    in_order = [effect("a", 0), effect("b", 1), effect("c", 2)]
    assert faults(ledger, in_order) == {}
    assert faults(ledger, [in_order[2], in_order[0], in_order[1]]) == {"order_inversions": 2}


def test_a_repeated_effect_inverts_nothing() -> None:
    ledger = [entered("a", 0), entered("b", 1)]
    assert faults(ledger, [effect("a", 0), effect("b", 1), effect("a", 0, redelivered=True)]) == {}


def test_keys_do_not_order_each_other() -> None:
    ledger = [entered("a", 1), entered("b", 0)]
    assert faults(ledger, [effect("a", 1), effect("b", 0, key="other")]) == {}


def test_acts_audit_and_memory_have_to_agree() -> None:
    act = ("letter", "edited")
    ledger, effects = [entered()], [effect()]
    assert faults(ledger, effects, Rows(acts=[act], audit=[act], answered=[act])) == {}
    # It was killed before it heard the answer.
    assert faults(ledger, effects, Rows(acts=[act], audit=[act])) == {}
    assert faults(ledger, effects, Rows(acts=[act])) == {"audit_faults": 1}
    assert faults(ledger, effects, Rows(audit=[act])) == {"audit_faults": 1}
    assert faults(ledger, effects, Rows(answered=[act])) == {"audit_faults": 1}
    assert faults(ledger, effects, Rows(acts=[act], audit=[act, act])) == {"audit_faults": 1}


def test_messages_that_are_in_no_ledger_are_none_of_its_business() -> None:
    assert faults([entered()], [effect(), effect("other"), effect("other")]) == {}
