"""The checker turns red where the office does what loses messages or repeats them unmarked."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest

from tests.crash import BOOKED_QUEUE, ORDERED_QUEUE, sabotage
from tests.crash.checker import Report
from tests.crash.letters import Kind
from tests.crash.offices import PROGRAMS, Office
from tests.crash.rounds import KEYS, Round
from tests.crash.strikes import Reach

pytestmark = pytest.mark.timeout(300)

KINDS = [Kind.RULE, Kind.FINE] * 6


@contextmanager
def misbehaving(office: Office, program: str, how: str) -> Iterator[None]:
    switch = sabotage.name(program, how)
    office.strikes.misbehave(switch)
    try:
        yield
    finally:
        office.strikes.misbehave(switch, False)


def killed_at(office: Office, point: str) -> Report:
    """The report of a round in which a process is killed once at the point."""
    round = Round(office)
    office.strikes.arm(point, [(1, Reach.ALONE)])
    round.send(KINDS)
    office.until(lambda: office.strikes.struck(point))
    office.strikes.disarm(point)
    return at_rest(office, round)


def at_rest(office: Office, round: Round) -> Report:
    """The report when nothing of the round is on its way any more, whatever has become of its messages: the
    next round has come through behind it."""
    behind = Round(office)
    behind.send(KINDS)
    behind.settle()
    office.until(lambda: office.idle(round.entries()))
    return round.report()


def sent_twice(office: Office) -> Report:
    """The report of a round whose requeues were sent twice: the relay was killed before it had marked them,
    and nobody read them meanwhile."""
    round = Round(office)
    office.kill("clerk")
    round.send([Kind.CLERK] * 6)
    office.until(lambda: office.states(round.entries()) == {"parked": 6})
    office.kill("consumer")
    office.strikes.arm("relay.confirmed", [(1, Reach.ALONE)])
    office.start("clerk")
    office.until(lambda: office.strikes.struck("relay.confirmed") and office.all_sent(round.entries()))
    office.strikes.disarm("relay.confirmed")
    office.start("consumer")
    return at_rest(office, round)


def effects_repeated(office: Office) -> Report:
    """The report of a round with an inbox, in which a process is killed when it has had an effect."""
    round = Round(office, BOOKED_QUEUE)
    office.strikes.arm("consumer.effect", [(1, Reach.ALONE), (2, Reach.ALONE)])
    round.send([Kind.FINE] * 12)
    office.until(lambda: office.strikes.struck("consumer.effect") == 2)
    office.strikes.disarm("consumer.effect")
    return at_rest(office, round)


def let_go(office: Office, manner: AbstractContextManager[None]) -> Report:
    """The report of an ordered round, in which a failed message of each key is mended when others wait."""
    round = Round(office, ORDERED_QUEUE)
    office.kill("clerk")
    round.send([Kind.CLERK] * KEYS + [Kind.RULE] * KEYS * 3)
    office.until(lambda: office.report(round.entries()).held == 3 * KEYS)
    with manner:
        office.start("clerk")
        office.until(round.drained)
    return round.report()


def test_acknowledging_before_the_commit_loses_messages(killed: Office) -> None:
    with misbehaving(killed, "intake", sabotage.ACKNOWLEDGES_FIRST):
        report = killed_at(killed, "intake.inserted")
    assert report.faults(ordered=False, once=False).keys() == {"lost"}, report.table()


def test_acknowledging_before_delegating_loses_messages(killed: Office) -> None:
    with misbehaving(killed, "consumer", sabotage.ACKNOWLEDGES_FIRST):
        report = killed_at(killed, "consumer.handler-failed")
    assert report.faults(ordered=False, once=False).keys() == {"lost"}, report.table()


def test_publishing_without_confirms_loses_messages(killed: Office) -> None:
    with misbehaving(killed, "consumer", sabotage.CONFIRMS_OFF):
        report = killed_at(killed, "consumer.acknowledged")
    assert "lost" in report.faults(ordered=False, once=False), report.table()


def test_publishing_that_is_not_mandatory_loses_messages(killed: Office) -> None:
    round = Round(killed)
    with misbehaving(killed, "consumer", sabotage.MANDATORY_OFF), killed.listening() as says:
        killed.restart("consumer", *PROGRAMS["consumer"], "--intake", "no.such.queue")
        round.send(KINDS)
        # RabbitMQ tells late of what a consumer has in hand: an empty queue may be one that is not begun.
        killed.until(lambda: says("consumer", "delegating") and killed.idle([]))
        killed.stop("consumer")  # which settles what it has in hand
    killed.restart("consumer", *PROGRAMS["consumer"])
    report = at_rest(killed, round)
    assert report.faults(ordered=False, once=False).keys() == {"lost"}, report.table()


def test_sending_again_without_a_mark_repeats_effects_unmarked(killed: Office) -> None:
    with misbehaving(killed, "worker", sabotage.MARKS_OFF):
        report = sent_twice(killed)
    assert report.faults(ordered=False, once=False).keys() == {"unmarked_duplicates"}, report.table()


def test_sending_again_repeats_effects_and_marks_them(killed: Office) -> None:
    report = sent_twice(killed)
    assert report.faults(ordered=False, once=False) == {}, report.table()
    assert report.marked_duplicates > 0


def test_letting_two_held_messages_go_at_once_breaks_the_order(killed: Office) -> None:
    report = let_go(killed, misbehaving(killed, "intake", sabotage.TWO_AT_ONCE))
    assert report.faults(ordered=True, once=False).keys() == {"order_inversions"}, report.table()


def test_letting_held_messages_go_one_at_a_time_keeps_the_order(killed: Office) -> None:
    report = let_go(killed, nullcontext())
    assert report.faults(ordered=True, once=False) == {}, report.table()


def test_an_inbox_without_its_unique_index_repeats_effects(killed: Office) -> None:
    killed.database.execute("ALTER TABLE inbox DROP CONSTRAINT inbox_pkey")
    try:
        report = effects_repeated(killed)
    finally:
        killed.database.execute("DELETE FROM inbox")
        killed.database.execute("ALTER TABLE inbox ADD PRIMARY KEY (handler, message)")
    assert report.faults(ordered=False, once=True).keys() == {"marked_duplicates"}, report.table()


def test_an_inbox_with_its_unique_index_repeats_none(killed: Office) -> None:
    report = effects_repeated(killed)
    assert report.faults(ordered=False, once=True) == {}, report.table()


def test_a_missing_intake_queue_alone_loses_nothing(killed: Office) -> None:
    round = Round(killed)
    killed.restart("consumer", *PROGRAMS["consumer"], "--intake", "no.such.queue")
    round.send(KINDS)
    killed.until(lambda: "no.such.queue takes nothing" in killed.log("consumer").read_text())
    killed.restart("consumer", *PROGRAMS["consumer"])
    report = round.settle()
    assert report.faults(ordered=False, once=False) == {}, report.table()
