"""Row 9: the memory of the office's processes with many dead letters: at rest, and the most that each took
for repairs, for pages and for a large operation."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import letters, parked
from tests.benchmarks.machine import Machine
from tests.benchmarks.pages import PAGES
from tests.benchmarks.rounds import Beside, Figures, Row
from tests.benchmarks.visitor import Visitor
from tests.crash.durable import family

SEEDED, REPAIRED, REQUEUED = 1_000_000, 20_000, 100_000
LIMIT = 150.0
"""MB of each."""
FLAT = 1.25
"""Times what it took at rest."""
ALLOWED, AT_REST = "the most allowed", "the same at rest"
_SENT = "SELECT count(*) FROM outbox WHERE state = 'sent'"


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    del rounds
    seeded, repaired, requeued = map(machine.count, (SEEDED, REPAIRED, REQUEUED))
    machine.seed(seeded)
    parked.add(machine, requeued)
    with machine.office() as (intake, worker, _), machine.web() as web:
        programs = {"intake": intake.pid, "worker": worker.pid, "web": web.pid}
        _visit(web.port)  # what is loaded at the first look is there at rest
        at_rest = {name: megabytes(program) for name, program in programs.items()}
        with _watched(programs) as most:
            with machine.broker() as broker:
                letters.put_failed(broker, repaired)
            machine.until(_SENT, repaired)
            _visit(web.port)
            parked.requeue()
            machine.until(_SENT, repaired + requeued)
    for name, value in at_rest.items():
        yield _row(f"{name} at rest, of {seeded:,}", machine, value, {ALLOWED: (LIMIT, 1.0)})
    for name, value in most.items():
        beside = {ALLOWED: (LIMIT, 1.0), AT_REST: (at_rest[name], FLAT)}
        yield _row(f"the most that {name} took", machine, value, beside)


def _row(work: str, machine: Machine, value: float, beside: Mapping[str, tuple[float, float]]) -> Row:
    figures = {"the office": Figures((value,))} | {name: Figures((one,)) for name, (one, _) in beside.items()}
    goals = (Beside(name, goal, at_most=True) for name, (_, goal) in beside.items())
    return Row(9, work, machine.name, "MB", figures, tuple(goals))


def _visit(port: int) -> None:
    """Every page, some times."""
    with Visitor(port) as visitor:
        for address in [*PAGES.values()] * 3:
            if "{" not in address:
                visitor.get(address)


@contextmanager
def _watched(programs: Mapping[str, int]) -> Iterator[dict[str, float]]:
    """The most megabytes that each program takes until the block ends."""
    most, over = dict.fromkeys(programs, 0.0), threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            for name, program in programs.items():
                most[name] = max(most[name], megabytes(program))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        over.set()
        watcher.join()


def megabytes(program: int) -> float:
    """The largest process of a program; what it shares with others counts in parts (PSS)."""
    return max(_pss(pid) for pid in family(program)) / 1024


def _pss(pid: int) -> float:
    """Kilobytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended meanwhile
        return 0.0
    return float(next(line.split()[1] for line in lines if line.startswith("Pss:")))
