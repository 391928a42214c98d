"""Row 9: the memory of the office's processes."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import letters
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Figures, Row
from tests.crash.durable import family

COUNT = 20_000
LIMIT = 150.0
"""MB of each."""
_ALLOWED = "the most allowed"


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    del rounds
    machine.empty()
    with machine.office() as (intake, worker, _), machine.web() as web:
        programs = {"intake": intake.pid, "worker": worker.pid, "web": web.pid}
        at_rest = {name: megabytes(program) for name, program in programs.items()}
        with machine.broker() as broker:
            letters.put_failed(broker, count := machine.count(COUNT))
        machine.until("SELECT count(*) FROM outbox WHERE state = 'sent'", count)
        after = {name: megabytes(program) for name, program in programs.items()}
    for when, figures in (("at rest", at_rest), (f"after {count:,} repairs", after)):
        for name, value in figures.items():
            pair = {name: Figures((value,)), _ALLOWED: Figures((LIMIT,))}
            beside = (Beside(_ALLOWED, 1, at_most=True),)
            yield Row(9, f"memory of {name} {when}", machine.name, "MB", pair, beside)


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
