"""A Celery task for each message, timed by what it writes."""

from tests.benchmarks import letters
from tests.benchmarks.machine import Machine
from tests.benchmarks.peers import app

_APP = "-m celery --broker= -A tests.benchmarks.peers.app"
_WORKER = f"{_APP} worker --concurrency 1 --without-gossip --without-mingle"


def task_each(machine: Machine, count: int) -> float:
    """Messages a second of one worker that INSERTs each."""
    return _worked(machine, count, "store", "begun")


def repaired_each(machine: Machine, count: int) -> float:
    """Messages a second of one worker that INSERTs, publishes and UPDATEs each."""
    return _worked(machine, count, "repair", "ended")


def _worked(machine: Machine, count: int, task: str, column: str) -> float:
    import base64

    machine.empty()
    with machine.database() as database:
        database.execute(app.TABLE)
        database.execute("TRUNCATE bench_peer")
    with machine.broker() as broker:
        for message in letters.messages(broker, count):
            headers = {name: str(value) for name, value in message.headers.items()}
            body = base64.b64encode(message.body).decode()
            told = (str(message.properties.message_id), body, headers, "ValueError", letters.TRACEBACK)
            getattr(app, task).apply_async(told)
    with machine.program(*_WORKER.split()):
        machine.until(f"SELECT count({column}) FROM bench_peer", count)
    seconds = machine.figure(f"SELECT extract(epoch FROM max({column}) - min(begun)) FROM bench_peer")
    return count / seconds
