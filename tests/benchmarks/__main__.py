"""The command line of the benchmarks."""

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from importlib import import_module

from tests.benchmarks import machine, table

ROWS = (
    "intake",
    "repairing",
    "requeueing",
    "consuming",
    "delegating",
    "latency",
    "pages",
    "ordering",
    "memory",
    "doubling",
    "ruling",
    "forgetting",
)
BROKERS = ("valkey", "rabbitmq")


def main() -> int:
    given = _given()
    if given.broker is None:
        # Django is set up for one broker in a process.
        print(machine.described(), flush=True)  # noqa: T201
        commands = [[sys.executable, "-m", "tests.benchmarks", *sys.argv[1:], "--broker", b] for b in BROKERS]
        return max(subprocess.run(command, check=False).returncode for command in commands)
    _run(given)
    return 0


def _run(given: Namespace) -> None:
    print(table.heading(), flush=True)  # noqa: T201
    with machine.machine(given.broker, given.scale) as there:
        for name in given.rows or ROWS:
            for row in import_module(f"tests.benchmarks.{name}").rows(there, given.rounds):
                print("\n".join(table.lines(row)), flush=True)  # noqa: T201


def _given() -> Namespace:
    parser = ArgumentParser("python -m tests.benchmarks", description="Measures the office.")
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], help="rows; all of them by default")
    parser.add_argument("--broker", choices=BROKERS, help="both by default")
    parser.add_argument("--rounds", type=int, default=3, help="of each contestant (%(default)s)")
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the numbers of messages")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
