"""A web process of the office, as it runs for people: its own process, its own port, started and stopped."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from dashboard.one_machine import ports

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 90.0
"""Seconds that a start may take on a busy machine."""


class WebProcess:
    """Serves the database at this address, with this many seconds to undo a requeue."""

    def __init__(self, database_url: str, undo_seconds: int) -> None:
        self.port = ports.free()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {
            "DATABASE_URL": database_url,
            "PUBLIC_URL": self.url,
            "UNDO_SECONDS": str(undo_seconds),
            "LOG_LEVEL": "WARNING",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Gives back once it answers."""
        line = f"-m uvicorn dashboard.asgi:application --port {self.port} --lifespan off --no-access-log"
        graceful = "--timeout-graceful-shutdown 1"
        words = [sys.executable, *line.split(), *graceful.split()]
        self._process = subprocess.Popen(words, cwd=ROOT, env=self._environment)
        until = time.monotonic() + PATIENCE
        while not answers(self.url):
            assert self._process.poll() is None, "the web process ended"
            assert time.monotonic() < until, "the web process does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends it at once, as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process
        return self._process.pid


def answers(url: str) -> bool:
    """Whether the web process at this address does."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
