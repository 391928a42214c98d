"""The crash build: a program of the office that kills itself where a test says.

    python -m tests.crash.launcher PROGRAM ARGUMENT...

The program is the office's own, and runs as it does everywhere; only its functions at the crash points are
wrapped. The environment says the rest: CRASH_STRIKES is the folder of `strikes`; with
CRASH_UNHURRIED the office waits as long as it does everywhere.
"""

import os
import runpy
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from consumers.brokers import connect
from tests.crash import points, redelivery, sabotage
from tests.crash.strikes import Strikes

HASTY = {"relay": 0.5, "sweep": 1.0, "open_gates": 2.0}
"""Tasks that carry messages, and how often they are asked for, in seconds."""


def main(program: str, *arguments: str) -> None:
    strikes = Strikes(Path(os.environ["CRASH_STRIKES"]))
    connect(os.environ["BROKER_URL"]).close()  # loads the adapter, whose classes are to be wrapped
    if program == "consumer":
        redelivery.watch()
    elif program != "producer":
        _office()
    if program in points.INSTALLED:
        sabotage.install(program, strikes)
        points.INSTALLED[program](strikes)
    PROGRAMS[program](list(arguments))


def _office() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    import django

    django.setup()
    if "CRASH_UNHURRIED" not in os.environ:
        _hasten()


def _hasten() -> None:
    """Shorter waits, that a test need not wait long: what is a lease of minutes stays a lease."""
    from workflow_processor import due, relay, schedule
    from workflow_processor.repair import pipeline

    pipeline.LEASE, relay.LEASE = timedelta(seconds=2), timedelta(seconds=3)
    due.LEFT_AFTER = timedelta(seconds=1)
    for entry in schedule.SCHEDULE.values():
        task = entry["task"].rpartition(".")[2]
        entry["schedule"] = HASTY.get(task, entry["schedule"])


def _consumer(arguments: list[str]) -> None:
    sys.argv = ["consumers", *arguments]
    runpy.run_module("consumers", run_name="__main__", alter_sys=True)


def _manage(arguments: list[str]) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *arguments])


def _celery(arguments: list[str]) -> None:
    from celery.__main__ import main as celery

    # --broker= keeps Celery from taking BROKER_URL, the business broker's address, for its own
    sys.argv = ["celery", "--broker=", "-A", "workflow_processor", *arguments]
    celery()


def _web(arguments: list[str]) -> None:
    from uvicorn.main import main as uvicorn

    uvicorn(["dashboard.asgi:application", "--lifespan", "off", "--no-access-log", *arguments])


def _producer(arguments: list[str]) -> None:
    from tests.crash.producer import main as producer

    sys.argv = ["producer", *arguments]
    producer()


def _clerk(arguments: list[str]) -> None:
    from tests.crash.clerk import main as clerk

    clerk()


PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "consumer": _consumer,
    "intake": lambda arguments: _manage(["intake", *arguments]),
    "worker": lambda arguments: _celery(["worker", *arguments]),
    "beat": lambda arguments: _celery(["beat", *arguments]),
    "web": _web,
    "clerk": _clerk,
    "producer": _producer,
    "manage": _manage,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
