"""Offices that tests run as people do, with `manage.py up`, and what is left of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg

from dashboard.environment import Environment
from dashboard.one_machine import ports

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 180.0
"""Seconds; generous, since the machine may be busy."""


class Office:
    """One folder and one port; started and stopped as often as a test likes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = ports.free()
        self.output = folder / "output"

    def run(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """`manage.py up` that is expected to end by itself."""
        return self._ended(["manage.py", "up"], variables)

    def command(self, *arguments: str, says: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """`manage.py` with these arguments in another terminal, whose person types what it `says`."""
        words = ["-W", "ignore", "manage.py", *arguments]
        # Without a terminal, a password is read from what is typed.
        return self._ended(words, variables, input=says, start_new_session=True)

    def _ended(
        self, words: list[str], variables: dict[str, str], **how: Any
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=self._environment(**variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            **how,
        )

    @contextmanager
    def started(self, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """`manage.py up`; killed at the end of the block if it still runs."""
        with self.output.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self._environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            until(lambda: not self.processes(), self.said)

    @contextmanager
    def running(self, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """The same, once it is open."""
        with self.started(**variables) as process:
            self.wait_until_open(process)
            yield process

    def wait_until_open(self, process: subprocess.Popen[bytes]) -> None:
        until(lambda: "Stop       Ctrl-C" in self.said() or process.poll() is not None, self.said)
        assert process.poll() is None, self.said()

    def said(self) -> str:
        return self.output.read_text()

    def answers(self, path: str) -> bool:
        try:
            return self.page(path)[0] == 200
        except OSError:
            return False

    def page(self, path: str) -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def processes(self) -> dict[int, str]:
        """Every process of this office, with its command line."""
        return {pid: line for pid, line in processes() if self._owns(pid)}

    def others(self, than: int) -> dict[int, str]:
        return {pid: line for pid, line in self.processes().items() if pid != than}

    def setting(self, name: str) -> str:
        """A variable as the running office's programs have it."""
        environment = Path(f"/proc/{self.process('-m uvicorn')}/environ").read_bytes().decode().split("\0")
        return next(line for line in environment if line.startswith(f"{name}=")).partition("=")[2]

    def administrators(self) -> list[tuple[str, str]]:
        """Name and password's hash; none while the database does not answer."""
        try:
            with psycopg.connect(self.setting("DATABASE_URL")) as connection:
                return connection.execute("SELECT username, password FROM auth_user").fetchall()
        except psycopg.OperationalError:
            return []

    def process(self, part: str) -> int:
        """The first process with this in its command line."""
        return min(pid for pid, line in self.processes().items() if part in line)

    def _owns(self, pid: int) -> bool:
        # All got its folder in their environment; PostgreSQL writes over that, and lives in the folder.
        data = self.folder / "data"
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            return (
                f"DATA_DIR={data}".encode() in environment.split(b"\0")
                or data in Path(f"/proc/{pid}/cwd").readlink().parents
            )
        except OSError:
            return False  # it has ended meanwhile, or is another account's

    def _environment(self, **variables: str) -> dict[str, str]:
        names = {name.upper() for name in Environment.model_fields}
        rest = {name: value for name, value in os.environ.items() if name not in names}
        own = {"DATA_DIR": str(self.folder / "data"), "PORT": str(self.port)}
        return rest | own | variables


def processes() -> Iterator[tuple[int, str]]:
    """Of this machine: number and command line."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()


def until(done: Callable[[], object], said: Callable[[], str]) -> None:
    """Wait for a condition; fail with what was said when it does not come true."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, said()
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes], by: signal.Signals) -> int:
    """Send a signal, and return how the process ended."""
    process.send_signal(by)
    return process.wait(PATIENCE)
