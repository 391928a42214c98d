"""A long run: messages flow while processes, servers and connections die at random; then all of it is let be,
and the checker says what has become of the messages.

    python -m tests.crash.soak --broker valkey --messages 10000 --keys 500 --kills 200 --stops 20 --cuts 20

PostgreSQL and Valkey are embedded ones, with the settings that make them durable. A RabbitMQ is that of
RABBITMQ_URL: its connections are cut, and it is not killed, since it is others' too. All traffic is on
loopback. Ends with 1 where the checker finds anything, or where what is left does not come to rest in time.
"""

import os
import shutil
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from signal import SIGCONT, SIGSTOP, Signals
from urllib.parse import urlsplit

import psycopg

from consumers.errors import OfficeError
from tests.crash import ORDERED_QUEUE, brokers, durable, ledger
from tests.crash.disturbances import Disturbance, Kind, planned
from tests.crash.durable import Server
from tests.crash.offices import PROGRAMS, WORKER, Office, office
from tests.tcp_proxy import TcpProxy

RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")
SECONDS_A_KILL = 3.0
"""How long the disturbances last in all, by their number."""
HEAL = 300.0
"""Seconds in which everything has to come to rest after the last disturbance."""
SECRET = "only-for-soaks-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2


class Soak:
    """An office, and everything that is done to it."""

    def __init__(self, opened: Office, servers: list[Server], proxies: list[TcpProxy], stop: float) -> None:
        self._office, self._servers, self._proxies, self._stop = opened, servers, proxies, stop
        self._stopped: dict[str, float] = {}
        self.done: Counter[str] = Counter()

    def suffer(self, plan: list[Disturbance]) -> None:
        """Does to the office what is planned."""
        begun = time.monotonic()
        for disturbance in plan:
            while time.monotonic() < begun + disturbance.at:
                self._tend()
            self._disturb(disturbance)
        while self._stopped:
            self._tend()

    def _tend(self) -> None:
        for name in [name for name, until in self._stopped.items() if time.monotonic() > until]:
            self._signal(name, SIGCONT)
            del self._stopped[name]
        self.done.update(f"ended by itself {program}" for program in self._office.started_again())
        time.sleep(0.05)

    def _disturb(self, disturbance: Disturbance) -> None:
        names = [*self._office.programs, *(server.name for server in self._servers)]
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
                self._proxies[int(disturbance.chance * len(self._proxies))].cut()
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
    environment, servers, proxies = _servers(given.broker, folder, stack)
    opened = stack.enter_context(office(folder, environment, _programs(given, seconds)))
    soak = Soak(opened, servers, proxies, given.stop_seconds)
    _say(f"seed {given.seed}, {given.broker}, {seconds:.0f} s of disturbances")
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
        shutil.copytree(folder, given.keep, ignore=shutil.ignore_patterns("postgres", "valkey"))
    return int(bool(faults) or not rested)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _comes_to_rest(opened: Office, book: Path, messages: int) -> bool:
    """Lets everything be until all messages are published and have come to rest."""
    deadline = time.monotonic() + HEAL
    while time.monotonic() < deadline:
        opened.started_again()
        time.sleep(1)
        entries = ledger.read(book)
        with suppress(psycopg.OperationalError, OfficeError):
            if len(entries) >= messages and opened.drained(entries):
                return True
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


def _servers(
    broker: str, folder: Path, stack: ExitStack
) -> tuple[dict[str, str], list[Server], list[TcpProxy]]:
    """The addresses, the servers that may be killed, and the proxies that may cut connections."""
    postgres, database = durable.postgres(folder)
    stack.enter_context(closing(postgres))
    valkey, address = durable.valkey(folder)
    stack.enter_context(closing(valkey))
    proxies = [postgres.proxy, valkey.proxy]
    business = address(0)
    if broker == "rabbitmq":
        proxy, business = stack.enter_context(_rabbitmq())
        proxies.append(proxy)
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
    return environment, [postgres, valkey], proxies


@contextmanager
def _rabbitmq() -> Iterator[tuple[TcpProxy, str]]:
    with brokers.virtual_host(RABBITMQ_URL) as url:
        parts = urlsplit(url)
        with TcpProxy(parts.hostname or "127.0.0.1", parts.port or 5672) as proxy:
            management = f"http://{parts.hostname}:15672"
            yield proxy, f"{durable.through(url, proxy.port)}?management={management}"


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
