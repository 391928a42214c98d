"""`manage.py seed 100000`: an office with many dead letters, for trying it out and for measuring."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand

from workflow_processor.models import DeadLetter, Source
from workflow_processor.seeding import seed


class Command(BaseCommand):
    help = "Fill an empty office with dead letters of every state, size and age, with their figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, help="how many")

    def handle(self, *_: Any, number: int, **__: Any) -> None:
        if number < 1:
            raise CommandError("At least one.")
        if DeadLetter.objects.exists() or Source.objects.exists():
            raise CommandError(
                "This office has dead letters or sources already. Only an empty one is seeded."
            )
        seed(number, self.stdout.write)
