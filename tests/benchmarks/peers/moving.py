"""Moving messages from a dead-letter queue back to their own, recording nothing."""

import time
from typing import Any

import amqp
import redis

from dashboard.databases import redis as redis_url
from tests.benchmarks import letters
from tests.benchmarks.machine import Machine

SOURCE, TARGET = "bench.dead", "bench.back"
PATIENCE = 120.0


def shovelled(machine: Machine, kind: str, count: int) -> float:
    """Messages a second of RabbitMQ's own shovel between two queues of this kind."""
    source, target = f"{SOURCE}.{kind}", f"{TARGET}.{kind}"
    _fill(machine, kind, count)
    settings = {
        "src-protocol": "amqp091",
        "src-uri": machine.broker_url,
        "src-queue": source,
        "src-delete-after": "queue-length",
        "src-prefetch-count": 1000,
        "dest-protocol": "amqp091",
        "dest-uri": machine.broker_url,
        "dest-queue": target,
        "ack-mode": "on-confirm",
    }
    with machine.amqp() as connection, connection.channel() as channel:
        begun = time.perf_counter()
        machine.manage("PUT", "parameters/shovel/{host}/bench", {"value": settings})
        while channel.queue_declare(target, passive=True).message_count < count:
            assert time.perf_counter() < begun + PATIENCE, "the shovel does not come through"
            time.sleep(0.02)
        return count / (time.perf_counter() - begun)


def one_by_one(machine: Machine, count: int) -> float:
    """Messages a second of a script that gets one, publishes it, waits for the confirmation and
    acknowledges."""
    return (_amqp if machine.name == "rabbitmq" else _streams)(machine, count)


def _amqp(machine: Machine, count: int) -> float:
    _fill(machine, "quorum", count)
    with machine.amqp(confirm_publish=True) as connection, connection.channel() as channel:
        begun = time.perf_counter()
        for _ in range(count):
            message = channel.basic_get(f"{SOURCE}.quorum")
            again = amqp.Message(message.body, **message.properties)
            channel.basic_publish(again, routing_key=f"{TARGET}.quorum", mandatory=True)
            channel.basic_ack(message.delivery_tag)
        return count / (time.perf_counter() - begun)


def _streams(machine: Machine, count: int) -> float:
    client: Any
    with machine.broker() as broker:
        broker.declare(SOURCE, "script")
        letters.put(broker, SOURCE, letters.messages(broker, count))
    with redis.Redis.from_url(redis_url(machine.broker_url)) as client:
        begun = time.perf_counter()
        for _ in range(count):
            ((_, ((id, fields),)),) = client.xreadgroup("script", "one", {SOURCE: ">"}, count=1)
            client.xadd(TARGET, fields)
            client.xack(SOURCE, "script", id)
        seconds = time.perf_counter() - begun
        client.delete(SOURCE, TARGET)
        return count / seconds


def _fill(machine: Machine, kind: str, count: int) -> None:
    """Two queues of this kind, messages on the first."""
    arguments = {"x-queue-type": kind}
    with machine.amqp() as connection, connection.channel() as channel:
        for queue in (f"{SOURCE}.{kind}", f"{TARGET}.{kind}"):
            channel.queue_delete(queue)
            channel.queue_declare(queue, durable=True, auto_delete=False, arguments=arguments)
    with machine.broker() as broker:
        letters.put(broker, f"{SOURCE}.{kind}", letters.messages(broker, count))
