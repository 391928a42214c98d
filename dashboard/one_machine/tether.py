"""Runs a program that does not outlive its parent, and of which there is one at a time.

    python tether.py SIGNAL LOCK ACCOUNT PROGRAM ARGUMENT...

The program gets SIGNAL when its parent dies, however it dies (Linux alone can do this). It holds LOCK for
as long as it lives and waits for whoever holds it before. It runs as ACCOUNT. `-` is no lock, or the account
that we are. This is started as a file, without the packages of the office, since it has to be quick.
"""

import ctypes
import fcntl
import os
import pwd
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def command(
    on_death: signal.Signals, program: Sequence[str], lock: Path | None = None, account: str | None = None
) -> list[str]:
    """The command line that runs a program under a tether."""
    return [sys.executable, "-I", "-S", __file__, on_death.name, str(lock or "-"), account or "-", *program]


def hold(lock: Path) -> None:
    """Take the lock with a descriptor that the program inherits, and so keeps until it ends."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(descriptor, True)
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def become(account: str) -> None:
    """Give up being root for good."""
    entry = pwd.getpwnam(account)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def tie(on_death: signal.Signals) -> None:
    """Ask the kernel for a signal at the death of the parent (of its thread that forked, to be exact)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, on_death)
        # The parent may have died before that: a tether names itself to the tethers below it.
        if os.environ.get("TETHER", str(os.getppid())) != str(os.getppid()):
            sys.exit("The parent of this program is gone.")


def main(on_death: str, lock: str, account: str, *program: str) -> None:
    if lock != "-":
        hold(Path(lock))
    if account != "-":
        become(account)
    # Last: Linux forgets the request when the account changes.
    tie(signal.Signals[on_death])
    os.environ["TETHER"] = str(os.getpid())
    os.execvp(program[0], program)  # noqa: S606 -- to become the program is the point


if __name__ == "__main__":
    main(*sys.argv[1:])
