"""The process manager: supervisord, told by a file what to keep running, asked over XML-RPC how it goes."""

import os
import secrets
import signal
import subprocess
import sys
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from supervisor.xmlrpc import SupervisorTransport

from dashboard.one_machine import ports, tether
from dashboard.one_machine.configuration import configuration
from dashboard.one_machine.folder import Folder
from dashboard.one_machine.logs import Log
from dashboard.one_machine.programs import Program

STOPPED_WITHIN = 12
"""Seconds: both groups' `stopwaitsecs`, and a few for supervisord itself."""


@dataclass(frozen=True)
class State:
    """How it goes with one program."""

    name: str
    status: str
    """STARTING, RUNNING, BACKOFF, FATAL and the like: supervisor's process states."""
    process: int

    @property
    def failed(self) -> bool:
        return self.status in ("BACKOFF", "EXITED", "FATAL")


class Manager:
    """A supervisord of ours. Dies with this process; its programs die with it."""

    def __init__(self, folder: Folder, servers: Sequence[Program], office: Sequence[Program]) -> None:
        self._folder = folder
        self._address = f"127.0.0.1:{ports.free()}"
        self._password = secrets.token_urlsafe()
        self.servers = servers
        self.office = office
        self.logs = {one.name: Log(one.name, folder.log(one.name)) for one in [*servers, *office]}
        self._process: subprocess.Popen[bytes] | None = None
        self._last: list[State] = []

    def start(self, environment: Mapping[str, str], lock: IO[str]) -> None:
        """Start supervisord and, with it, the servers. It keeps `lock`, as its input, until it ends."""
        file = self._folder.run / "supervisord.conf"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as written:
            groups = {"servers": self.servers, "office": self.office}
            written.write(configuration(self._folder, self._address, self._password, groups))
        supervisord = [sys.executable, "-m", "supervisor.supervisord", "-c", str(file)]
        with self._folder.log("supervisord").open("ab") as output:
            self._process = subprocess.Popen(
                tether.command(signal.SIGTERM, supervisord),
                env={**environment, "TETHER": str(os.getpid())},
                stdin=lock,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for us: we stop it in order
            )

    def start_office(self) -> None:
        """Start the programs that need the servers."""
        self._ask("startProcessGroup", "office", False)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def states(self) -> list[State]:
        """Of every program; empty while supervisord has not come up, the last ones known when it is gone."""
        try:
            told: Any = self._ask("getAllProcessInfo")
            self._last = [State(one["name"], one["statename"], one["pid"]) for one in told]
        except OSError:
            return self._last
        return self._last

    def stop(self) -> None:
        """Stop the office, then its servers, then supervisord; by force what does not stop in time."""
        if self._process is None:
            return
        self.states()
        self._process.terminate()
        try:
            self._process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport("office", self._password, f"http://{self._address}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)
