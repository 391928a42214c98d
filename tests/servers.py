"""Servers for tests: the embedded ones, without the flushes to disk that make them durable, unless asked."""

import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from dashboard.databases import redis as redis_url
from dashboard.one_machine import ports, tether
from dashboard.one_machine.postgres import Postgres
from dashboard.one_machine.valkey import Valkey

UNSAFE = {"ALLOW_UNSAFE_DATABASE": "on"}
"""The environment of an office on them."""
IN_MEMORY = {
    "postgresql": ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"],
    "valkey": ["--appendonly", "no"],
}


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that the accounts of servers can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="office-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running(
    server: Postgres | Valkey, answers: Callable[[], object], durable: bool = False
) -> Iterator[None]:
    """Run a server until the block ends; tethered, so that it ends with the tests however they end."""
    server.prepare()
    options = [] if durable else IN_MEMORY[server.name]
    log = server.folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            tether.command(server.stop_signal, [*server.command, *options], account=server.account),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        while True:
            try:
                answers()
                break
            except (psycopg.OperationalError, redis.ConnectionError):
                assert process.poll() is None, log.read_text()
                time.sleep(0.02)
        yield
    finally:
        process.send_signal(server.stop_signal)
        process.wait()


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """The address of an empty PostgreSQL."""
    with scratch() as folder:
        server = Postgres(folder / "postgres", ports.free(), secrets.token_urlsafe())
        with running(server, lambda: psycopg.connect(server.url).close(), durable):
            yield server.url


@contextmanager
def valkey(*, durable: bool = False) -> Iterator[Valkey]:
    """An empty Valkey."""
    with scratch() as folder:
        server = Valkey(folder / "valkey", ports.free(), secrets.token_urlsafe())

        def answers() -> None:
            with redis.Redis.from_url(redis_url(server.url(0))) as client:
                client.ping()

        with running(server, answers, durable):
            yield server
