"""A real Celery worker and beat, as the office runs them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from django.db import connection

from consumers.failure import Kind
from dashboard.databases import redis as redis_url
from tests.tcp_proxy import TcpProxy
from tests.workflow_processor import staff
from tests.workflow_processor.letters import letters, states, take_in, timeline
from tests.workflow_processor.test_relay import CLERK, Post, ours
from workflow_processor import lifecycle, tasks
from workflow_processor.celery import app
from workflow_processor.lifecycle import Seen
from workflow_processor.models import DeadLetter, DryRun, ProcessHealth, QueueSample, Source
from workflow_processor.requests import OfficeRequest
from workflow_processor.rules import dry_runs
from workflow_processor.schedule import TICKS, Scheduler

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Celery's client leaves connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SECONDS = 120.0
ALONE = ["--without-gossip", "--without-mingle"]
"""There are no other workers to find, which takes a second."""
WORKER = ["-m", "celery", "--broker=", "-A", "workflow_processor", "worker", "--concurrency=2", *ALONE]
BEAT = ["-m", "celery", "--broker=", "-A", "workflow_processor", "beat"]
DYING = ["-m", "tests.workflow_processor.dying_trier"]
HASTY = ["-m", "tests.workflow_processor.hasty_worker"]
HASTY_LIMITS: dict[str, Any] = {"soft_time_limit": 1, "time_limit": 1.5}


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def environment(**changes: str) -> dict[str, str]:
    """Of a process of the office on this test's database."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    ours = {"RULES": "tests.workflow_processor.worker_rules", "DATABASE_URL": urlunsplit(address)}
    return os.environ | ours | changes


@contextmanager
def running(arguments: list[str], log: Path, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the office, asked to leave at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=output, stderr=output, env=environment(**changes)
        )
    try:
        yield process
        assert process.poll() is None, log.read_text()
        process.terminate()
        assert process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def post(valkey_url: str) -> Iterator[Post]:
    post = Post(valkey_url)
    yield post
    post.broker.close()


def test_a_worker_repairs_and_sends_what_it_is_handed(post: Post, tmp_path: Path) -> None:
    ids = take_in(*[post.failed(b"A1,BUY,AAPL,1 SHARES") for _ in range(20)])
    with running(WORKER, tmp_path / "worker"):
        tasks.repair.delay([str(id) for id in ids])
        messages = post.received(20)
        until(lambda: all(timeline(id)[-1] == "sent" for id in ids))
    assert {message.body for message in messages} == {b"A1,BUY,AAPL,1"}
    assert {ours(message)["dlo-id"] for message in messages} == {str(id) for id in ids}


def test_what_nobody_handed_on_is_found_and_what_is_due_is_sent(post: Post, tmp_path: Path) -> None:
    left, retried, held = take_in(
        post.failed(b"A1,BUY,AAPL,1 SHARES"),
        post.failed(kind=Kind.TRANSIENT),
        post.failed(kind=Kind.PERMANENT),
    )
    DeadLetter.objects.filter(id=left).update(changed_at="2020-01-01T00:00:00Z")
    dry_run = dry_runs.start(staff.person(), staff.definition())
    with running(WORKER, tmp_path / "worker"), running(BEAT, tmp_path / "beat"):
        tasks.repair.delay([str(retried), str(held)])
        until(lambda: states([held]) == ["parked"])
        [parked] = letters([held])
        lifecycle.requeue([Seen(held, parked.version)], CLERK, hold=timedelta(seconds=1))
        assert {ours(message)["dlo-id"] for message in post.received(3)} == {
            str(left),
            str(retried),
            str(held),
        }
        until(
            lambda: set(ProcessHealth.objects.values_list("kind", flat=True)) == {"worker", "beat", "sampler"}
        )
        Source.objects.update(quiet_seconds=0)
        until(lambda: states([left, retried, held]) == ["resolved"] * 3)
        until(lambda: DryRun.objects.filter(id=dry_run.pk, state="finished").exists())
        until(lambda: QueueSample.objects.filter(queue=post.queue, rate_in__isnull=False).exists())
    assert all(letter.by_silence for letter in letters([left, retried, held]))


def test_a_rule_that_nothing_ends_costs_its_worker_and_nobody_elses_message(
    post: Post, tmp_path: Path
) -> None:
    culprit, *others = take_in(
        post.failed(b"hang"), *[post.failed(b"A1,BUY,AAPL,1 SHARES") for _ in range(5)]
    )

    def swept() -> bool:
        tasks.sweep.apply_async(**HASTY_LIMITS)
        time.sleep(0.5)
        return states([culprit, *others]) == ["parked", *["requeued"] * 5]

    with running(HASTY, tmp_path / "worker"):
        tasks.repair.apply_async(([str(id) for id in (culprit, *others)],), **HASTY_LIMITS)
        until(lambda: states([culprit]) == ["repairing"])
        until(swept)
        assert len(post.received(5)) == 5
    assert letters([culprit])[0].reason == "Rule hangs 1 did not finish, and its worker was lost, 2 times."
    assert timeline(culprit).count("repairing") == 3


def test_a_worker_carries_on_when_database_and_broker_are_back(post: Post, tmp_path: Path) -> None:
    # Taken in one by one: a repair does the work of those behind it.
    [first] = take_in(post.failed(b"A1,BUY,AAPL,1 SHARES"))
    database, broker = environment()["DATABASE_URL"], os.environ["BROKER_URL"]
    with TcpProxy.to(database) as to_database, TcpProxy.to(broker) as to_broker:
        urls = {
            "DATABASE_URL": to_database.way_to(database),
            "BROKER_URL": to_broker.way_to(broker),
        }
        log = tmp_path / "worker"
        with running(WORKER, log, **urls):
            tasks.repair.delay([str(first)])
            until(lambda: timeline(first)[-1] == "sent")
            to_broker.down()
            [second] = take_in(post.failed(b"A1,BUY,AAPL,1 SHARES"))
            tasks.repair.delay([str(second)])
            until(lambda: states([second]) == ["requeued"])
            until(lambda: relayed() and ProcessHealth.objects.filter(working=False).exists())
            to_broker.up()
            until(lambda: relayed() and timeline(second)[-1] == "sent")
            to_database.down()
            until(lambda: relayed() and b"awaited=database" in log.read_bytes())
            to_database.up()
            [third] = take_in(post.failed(b"A1,BUY,AAPL,1 SHARES"))
            tasks.repair.delay([str(third)])
            until(lambda: timeline(third)[-1] == "sent")
        lines = log.read_text().splitlines()
        assert sum("Traceback" in line for line in lines) == 0
        assert {letter["dlo-id"] for letter in map(ours, post.received(3))} == {
            str(first),
            str(second),
            str(third),
        }


def relayed() -> bool:
    tasks.relay.delay()
    time.sleep(0.2)
    return True


def test_a_dry_run_outlives_its_worker_and_counts_each_message_once(post: Post, tmp_path: Path) -> None:
    bodies = [b"A1,BUY,AAPL,1 SHARES", b"A1,BUY,AAPL,many", b"no columns"]
    post.parked(*(post.failed(bodies[at % 3]) for at in range(36)))
    run = dry_runs.start(staff.person(), staff.definition(when={"queue": "*"}))
    with (tmp_path / "dying").open("wb") as log:
        dying = subprocess.Popen(
            [sys.executable, *DYING], stdout=log, stderr=log, env=environment(), start_new_session=True
        )
    try:
        tasks.try_dry.delay(run.pk)
        assert dying.wait(SECONDS) == -signal.SIGKILL
    finally:
        dying.kill()
    run.refresh_from_db()
    assert (run.state, run.done, run.items.count()) == ("running", 10, run.matched)
    with running(WORKER, tmp_path / "worker"), running(BEAT, tmp_path / "beat"):
        until(lambda: DryRun.objects.filter(id=run.pk, state="finished").exists())
    run.refresh_from_db()
    assert (run.total, run.done, run.repaired, run.left, run.not_matched) == (36, 36, 12, 12, 12)
    assert sum(run.reasons.values()) == 12
    tried = run.items.values_list("dead_letter", flat=True)
    assert len(tried) == len(set(tried)) == 24
    assert run.lapses == 0


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("no.such.module", "RULES: no.such.module cannot be imported"),
        ("tests.workflow_processor.rules", "RULES: tests.workflow_processor.rules has no `rule`."),
    ],
)
def test_a_worker_does_not_start_with_rules_that_cannot_be_used(rules: str, told: str) -> None:
    ended = subprocess.run(
        [sys.executable, *WORKER],
        env=environment(RULES=rules),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.returncode != 0
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_beat_leaves_at_its_next_tick_where_the_order_to_leave_got_lost() -> None:
    scheduler = Scheduler(app)
    with pytest.raises(SystemExit):
        scheduler.leave(signal.SIGTERM, None)
    with pytest.raises(SystemExit):
        scheduler.tick()


def test_ticks_do_not_pile_up_while_no_worker_takes_them(valkey_url: str) -> None:
    scheduler = Scheduler(app)
    for _ in range(5):
        for entry in scheduler.schedule.values():
            scheduler.apply_entry(entry, producer=scheduler.producer)
    with redis.Redis.from_url(redis_url(os.environ["CELERY_BROKER_URL"])) as celerys:
        assert celerys.llen(TICKS) == len(scheduler.schedule) + 1
        celerys.flushdb()


def test_a_task_that_outlives_its_connection_is_left_to_the_broker(
    valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    broker = urlsplit(redis_url(os.environ["CELERY_BROKER_URL"]))
    with TcpProxy.to(broker.geturl()) as proxy:
        connection = app.connection_for_write(proxy.way_to(broker.geturl()))
        queue = app.amqp.queues[app.conf.task_default_queue](connection.default_channel)
        queue.declare()
        app.send_task(tasks.wake_groups.name, connection=connection)
        message = queue.get()
        assert message
        assert message.channel
        request = OfficeRequest(
            message,
            app=app,
            task=app.tasks[tasks.wake_groups.name],
            on_ack=message.ack_log_error,
            on_reject=message.reject_log_error,
            connection_errors=connection.connection_errors,
        )
        proxy.down()
        connection.collect()
        message.channel._disconnect_pools()  # as kombu does when they break
    request.acknowledge()
    assert "task-left-to-its-broker" in caplog.text
