"""The servers of a run, durable ones, and the office's processes over them."""

import base64
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import amqp
import psycopg
import redis

from consumers.broker import Broker
from consumers.brokers import connect
from consumers.brokers.rabbitmq_address import Address
from dashboard.databases import redis as redis_url
from dashboard.one_machine import tether
from tests import servers
from tests.browser.server import WebProcess
from tests.crash.brokers import virtual_host

ROOT = Path(__file__).parent.parent.parent
RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")
PATIENCE = 180.0
EMPTIED = (
    *("dead_letter", "revision", "failed_attempt", "event", "outbox", "search_due"),
    *("failure_group", "source", "gate", "minute_flow"),
)
"""All else hangs on these by foreign keys."""


@dataclass(frozen=True)
class Machine:
    """Where a broker's rows run."""

    name: str
    """Of the broker."""
    broker_url: str
    celery_url: str
    database_url: str
    folder: Path
    scale: float
    """By which every number of messages is multiplied."""

    def count(self, number: int) -> int:
        return max(200, int(number * self.scale))

    @contextmanager
    def broker(self) -> Iterator[Broker]:
        with connect(self.broker_url) as broker:
            yield broker

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        with closing(psycopg.connect(self.database_url, autocommit=True)) as connection:
            yield connection

    def figure(self, query: str) -> float:
        """The one number that a query gives."""
        with self.database() as connection:
            return _figure(connection, query)

    def until(self, query: str, number: float) -> None:
        """Waits until the query gives as much. By one connection: making one costs more than most queries."""
        deadline = time.monotonic() + PATIENCE
        with self.database() as connection:
            while (found := _figure(connection, query)) < number:
                assert time.monotonic() < deadline, f"{found:,.0f} of {number:,.0f}: {query}"
                time.sleep(0.05)

    def empty(self) -> None:
        """An office that knows nothing, and brokers with nothing on them."""
        with self.database() as connection:
            for table in EMPTIED:
                connection.execute(f"TRUNCATE {table} CASCADE")
        for url in {self.broker_url, self.celery_url}:
            if url.startswith("amqp"):
                self._purge()
                continue
            with redis.Redis.from_url(redis_url(url)) as client:
                client.flushdb()

    def _purge(self) -> None:
        """Empties every queue: what one row leaves would be the next one's work."""
        with self.amqp() as connection, connection.channel() as channel:
            for queue in self.manage("GET", "queues/{host}"):
                channel.queue_purge(queue["name"])

    def manage(self, method: str, path: str, body: Any = None) -> Any:
        """Asks RabbitMQ's management plugin; `{host}` in the path is our virtual host."""
        parts = urlsplit(self.broker_url)
        account = base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
        connection = HTTPConnection(parts.hostname or "", 15672, timeout=30)
        headers = {"Authorization": f"Basic {account}", "Content-Type": "application/json"}
        address = f"/api/{path.format(host=quote(parts.path[1:], safe=''))}"
        connection.request(method, address, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        said = response.read()
        assert response.status < 300, f"{said!r}; rabbitmq-plugins enable rabbitmq_shovel"
        return json.loads(said or "null")

    def seed(self, number: int) -> None:
        """So many dead letters and no others."""
        self.empty()
        subprocess.run(
            [sys.executable, "manage.py", "seed", str(number)],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def drain(self, queue: str, subscriber: str) -> None:
        """Empties a queue."""
        with self.broker() as broker, broker.subscribe(queue, subscriber, prefetch=2_000) as subscription:
            while deliveries := subscription.receive(2_000, 0.5):
                subscription.acknowledge(deliveries)

    @contextmanager
    def program(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """A Python program, until the block ends."""
        with (self.folder / "programs.log").open("ab") as log:
            process = subprocess.Popen(
                tether.command(signal.SIGKILL, [sys.executable, *words]),
                cwd=ROOT,
                env=os.environ | {"BROKER_URL": self.broker_url},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @contextmanager
    def web(self) -> Iterator[WebProcess]:
        """A web process, once it answers, until the block ends."""
        process = WebProcess(self.database_url, undo_seconds=0)
        process.start()
        try:
            yield process
        finally:
            process.kill()

    def amqp(self, **options: Any) -> Any:
        """A connection of py-amqp's own."""
        address = Address.of(self.broker_url)
        return amqp.Connection(
            f"{address.host}:{address.port}",
            userid=address.user,
            password=address.password,
            virtual_host=address.vhost,
            **options,
        )

    @contextmanager
    def paused(self, programs: Sequence[subprocess.Popen[bytes]]) -> Iterator[None]:
        """Stops programs until the block ends: what it prepares, they find all at once."""
        _signalled(programs, signal.SIGSTOP)
        try:
            yield
        finally:
            _signalled(programs, signal.SIGCONT)

    @contextmanager
    def office(
        self, intakes: int = 1, workers: int = 1, concurrency: int = 1
    ) -> Iterator[list[subprocess.Popen[bytes]]]:
        """So many intakes and workers and a beat, once all of them have spoken."""
        worker = "-m celery --broker= -A workflow_processor worker --without-gossip --without-mingle"
        lines = [
            *(["manage.py intake"] * intakes),
            *(f"{worker} --concurrency {concurrency} --hostname {number}@bench" for number in range(workers)),
            "-m celery --broker= -A workflow_processor beat --pidfile=",
        ]
        with self.database() as connection, ExitStack() as stack:
            connection.execute("DELETE FROM process_health")
            programs = [stack.enter_context(self.program(*line.split())) for line in lines]
            self.until("SELECT count(*) FROM process_health WHERE kind = 'intake'", intakes)
            if workers:
                self.until("SELECT count(*) FROM process_health WHERE kind = 'worker'", 1)
            yield programs


@contextmanager
def machine(broker: str, scale: float) -> Iterator[Machine]:
    """Servers, and Django set up for them: once in a process."""
    with ExitStack() as stack:
        folder = stack.enter_context(servers.scratch())
        database = stack.enter_context(servers.postgres(durable=True))
        valkey = stack.enter_context(servers.valkey(durable=True))
        rabbitmq = stack.enter_context(virtual_host(RABBITMQ_URL)) if broker == "rabbitmq" else ""
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "SECRET_KEY": "only-for-benchmarks-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
            "DATABASE_URL": database,
            "BROKER_URL": rabbitmq or valkey.url(0),
            "CELERY_BROKER_URL": valkey.url(1),
            "CHANNEL_URL": valkey.url(2),
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "DATA_DIR": str(folder),
            "RULES": "tests.benchmarks.share_quantity",
            "UNDO_SECONDS": "0",
            "LOG_LEVEL": "WARNING",
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield Machine(broker, os.environ["BROKER_URL"], valkey.url(1), database, folder, scale)


def described() -> str:
    """What it runs on, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores of {cpu}, {memory:.0f} GiB, Python {platform.python_version()}"


def rate(count: int, work: Callable[[], object]) -> float:
    """Messages a second."""
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def _figure(connection: psycopg.Connection[Any], query: str) -> float:
    row = connection.execute(query).fetchone()
    return float(row[0] or 0) if row else 0.0


def _signalled(programs: Sequence[subprocess.Popen[bytes]], number: signal.Signals) -> None:
    for program in programs:
        os.killpg(program.pid, number)
