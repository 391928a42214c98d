"""From nothing to an open office, in the order that the parts need."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import IO

from dashboard.one_machine import tether
from dashboard.one_machine.console import CannotStart, say
from dashboard.one_machine.logs import Log
from dashboard.one_machine.machine import Machine
from dashboard.one_machine.manager import Manager
from dashboard.one_machine.watching import tell

PATIENCE = 180.0
"""Seconds that the programs have for their start."""


def start(office: Machine, manager: Manager, lock: IO[str]) -> None:
    """Start everything in its order. Raises CannotStart."""
    if manager.servers:
        say(f"Starting {' and '.join(one.name for one in manager.servers)}")
    manager.start(os.environ, lock)
    say("Preparing the database and the pages")
    prepare(office, manager)
    say(f"Starting {', '.join(one.name for one in manager.office)}")
    await_manager(manager)
    manager.start_office()
    for _ in moments(manager, patience=PATIENCE):
        states = manager.states()
        if all(state.status == "RUNNING" for state in states) and answers(office.environment.port):
            return


def await_manager(manager: Manager) -> None:
    for _ in moments(manager, patience=PATIENCE):
        if manager.states():
            return


def prepare(office: Machine, manager: Manager) -> None:
    """Run `manage.py prepare`, while the servers come up. Raises CannotStart when either fails."""
    command = [sys.executable, "manage.py", "prepare", "--administrator"]
    log = Log("prepare", office.folder.log("prepare"))
    with office.folder.log("prepare").open("ab") as output:
        process = subprocess.Popen(
            tether.command(signal.SIGKILL, command),
            env=os.environ | {"DJANGO_SUPERUSER_PASSWORD": office.secrets.administrator_password},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        for _ in moments(manager):
            tell(log)  # that it waits for a database of the person's own
            if process.poll() is not None:
                break
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise CannotStart("\n".join(["The database could not be prepared:", *log.tail(20)]))


def moments(manager: Manager, patience: float = math.inf) -> Iterator[None]:
    """Again and again while the office starts, for so many seconds. Raises CannotStart."""
    begun = time.monotonic()
    first: dict[str, int] = {}
    while True:
        yield
        if not manager.alive:
            raise CannotStart(
                "The process manager exited. Its log is supervisord.log in the folder of the logs."
            )
        for state in manager.states():
            # One that ends after a while is started again at once, so its process may be all that tells.
            if state.failed or (
                state.process and first.setdefault(state.name, state.process) != state.process
            ):
                raise CannotStart(
                    "\n".join([f"{state.name} did not start:", *manager.logs[state.name].tail(20)])
                )
        if time.monotonic() - begun > patience:
            late = [state.name for state in manager.states() if state.status != "RUNNING"] or ["web"]
            raise CannotStart(f"Not up after {patience:.0f} s: {', '.join(late)}")
        time.sleep(0.1)


def answers(port: int) -> bool:
    """Whether the sign-in page is served."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/sign-in/")
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False
