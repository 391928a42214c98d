"""Servers as a soak kills them: with the settings that make them durable, behind a proxy that loses
connections, and started again on the data that they left."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import redis

from consumers.errors import BrokerUnavailable
from dashboard.databases import redis as redis_url
from dashboard.one_machine import ports, tether
from dashboard.one_machine.postgres import Postgres
from dashboard.one_machine.valkey import Valkey
from tests.crash.rabbitmq_node import RabbitMQNode
from tests.tcp_proxy import TcpProxy

PATIENCE = 120.0
AWAY = (psycopg.OperationalError, redis.RedisError, BrokerUnavailable)


class Server:
    """One server that can be killed and comes back."""

    def __init__(self, server: Postgres | Valkey | RabbitMQNode, answers: Callable[[], object]) -> None:
        self.name = server.name
        self._server, self._answers = server, answers
        server.prepare()
        self.proxy = TcpProxy("127.0.0.1", server.port)
        self.up = False
        """Whether it answers, and others can connect."""
        self.proxy.down()
        self._process = self._run()
        self._deadline = time.monotonic() + PATIENCE
        while not self.up:
            self.tend()
            time.sleep(0.05)

    def kill(self) -> None:
        """Kills it with all of its processes, and starts it again. Nobody can connect before `tend` has found
        it to answer."""
        self.up = False
        self.proxy.down()
        self.signal(signal.SIGKILL)
        self._process.wait()
        self._process = self._run()
        self._deadline = time.monotonic() + PATIENCE

    def tend(self) -> None:
        """Opens it to others once it answers."""
        if self.up:
            return
        try:
            self._answers()
        except AWAY:
            assert time.monotonic() < self._deadline, f"{self.name} does not come back"
            if self._process.poll() is not None:  # what it left is not cleared away yet
                self._process = self._run()
        else:
            self.proxy.up()
            self.up = True

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to each of its processes."""
        for pid in family(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self) -> None:
        self.signal(signal.SIGKILL)
        self._process.wait()
        self.proxy.down()

    def _run(self) -> subprocess.Popen[bytes]:
        server = self._server
        with server.folder.with_suffix(".log").open("ab") as log:
            return subprocess.Popen(
                tether.command(server.stop_signal, server.command, account=server.account),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def postgres(folder: Path) -> tuple[Server, str]:
    """A PostgreSQL, and its address through the proxy."""
    server = Postgres(folder / "postgres", ports.free(), secrets.token_urlsafe())
    killable = Server(server, lambda: psycopg.connect(server.url, connect_timeout=5).close())
    return killable, killable.proxy.way_to(server.url)


def valkey(folder: Path) -> tuple[Server, Callable[[int], str]]:
    """A Valkey, and the addresses of its databases through the proxy."""
    server = Valkey(folder / "valkey", ports.free(), secrets.token_urlsafe())

    def answers() -> None:
        with redis.Redis.from_url(redis_url(server.url(0))) as client:
            client.ping()

    killable = Server(server, answers)
    return killable, lambda number: killable.proxy.way_to(server.url(number))


def rabbitmq(folder: Path) -> tuple[Server, str]:
    """A RabbitMQ of the soak's own, and its address through the proxy."""
    node = RabbitMQNode(folder / "rabbitmq")
    killable = Server(node, node.answers)
    return killable, killable.proxy.way_to(node.url)


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found
