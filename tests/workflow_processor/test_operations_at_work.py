"""Operations while processes die and people are quicker than each other."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from consumers import brokers
from tests.dashboard import office
from tests.workflow_processor.letters import assert_counted, in_threads
from tests.workflow_processor.test_relay import Post, ours
from tests.workflow_processor.test_worker import BEAT, SECONDS, WORKER, environment, running, until
from workflow_processor import acts
from workflow_processor.acts import Outcome
from workflow_processor.celery import app
from workflow_processor.models import DeadLetter, Operation, OperationItem, OutboxEntry, State
from workflow_processor.operations import acts as operating
from workflow_processor.operations import outcomes, work
from workflow_processor.operations.acts import Order
from workflow_processor.relay import Relay

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Celery's client leaves connections to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def ada() -> User:
    return office.person("ada")


@pytest.fixture
def post(valkey_url: str) -> Iterator[Post]:
    post = Post(valkey_url)
    yield post
    post.broker.close()
    assert_counted()


def planned(person: User, rate: int | None = None) -> Operation:
    order = Order("requeue", Operation.Selection.QUERY, rate=rate)
    return operating.plan(person, order, DeadLetter.objects.all())


def handled(operation: Operation) -> int:
    return operation.total - outcomes.count(operation.pk, OperationItem.Outcome.PENDING)


def test_a_worker_that_dies_in_the_middle_of_a_chunk_has_done_none_of_it(ada: User) -> None:
    office.park(*(office.failed(f"{number}".encode()) for number in range(50)))
    operation = planned(ada)
    dying = [sys.executable, "-m", "tests.workflow_processor.dying_worker"]
    died = subprocess.run(dying, env=environment(), timeout=SECONDS)
    assert died.returncode == -signal.SIGKILL
    until(lambda: OutboxEntry.objects.count() == handled(operation) == 20)
    assert_counted()
    work.carry_on()
    assert handled(operation) == 50
    assert set(DeadLetter.objects.values_list("attempt", "state")) == {(1, State.REQUEUED)}
    assert OutboxEntry.objects.count() == 50
    assert_counted()


def test_an_operation_outlives_the_processes_that_carry_it_out(ada: User, post: Post, tmp_path: Path) -> None:
    ids = post.parked(*(post.failed(f"{number}".encode()) for number in range(60)))
    operation = planned(ada, rate=10)
    with running(BEAT, tmp_path / "beat"):
        with (tmp_path / "killed").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, *WORKER],
                stdout=log,
                stderr=log,
                env=environment(),
                start_new_session=True,
            )
        until(lambda: handled(operation))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(SECONDS)
        assert handled(operation) < 60, "it was killed in the middle"
        with running(WORKER, tmp_path / "worker"):
            until(lambda: Operation.objects.get().state == "finished")
            until(lambda: not OutboxEntry.objects.filter(state="pending").exists())
    received = [ours(message) for message in post.received(60)]
    first = [headers["dlo-id"] for headers in received if "dlo-possible-duplicate" not in headers]
    assert sorted(first) == sorted(set(first)), "what may be a duplicate says so"
    assert {headers["dlo-id"] for headers in received} == {str(id) for id in ids}
    assert set(DeadLetter.objects.values_list("attempt", flat=True)) == {1}


def test_what_is_confirmed_or_resumed_begins_without_a_tick(ada: User, post: Post, tmp_path: Path) -> None:
    post.parked(*(post.failed(f"{number}".encode()) for number in range(20)))
    with running(WORKER, tmp_path / "worker"):  # and no beat
        until(lambda: app.control.ping(timeout=1))  # what asks a worker to begin is not kept for a late one
        operation = planned(ada, rate=5)
        until(lambda: handled(operation))
        operating.pause(ada, operation.pk)
        before = handled(operation)
        assert operating.resume(ada, operation.pk)
        until(lambda: handled(operation) > before)


def test_an_operation_is_confirmed_at_once_while_no_worker_can_be_asked(
    ada: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office.parked()
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:1/1")
    operation = planned(ada)
    assert "operation-left-to-the-tick" in caplog.text
    work.carry_on()
    assert handled(operation) == 1


def test_of_twenty_requeues_of_one_message_at_once_one_goes_out(ada: User) -> None:
    letter = office.parked()
    tried: list[Outcome] = []
    in_threads(*[lambda: tried.append(acts.requeue(ada, [office.seen(letter)]))] * 20)
    assert sorted(len(outcome.changed) for outcome in tried) == [0] * 19 + [1]
    with brokers.connect(f"memory://{uuid4()}") as broker:
        broker.declare(letter.source.return_address, letter.source.subscriber)
        assert Relay(broker).drain() == 1
    assert_counted()


def test_two_operations_at_work_at_once_send_each_message_once(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 7)
    office.park(*(office.failed(f"{number}".encode()) for number in range(100)))
    first, second = planned(ada), planned(ada)
    in_threads(*[work.carry_on] * 4)
    work.carry_on()
    found = [outcomes.counts([one.pk])[one.pk] for one in (first, second)]
    assert sum(one[OperationItem.Outcome.OUTBOX] for one in found) == 100
    assert sum(one[OperationItem.Outcome.SKIPPED] for one in found) == 100
    assert OutboxEntry.objects.count() == 100
    assert_counted()
