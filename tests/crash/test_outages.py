"""A server that is away, or slow: every process waits for it, says so, and carries on by itself."""

import pytest

from tests.crash import ORDERED_QUEUE, QUEUE
from tests.crash.conftest import Roads
from tests.crash.offices import Office
from tests.crash.rounds import Round

pytestmark = pytest.mark.timeout(300)

LATE = 0.02
"""Seconds by which each answer of a slow server comes late."""


def nothing_is_wrong(round: Round, *, ordered: bool) -> None:
    report = round.settle()  # which fails where a program has ended by itself
    assert report.faults(ordered=ordered, once=False) == {}, report.table()


def waiting_for(office: Office) -> dict[str, str]:
    """The kinds of processes that tell on the health page what they wait for."""
    query = (
        "SELECT kind, note FROM process_health WHERE NOT working AND seen_at > now() - interval '10 seconds'"
    )
    return dict(office.database.execute(query).fetchall())


def test_a_broker_that_is_away_is_waited_for(killed: Office, roads: Roads) -> None:
    round = Round(killed)
    with killed.listening() as says:
        round.send()
        roads["BROKER_URL"].down()
        killed.until(
            lambda: says("consumer", "waiting awaited=broker") and says("intake", "waiting awaited=broker")
        )
        killed.until(lambda: waiting_for(killed).keys() >= {"intake", "sampler"})
        round.send()
        roads["BROKER_URL"].up()
        nothing_is_wrong(round, ordered=False)
        assert says("consumer", "back awaited=broker")
        assert says("intake", "back awaited=broker")
    killed.until(lambda: not waiting_for(killed))


def test_a_database_that_is_away_is_waited_for(killed: Office, roads: Roads) -> None:
    plain, ordered = Round(killed), Round(killed, ORDERED_QUEUE)
    with killed.listening() as says:
        roads["DATABASE_URL"].down()
        plain.send()
        killed.until(lambda: says("intake", "waiting awaited=database"))
        killed.until(lambda: says("worker", "waiting awaited=database"))
        ordered.send()
        killed.until(lambda: says("consumer", "waiting awaited=gates"))
        roads["DATABASE_URL"].up()
        nothing_is_wrong(plain, ordered=False)
        nothing_is_wrong(ordered, ordered=True)
        for program, awaited in (("intake", "database"), ("consumer", "gates"), ("worker", "database")):
            assert says(program, f"back awaited={awaited}")


def test_connections_that_are_lost_in_the_middle_of_batches_lose_no_message(
    killed: Office, roads: Roads
) -> None:
    rounds = {queue: Round(killed, queue) for queue in (QUEUE, ORDERED_QUEUE)}
    for _ in range(3):
        for round in rounds.values():
            round.send()
        for road in roads.values():
            road.cut_after_request()
        killed.until(lambda: not any(road.cutting for road in roads.values()))
    for queue, round in rounds.items():
        nothing_is_wrong(round, ordered=queue == ORDERED_QUEUE)


def test_slow_servers_are_put_up_with(killed: Office, roads: Roads) -> None:
    rounds = {queue: Round(killed, queue) for queue in (QUEUE, ORDERED_QUEUE)}
    for road in roads.values():
        road.slow_down(LATE)
    for queue, round in rounds.items():
        round.send()
        nothing_is_wrong(round, ordered=queue == ORDERED_QUEUE)
