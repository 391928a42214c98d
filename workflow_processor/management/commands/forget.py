"""`manage.py forget`: forgets what was resolved or discarded long ago."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from workflow_processor import retention


class Command(BaseCommand):
    help = "Forgets dead letters that were resolved or discarded long ago. Open ones and the audit log stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, required=True, help="keep what ended within so many days")
        parser.add_argument("--count", action="store_true", help="only say how many it would be")

    def handle(self, *, days: int, count: bool, **_: Any) -> None:
        if days < 0:
            raise CommandError("--days counts back from now: it is 0 or more.")
        ended_before = timezone.now() - timedelta(days=days)
        total = retention.forgettable(ended_before)
        if count:
            self.stdout.write(f"{total:,} dead letters ended more than {days} days ago.")
            return
        gone = 0
        while removed := retention.forget(ended_before):
            gone += removed
            self.stdout.write(f"{gone:,} of {total:,}", ending="\r")
            self.stdout.flush()
        self.stdout.write(f"{gone:,} dead letters are forgotten.")
