"""Rules of staff that do harm: eleven that the language of rules lets one say, nine with steps that are
broken as no step of ours should be, and one that nothing but the end of its process ends.

    python -m tests.workflow_processor.hostile     a real worker that knows them
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, cast

import django

django.setup()

from workflow_processor.repair.steps.registry import STEPS  # noqa: E402
from workflow_processor.repair.steps.step import Step  # noqa: E402
from workflow_processor.repair.steps.work import Work  # noqa: E402
from workflow_processor.repair.texts.plain import Plain  # noqa: E402

TRIM = {"do": "trim", "at": "shares"}
AGAIN = ", ".join(
    [
        f'{{"op": "add", "path": "/again", "value": "{"x" * 3_000}"}}',
        *[f'{{"op": "copy", "from": "", "path": "/again{at}"}}' for at in range(8)],
    ]
)


def when(**conditions: str) -> dict[str, Any]:
    return {"when": conditions, "then": [TRIM]}


def does(**step: Any) -> dict[str, Any]:
    return {"when": {"queue": "*"}, "then": [step]}


SAID = {
    "catastrophic condition": when(error_matches="(a|aa)+(b|bb)*c$"),
    "long walk": when(condition="body.items.all(i, body.pad.contains(string(i)))"),
    "attributes of objects": when(condition="body.__class__.__mro__[1].__subclasses__ == 1"),
    "catastrophic pattern": does(do="replace", at="pad", find="(x+x+)+y", by="z", pattern=True),
    "every letter by many": does(do="replace", at="pad", find="x", by="y" * 3_000),
    "doubling": does(do="value", at="pad", expression="body.pad + body.pad + body.pad + body.pad"),
    "globals": does(do="value", at="shares", expression="headers.__globals__.os.environ"),
    "itself within itself": does(do="patch", patch=f"[{AGAIN}]"),
    "number of everything": does(do="take_number", at="$"),
    "every item at once": does(do="to_boolean", at="items[*]"),
    "dates of anything": does(do="parse_date", at="shares", **{"from": "DD.MM.YYYY", "to": "YYYY-MM-DD"}),
}


def hangs(work: Work) -> Work:
    while True:
        pass


def hangs_and_swallows(work: Work) -> Work:
    while True:
        try:
            time.sleep(60)
        except Exception:
            continue


def leaves(work: Work) -> Work:
    raise SystemExit(3)


def runs_out_of_memory(work: Work) -> Work:
    raise MemoryError


def recurses(work: Work) -> Work:
    return recurses(work)


def grows(work: Work) -> Work:
    return replace(work, made=Plain("x" * 20_000_000))


def raises_what_cannot_be_told(work: Work) -> Work:
    class Odd(Exception):
        def __str__(self) -> str:
            raise Odd

    raise Odd


def gives_nothing(work: Work) -> Work:
    return None  # type: ignore[return-value]


def takes_our_name(work: Work) -> Work:
    return replace(work, properties=work.properties.with_headers({"dlo-attempt": "7"}))


def hangs_where_no_signal_reaches(work: Work) -> Work:
    sum(repeat(0))
    return work


BROKEN: dict[str, Callable[[Work], Work]] = {
    step.__name__: step
    for step in (
        hangs,
        hangs_and_swallows,
        leaves,
        runs_out_of_memory,
        recurses,
        grows,
        gives_nothing,
        takes_our_name,
        raises_what_cannot_be_told,
    )
}


def _step(called: str, does: Callable[[Work], Work]) -> type[Step]:
    @dataclass(frozen=True)
    class Broken(Step):
        name = called
        label = "Does harm"
        touched = ()

        def words(self) -> str:
            return called.replace("_", " ")

        def done(self, work: Work) -> Work:
            return does(work)

    return Broken


FATAL = "hangs_where_no_signal_reaches"
RULES = SAID | {name: does(do=name) for name in BROKEN}


@contextmanager
def known() -> Iterator[None]:
    """Where the broken steps are steps like any other."""
    steps = cast(dict[str, type[Step]], STEPS)
    broken = {**BROKEN, FATAL: hangs_where_no_signal_reaches}
    steps.update({name: _step(name, does) for name, does in broken.items()})
    try:
        yield
    finally:
        for name in broken:
            del steps[name]


if __name__ == "__main__":
    from datetime import timedelta

    from workflow_processor import due
    from workflow_processor.celery import app

    due.LEFT_AFTER = timedelta()
    with known():
        app.worker_main(["worker", "--concurrency=2", "--without-gossip", "--without-mingle"])
