"""`manage.py up`: the whole office on this machine, until Ctrl-C."""

import signal
from types import FrameType
from typing import IO, NoReturn

from dashboard.one_machine import beside, machine, ports
from dashboard.one_machine.console import CannotStart, say, show
from dashboard.one_machine.lock import locked
from dashboard.one_machine.machine import Machine
from dashboard.one_machine.manager import Manager
from dashboard.one_machine.programs import programs, server
from dashboard.one_machine.starting import start
from dashboard.one_machine.watching import watch, welcome

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked the office to stop."""


def up() -> int:
    """Run the office. The exit code: 0 when it was stopped, 1 when it could not start or broke down."""
    for number in SIGNALS:
        signal.signal(number, stop)
    folder = machine.folder()
    try:
        folder.make()
        with locked(folder) as lock:
            run(machine.plan(folder), lock)
    except CannotStart as error:
        show(f"\n{error}")
        return 1
    except Stopped:
        return 0
    return 1


def stop(_number: int, _frame: FrameType | None) -> NoReturn:
    ignore_signals()
    raise Stopped


def ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def run(office: Machine, lock: IO[str]) -> None:
    """From nothing to an open office, and back. Raises Stopped and CannotStart."""
    if ports.taken(office.environment.port):
        raise CannotStart(
            f"Port {office.environment.port} is taken by another program.\n"
            f"Stop that one, or choose another port: make run PORT={office.environment.port + 1}"
        )
    machine.make_data(office)
    beside.leave_settings(office.folder)
    servers = [server(one, office.folder.run) for one in office.servers]
    manager = Manager(office.folder, servers, programs(office.environment))
    try:
        start(office, manager, lock)
        welcome(office)
        watch(manager)
    finally:
        ignore_signals()
        say("Stopping")
        manager.stop()
        say(f"Stopped. Everything is kept in {office.folder.root}")
