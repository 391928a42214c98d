"""One run at a time for one folder."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from dashboard.one_machine.console import CannotStart, say
from dashboard.one_machine.folder import Folder

PATIENCE = 20.0
"""Seconds that a run which was killed has for stopping its programs."""


@contextmanager
def locked(folder: Folder) -> Iterator[IO[str]]:
    """The lock of a run: held by this process and those it hands the file to, until the last has ended.

    Raises CannotStart when another run holds it.
    """
    with (folder.run / "lock").open("a+") as file:
        take(file, folder)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file


def take(file: IO[str], folder: Folder) -> None:
    """Take the lock, waiting for a run that was killed and whose programs are stopping still."""
    until = time.monotonic() + PATIENCE
    told = False
    while not free(file):
        refuse_if_running(file, folder)
        if time.monotonic() > until:
            raise CannotStart(f"The last run on {folder.root} is not stopping. Its logs are in {folder.logs}")
        if not told:
            say("The last run was killed and is still stopping")
            stop_manager(folder)
            told = True
        time.sleep(0.1)


def held(folder: Folder) -> bool:
    """Whether an office runs on the folder; not, where its account is another."""
    try:
        with (folder.run / "lock").open("a+") as file:
            return not free(file)
    except OSError:
        return False


def free(file: IO[str]) -> bool:
    """Take the lock if it is free."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def refuse_if_running(file: IO[str], folder: Folder) -> None:
    file.seek(0)
    holder = file.read()
    if holder and exists(int(holder)):
        raise CannotStart(
            f"The office is already running on {folder.root} (process {holder}).\n"
            "Use that one, stop it with Ctrl-C, or run another on a folder and port of its own: "
            "make run DATA_DIR=.data-2 PORT=8001"
        )


def stop_manager(folder: Folder) -> None:
    """Ask the killed run's process manager to stop, where no kernel has."""
    with suppress(OSError, ValueError):
        os.kill(int((folder.run / "supervisord.pid").read_text()), signal.SIGTERM)


def exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
