"""An office of real processes that die and are started again, and what a test asks of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from consumers.broker import Broker
from consumers.brokers import connect
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER
from dashboard.one_machine import tether
from tests.crash import (
    BOOKED_QUEUE,
    CLERK,
    ORDERED_QUEUE,
    QUEUE,
    SUBSCRIBER,
    booking,
    checker,
    rows,
    sink,
)
from tests.crash.checker import Report
from tests.crash.ledger import Entered, Ledger
from tests.crash.letters import Letter
from tests.crash.strikes import Strikes

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0
"""Seconds; generous, since the machine may be busy."""
LOOK_EVERY = 0.1
"""Seconds between two looks at what is waited for."""

QUEUES = (
    *((queue, SUBSCRIBER) for queue in (QUEUE, ORDERED_QUEUE, BOOKED_QUEUE)),
    (INTAKE_QUEUE, INTAKE_SUBSCRIBER),
)
WORKER = ("--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
PROGRAMS: dict[str, Sequence[str]] = {
    "consumer": ("tests.crash.sorting:consumer", "--batch", "5"),
    "intake": ("--batch", "5"),
    "worker": WORKER,
    "beat": ("--pidfile=",),
    "clerk": (),
}
"""What runs, with its arguments. Batches are small, so that a few messages pass every point several times."""


class Office:
    """Processes over one database and one broker. Whatever dies is started again by `until`."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        programs: Mapping[str, Sequence[str]] = PROGRAMS,
        roads: Mapping[str, str] | None = None,
    ) -> None:
        """`roads`: the addresses that its processes use, where these are not those of the test."""
        self._folder = folder
        self._roads = roads or {}
        (folder / "strikes").mkdir()
        self.strikes = Strikes(folder / "strikes")
        self.environment = {
            **os.environ,
            **environment,
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "RULES": "tests.crash.mending",
            "EXAMPLE": "off",
            "UNDO_SECONDS": "0",
            "CRASH_STRIKES": str(folder / "strikes"),
            "CRASH_SINK": str(folder / "sink"),
            "CRASH_CLERK": str(folder / "clerk"),
            "CRASH_LEDGER": str(folder / "ledger"),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._arguments = dict(programs)
        self._database: psycopg.Connection[Any] | None = None
        self.broker: Broker = connect(environment["BROKER_URL"])

    @property
    def database(self) -> psycopg.Connection[Any]:
        """A connection to the office's database; another one where that was lost."""
        if self._database is None or self._database.closed:
            self._database = psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)
        return self._database

    @property
    def programs(self) -> list[str]:
        return list(self._arguments)

    def start(self, program: str, *arguments: str) -> None:
        """Starts a program; with arguments of its own it keeps them."""
        if arguments:
            self._arguments[program] = arguments
        command = [sys.executable, "-m", "tests.crash.launcher", program.partition("#")[0]]
        with self.log(program).open("ab") as log:
            self._running[program] = subprocess.Popen(
                tether.command(signal.SIGKILL, [*command, *self._arguments[program]]),
                cwd=ROOT,
                env={**self.environment, **self._roads},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, program: str) -> None:
        """Kills a program with every process of it."""
        process = self._running.pop(program, None)
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, program: str) -> int:
        """Asks a program to leave, and waits until it has. Gives its exit code."""
        process = self._running.pop(program)
        process.terminate()
        return process.wait(PATIENCE)

    def signal(self, program: str, number: signal.Signals) -> None:
        """Sends a signal to every process of a program."""
        with suppress(ProcessLookupError):
            os.killpg(self._running[program].pid, number)

    def restart(self, program: str, *arguments: str) -> None:
        self.kill(program)
        self.start(program, *arguments)

    def until(
        self, done: Callable[[], object], patience: float = PATIENCE, found: Callable[[], str] = str
    ) -> None:
        """Waits for a condition. Starts whatever has been killed; fails where a program ends by itself.
        `found` gives what a failure tells first. Patience is counted in looks: where the machine stands
        still, so do we."""
        for _ in range(int(patience / LOOK_EVERY)):
            if done():
                return
            self.revive()
            time.sleep(LOOK_EVERY)
        raise AssertionError(f"{found()}\n{self.said()}")

    def mend(self) -> None:
        """Makes it what it was when it was opened, whatever a test has done."""
        self.strikes.clear()
        for program, arguments in PROGRAMS.items():
            if program not in self._running or self._arguments[program] != arguments:
                self.restart(program, *arguments)

    def revive(self) -> None:
        """Starts whatever has been killed. Fails where a program has ended by itself."""
        ended = self.started_again()
        assert not ended, f"{ended} ended\n{self.said()}"

    def started_again(self) -> list[str]:
        """Starts whatever has ended, and gives what has ended by itself."""
        ended = []
        for program, process in list(self._running.items()):
            if process.poll() is not None:
                if process.returncode != -signal.SIGKILL:
                    ended.append(program)
                self.kill(program)  # a worker's children outlive it
                self.start(program)
        return ended

    def ledger(self, name: str, queue: str) -> Ledger:
        return Ledger(self._folder / f"ledger-{name}", queue)

    def publish(self, ledger: Ledger, letters: Iterable[Letter]) -> None:
        """Publishes as a producer does that is not what is being tried."""
        ledger.publish(self.broker, list(letters))

    def report(self, ledger: Sequence[Entered]) -> Report:
        """What has become of the messages of a ledger."""
        found = rows.gather(self.database, [entry.id for entry in ledger], self._folder / "clerk")
        effects = [*sink.read(self._folder / "sink"), *booking.read(self.database)]
        return checker.check(ledger, effects, found)

    def drained(self, ledger: Sequence[Entered]) -> bool:
        """Whether all of them have come to rest."""
        return self.idle(ledger) and not self.report(ledger).lost

    def idle(self, ledger: Sequence[Entered]) -> bool:
        """Whether nothing of them is on its way any more, to anywhere."""
        ids = [entry.id for entry in ledger]
        # What leaves a queue enters the database, so that is looked at after the queues. Before, to ask less.
        return rows.settled(self.database, ids) and not self._queued() and rows.settled(self.database, ids)

    def states(self, ledger: Sequence[Entered]) -> dict[str, int]:
        """How many of their dead letters there are in each state."""
        return rows.states(self.database, [entry.id for entry in ledger])

    def all_sent(self, ledger: Sequence[Entered]) -> bool:
        """Whether their requeues have left the office."""
        return rows.all_sent(self.database, [entry.id for entry in ledger])

    def _queued(self) -> int:
        """How many deliveries are on their way, as far as the broker tells."""
        figures = [self.broker.measure(*queue) for queue in QUEUES]
        return sum((one.ready or 0) + (one.unacknowledged or 0) for one in figures)

    def said(self) -> str:
        """What is on its way, and the end of every log."""
        figures = [f"{queue[0]}: {self.broker.measure(*queue)}" for queue in QUEUES]
        logs = [self.log(program) for program in self._arguments]
        ends = [f"== {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs]
        return "\n".join([*figures, *rows.unsettled(self.database), *ends])

    def log(self, program: str) -> Path:
        return self._folder / f"{program}.log"

    @contextmanager
    def listening(self) -> Iterator[Callable[[str, str], bool]]:
        """Tells within the block whether a program has said something since its beginning."""
        heard = {name: self.log(name).stat().st_size for name in self._arguments}
        yield lambda name, text: text.encode() in self.log(name).read_bytes()[heard[name] :]

    def close(self) -> None:
        for program in list(self._running):
            self.kill(program)
        self.broker.close()
        if self._database:
            self._database.close()


@contextmanager
def office(
    folder: Path,
    environment: Mapping[str, str],
    programs: Mapping[str, Sequence[str]] = PROGRAMS,
    roads: Mapping[str, str] | None = None,
) -> Iterator[Office]:
    """An open office, with its tables made and its clerk employed."""
    opened = Office(folder, environment, programs, roads)
    try:
        _prepare(opened)
        opened.database.execute(booking.TABLE)
        for queue, subscriber in QUEUES:
            opened.broker.declare(queue, subscriber)
        for program in opened.programs:
            opened.start(program)
        yield opened
    finally:
        opened.close()


def _prepare(opened: Office) -> None:
    launched = [sys.executable, "-m", "tests.crash.launcher", "manage"]
    for command in (["migrate", "--verbosity", "0"], ["createsuperuser", "--noinput", "--email", ""]):
        subprocess.run(
            [*launched, *command],
            cwd=ROOT,
            env={**opened.environment, "DJANGO_SUPERUSER_USERNAME": CLERK, "DJANGO_SUPERUSER_PASSWORD": "-"},
            check=True,
        )
