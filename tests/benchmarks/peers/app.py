"""The Celery app of the tutorials: one task a message, and what it does one statement after the other.

celery -A tests.benchmarks.peers.app worker
"""

import base64
import os
import re
from functools import cache
from typing import Any

import psycopg
from celery import Celery
from kombu import Connection, Exchange, Queue

from dashboard.databases import redis as redis_url

TABLE = """
CREATE TABLE IF NOT EXISTS bench_peer (
    id bigserial PRIMARY KEY, message_id text NOT NULL, body bytea NOT NULL, headers jsonb NOT NULL,
    error text NOT NULL, traceback text NOT NULL, state text NOT NULL,
    begun timestamptz NOT NULL DEFAULT clock_timestamp(), ended timestamptz)
"""
_INSERT = """
INSERT INTO bench_peer (message_id, body, headers, error, traceback, state)
VALUES (%s, %s, %s::jsonb, %s, %s, 'failed') RETURNING id
"""
REQUEUED = "bench.requeued"

_BROKER = redis_url(os.environ.get("CELERY_BROKER_URL", ""))

app = Celery("peers")
# By these two names, since Celery takes the variable CELERY_BROKER_URL, as it stands, over any other.
app.conf.update(broker_read_url=_BROKER, broker_write_url=_BROKER, task_ignore_result=True)


@cache
def database() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@cache
def business() -> Any:
    """A producer that waits for the broker's confirmation; or for Valkey a client, which does anyway."""
    url = os.environ["BROKER_URL"]
    if not url.startswith("amqp"):
        import redis

        return redis.Redis.from_url(redis_url(url))
    address, _, _ = url.partition("?")  # what follows is the office's own
    connection = Connection(address, transport_options={"confirm_publish": True})
    return connection.Producer(auto_declare=True)


@app.task
def store(message_id: str, body: str, headers: dict[str, str], error: str, traceback: str) -> None:
    """One INSERT."""
    import orjson

    values = (message_id, base64.b64decode(body), orjson.dumps(headers).decode(), error, traceback)
    database().execute(_INSERT, values)


@app.task
def repair(message_id: str, body: str, headers: dict[str, str], error: str, traceback: str) -> None:
    """An INSERT, a confirmed publish and an UPDATE."""
    import orjson

    given = base64.b64decode(body)
    values = (message_id, given, orjson.dumps(headers).decode(), error, traceback)
    (id,) = database().execute(_INSERT, values).fetchone() or (0,)
    mended = re.sub(rb'"shares":"(\d+) SHARES"', rb'"shares":\1', given)
    _publish(mended, headers)
    database().execute(
        "UPDATE bench_peer SET state = 'requeued', ended = clock_timestamp() WHERE id = %s", (id,)
    )


def _publish(body: bytes, headers: dict[str, str]) -> None:
    producer = business()
    if hasattr(producer, "xadd"):
        producer.xadd(REQUEUED, {"body": body, **headers})
        return
    queue = Queue(REQUEUED, Exchange(""), REQUEUED, queue_arguments={"x-queue-type": "quorum"})
    producer.publish(
        body,
        routing_key=REQUEUED,
        headers=headers,
        delivery_mode=2,
        mandatory=True,
        declare=[queue],
        content_type="application/octet-stream",
        content_encoding="binary",
    )
