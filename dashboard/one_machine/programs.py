"""The programs of the office. Real servers run the same lines under a manager of their own."""

import shlex
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from dashboard.environment import Environment
from dashboard.one_machine.postgres import Postgres
from dashboard.one_machine.valkey import Valkey

OFFICE = {
    "web": "python -m uvicorn dashboard.asgi:application --host 127.0.0.1 --port {port} --lifespan off"
    " --no-access-log --no-server-header --timeout-graceful-shutdown 2",
    "intake": "python manage.py intake",
    # --broker= keeps Celery from taking BROKER_URL, the business broker's address, for its own
    "worker": "python -m celery --broker= -A workflow_processor worker --concurrency 2"
    " --without-gossip --without-mingle",
    "beat": "python -m celery --broker= -A workflow_processor beat --pidfile=",
}
EXAMPLE = {
    "placement": "python -m consumers consumers.trading.placement:consumer",
    "producer": "python -m consumers.trading.producer",
}


@dataclass(frozen=True)
class Program:
    """What the process manager keeps running."""

    name: str
    command: list[str]
    stop_signal: signal.Signals
    on_death: signal.Signals
    """What it gets when the process manager dies. No program of the office loses anything by a SIGKILL."""
    account: str | None = None
    lock: Path | None = None


def programs(environment: Environment) -> list[Program]:
    """The programs that this environment asks for."""
    lines = OFFICE | (EXAMPLE if environment.example else {})
    return [
        Program(name, words(line, environment), signal.SIGTERM, signal.SIGKILL)
        for name, line in lines.items()
    ]


def words(line: str, environment: Environment) -> list[str]:
    python, *rest = shlex.split(line)
    del python  # ours, whatever is first on the PATH
    return [sys.executable, *(word.format(port=environment.port) for word in rest)]


def server(it: Postgres | Valkey, locks: Path) -> Program:
    """An embedded server: alone on its data, and stopped by the signal that lets it finish writing."""
    return Program(it.name, it.command, it.stop_signal, it.stop_signal, it.account, locks / f"{it.name}.lock")
