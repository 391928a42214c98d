"""Row 4: a consumer whose handler does nothing, beside the loop of the broker's own client."""

import time
from collections.abc import Iterator
from typing import Any

import redis

from dashboard.databases import redis as redis_url
from tests.benchmarks.consumed import BATCH, consumed, filled
from tests.benchmarks.letters import QUEUE, SUBSCRIBER
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Row, race

COUNT = 20_000
PEER = "the client's own loop"


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    figures = race({"the office": lambda: _office(machine), PEER: lambda: client(machine)}, rounds)
    yield Row(4, "a consumer that does nothing", machine.name, "/s", figures, (Beside(PEER, 0.8),))


def _office(machine: Machine) -> float:
    filled(machine, count := machine.count(COUNT))
    return consumed(machine, count)


def client(machine: Machine) -> float:
    """Messages a second of the loop of the broker's own client, in which nothing fails."""
    filled(machine, count := machine.count(COUNT))
    return (_amqp if machine.name == "rabbitmq" else _streams)(machine, count)


def _streams(machine: Machine, count: int) -> float:
    """redis-py, as its manual shows: read, work, acknowledge."""
    client: Any
    with redis.Redis.from_url(redis_url(machine.broker_url)) as client:
        begun, taken = time.perf_counter(), 0
        while taken < count:
            ((_, entries),) = client.xreadgroup(SUBSCRIBER, "bench", {QUEUE: ">"}, count=BATCH)
            client.xack(QUEUE, SUBSCRIBER, *(id for id, _ in entries))
            taken += len(entries)
        return count / (time.perf_counter() - begun)


def _amqp(machine: Machine, count: int) -> float:
    """py-amqp: a callback, and an acknowledgement of many at a time."""
    taken = 0

    def handle(message: Any) -> None:
        nonlocal taken
        taken += 1
        if taken % BATCH == 0 or taken == count:
            channel.basic_ack(message.delivery_tag, multiple=True)

    with machine.amqp() as connection, connection.channel() as channel:
        channel.basic_qos(0, 2 * BATCH, False)
        channel.basic_consume(QUEUE, callback=handle)
        begun = time.perf_counter()
        while taken < count:
            connection.drain_events()
        return count / (time.perf_counter() - begun)
