"""A long run: messages flow while processes, servers and connections die at random; then all of it is let be,
and the checker says what has become of the messages.

    python -m tests.crash.soak --broker valkey --messages 10000 --keys 500 --kills 200 --stops 20 --cuts 20

PostgreSQL, Valkey and RabbitMQ are the soak's own, with the settings that make them durable, and die like
everything else. All traffic is on loopback. Ends with 1 where the checker finds anything, or where what is
left does not come to rest in time.
"""

import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from signal import SIGCONT, SIGSTOP, Signals

import psycopg

from consumers.errors import OfficeError
from tests.crash import ORDERED_QUEUE, durable, ledger
from tests.crash.disturbances import Disturbance, Kind, planned
from tests.crash.durable import Server
from tests.crash.offices import PROGRAMS, WORKER, Office, office

SECONDS_A_KILL = 3.0
"""How long the disturbances last in all, by their number."""
HEAL = 300.0
"""Seconds in which everything has to come to rest after the last disturbance."""
REST = 10.0
"""Seconds of rest to be believed in: RabbitMQ's figures lag behind, and a queue that it has just read from
the disk counts as empty."""
SETTLED = 3.0
"""Seconds before the first disturbance. RabbitMQ 3 writes a new quorum queue down within half a second;
killed sooner it knows of the queue and never serves it."""
SECRET = "only-for-soaks-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2


class Soak:
    """An office, and everything that is done to it."""

    def __init__(self, opened: Office, servers: list[Server], stop: float) -> None:
        self._office, self._servers, self._stop = opened, servers, stop
        self._stopped: dict[str, float] = {}
        self.done: Counter[str] = Counter()

    def suffer(self, plan: list[Disturbance]) -> None:
        """Does to the office what is planned."""
        begun = time.monotonic()
        for disturbance in plan:
            while time.monotonic() < begun + disturbance.at:
                self._tend()
            self._disturb(disturbance)
        while self._stopped or not all(server.up for server in self._servers):
            self._tend()

    def _tend(self) -> None:
        for name in [name for name, until in self._stopped.items() if time.monotonic() > until]:
            self._signal(name, SIGCONT)
            del self._stopped[name]
        for server in self._servers:
            server.tend()
        self.done.update(f"ended by itself {program}" for program in self._office.started_again())
        time.sleep(0.05)

    def _disturb(self, disturbance: Disturbance) -> None:
        names = [*self._office.programs, *(server.name for server in self._servers if server.up)]
        awake = [name for name in names if name not in self._stopped]
        victim = awake[int(disturbance.chance * len(awake))]
        match disturbance.kind:
            case Kind.KILL:
                self._kill(victim)
            case Kind.STOP:
                self._signal(victim, SIGSTOP)
                self._stopped[victim] = time.monotonic() + self._stop
            case Kind.CUT:
                victim = "connections"
                self._servers[int(disturbance.chance * len(self._servers))].proxy.cut()
        self.done[f"{disturbance.kind} {victim}"] += 1

    def _kill(self, name: str) -> None:
        if server := self._server(name):
            server.kill()
        else:
            self._office.restart(name)

    def _signal(self, name: str, number: Signals) -> None:
        if server := self._server(name):
            server.signal(number)
        else:
            self._office.signal(name, number)

    def _server(self, name: str) -> Server | None:
        return next((server for server in self._servers if server.name == name), None)


def main() -> None:
    given = _given()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        folder.chmod(0o711)
        sys.exit(_run(given, folder, stack))


def _run(given: Namespace, folder: Path, stack: ExitStack) -> int:
    seconds = max(given.kills * SECONDS_A_KILL, given.stops * given.stop_seconds / 2)
    environment, servers = _servers(given.broker, folder, stack)
    opened = stack.enter_context(office(folder, environment, _programs(given, seconds)))
    soak = Soak(opened, servers, given.stop_seconds)
    _say(f"seed {given.seed}, {given.broker}, {seconds:.0f} s of disturbances")
    time.sleep(SETTLED)
    soak.suffer(planned(given.seed, seconds, given.kills, given.stops, given.cuts))
    healed = time.monotonic()
    rested = _comes_to_rest(opened, folder / "ledger", given.messages)
    entries = ledger.read(folder / "ledger")
    report = opened.report(entries)
    for what, times in sorted(soak.done.items()):
        _say(f"{what:30}{times:8}")
    _say(f"{'seconds to come to rest':30}{time.monotonic() - healed:8.0f}")
    _say(f"{'published':30}{len(entries):8}")
    _say(report.table())
    faults = report.faults(ordered=not given.unordered, once=False)
    _say("nothing is wrong" if rested and not faults else f"WRONG: at rest {rested}, {faults}")
    if given.keep:
        shutil.copytree(folder, given.keep, ignore=shutil.ignore_patterns("postgres", "valkey", "rabbitmq"))
    return int(bool(faults) or not rested)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _comes_to_rest(opened: Office, book: Path, messages: int) -> bool:
    """Lets everything be until all messages are published and have come to rest."""
    deadline = time.monotonic() + HEAL
    resting: float | None = None
    while time.monotonic() < deadline:
        opened.started_again()
        time.sleep(1)
        if not _rests(opened, book, messages):
            resting = None
        elif time.monotonic() - (resting := resting or time.monotonic()) > REST:
            return True
    return False


def _rests(opened: Office, book: Path, messages: int) -> bool:
    entries = ledger.read(book)
    with suppress(psycopg.OperationalError, OfficeError):
        return len(entries) >= messages and opened.drained(entries)
    return False


def _programs(given: Namespace, seconds: float) -> dict[str, tuple[str, ...]]:
    producer = {
        "queue": given.queue,
        "messages": given.messages,
        "keys": given.keys,
        "seed": given.seed,
        "failing": given.failing,
        "rate": given.messages / seconds,
    }
    return {
        **{name: tuple(arguments) for name, arguments in PROGRAMS.items()},
        "consumer": ("tests.crash.sorting:consumer",),
        "intake": (),
        "intake#2": (),
        "worker": ("--concurrency", "2", *WORKER[2:]),
        "producer": tuple(word for name, value in producer.items() for word in (f"--{name}", str(value))),
    }


def _servers(broker: str, folder: Path, stack: ExitStack) -> tuple[dict[str, str], list[Server]]:
    """The addresses, and the servers that may be killed."""
    postgres, database = durable.postgres(folder)
    stack.enter_context(closing(postgres))
    valkey, address = durable.valkey(folder)
    stack.enter_context(closing(valkey))
    servers, business = [postgres, valkey], address(0)
    if broker == "rabbitmq":
        rabbitmq, business = durable.rabbitmq(folder)
        servers.append(rabbitmq)
        stack.enter_context(closing(rabbitmq))
    environment = {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database,
        "BROKER_URL": business,
        "CELERY_BROKER_URL": address(1),
        "CHANNEL_URL": address(2),
        "DATA_DIR": str(folder / "data"),
        "CRASH_UNHURRIED": "yes",
        "CRASH_WORK": "0.02",
    }
    return environment, servers


def _given() -> Namespace:
    parser = ArgumentParser("python -m tests.crash.soak", description="Kills the office while it works.")
    parser.add_argument("--broker", choices=["valkey", "rabbitmq"], default="valkey")
    for name, default in (("messages", 10_000), ("keys", 500), ("kills", 200), ("stops", 20), ("cuts", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--failing", type=float, default=0.05, help="the share that fails")
    parser.add_argument("--stop-seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--unordered", action="store_true", help="a queue without an ordering key")
    parser.add_argument("--keep", type=Path, help="a folder to be made, for logs, ledger and sink")
    given = parser.parse_args()
    given.queue = "letters" if given.unordered else ORDERED_QUEUE
    return given


if __name__ == "__main__":
    main()
