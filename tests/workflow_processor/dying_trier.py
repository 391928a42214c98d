"""`python -m tests.workflow_processor.dying_trier`: a real worker, in a session of its own, all of whose
processes die in the middle of the second chunk of a dry run: it is written, and not yet committed."""

import os
import signal
from datetime import timedelta
from typing import Any

import django

django.setup()

from workflow_processor.celery import app  # noqa: E402
from workflow_processor.rules import dry_run_progress, dry_running  # noqa: E402

keep, chunks = dry_run_progress._keep, 0


def die(*arguments: Any) -> None:
    global chunks
    keep(*arguments)
    chunks += 1
    if chunks == 2:
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    dry_running.CHUNK = 10
    dry_run_progress.LEASE = timedelta(seconds=2)
    dry_run_progress._keep = die  # type: ignore[assignment]
    app.worker_main(["worker", "--concurrency=1", "--without-gossip", "--without-mingle"])
