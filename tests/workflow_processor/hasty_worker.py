"""`python -m tests.workflow_processor.hasty_worker`: a real worker whose leases a test can wait for."""

from datetime import timedelta

import django

django.setup()

from workflow_processor import due  # noqa: E402
from workflow_processor.celery import app  # noqa: E402
from workflow_processor.repair import pipeline  # noqa: E402

pipeline.LEASE = timedelta(seconds=2)
due.LEFT_AFTER = timedelta()

if __name__ == "__main__":
    app.worker_main(["worker", "--concurrency=2", "--without-gossip", "--without-mingle"])
