"""`python -m tests.workflow_processor.dying_worker`: works at operations and dies in the middle of the second
chunk, when it has been done and not yet been committed."""

import os
import signal
from typing import Any

import django

django.setup()

from workflow_processor.operations import outcomes, work  # noqa: E402

record, chunks = outcomes.record, 0


def die(*arguments: Any) -> None:
    global chunks
    record(*arguments)
    chunks += 1
    if chunks == 2:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    work.CHUNK = 20
    outcomes.record = die  # type: ignore[assignment]
    work.carry_on()
