"""`manage.py write_rules FOLDER --person NAME`: rules of staff from files, as that person."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.db import transaction

from workflow_processor.models import Mode, RepairRule
from workflow_processor.repair.definition import Definition, parse
from workflow_processor.repair.parameters import DefinitionError
from workflow_processor.rules import acts
from workflow_processor.rules.acts import SeenRule
from workflow_processor.rules.record import Refused


class Command(BaseCommand):
    help = (
        "Writes the rules in a folder, one file each, named like its rule. What is unchanged is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--person", required=True, help="who writes them: a user name")
        parser.add_argument(
            "--mode", choices=Mode.values, default=Mode.OFF, help="of rules that are new; others keep theirs"
        )

    def handle(self, *_: Any, folder: Path, person: str, mode: str, **__: Any) -> None:
        if not (author := User.objects.filter(username=person).first()):
            raise CommandError(f"Nobody is named {person}.")
        with transaction.atomic():
            for path in sorted(folder.glob("*.json")):
                try:
                    done = _write(author, path, Mode(mode))
                except (OSError, DefinitionError, Refused, PermissionDenied) as error:
                    raise CommandError(f"{path.name}: {error}") from None
                self.stdout.write(f"{path.stem}: {done}")


def _write(person: User, path: Path, mode: Mode) -> str:
    definition, reason = parse(path.read_bytes()), f"From {path.name}."
    rule = RepairRule.objects.filter(name=path.stem).first()
    if not rule:
        acts.create(person, path.stem, definition, mode=mode, reason=reason)
        return f"new, {mode}"
    return _rewrite(person, rule, definition, reason)


def _rewrite(person: User, rule: RepairRule, definition: Definition, reason: str) -> str:
    if parse(rule.versions.get(number=rule.number).definition) == definition:
        return "unchanged"
    changed = acts.change(person, SeenRule(rule.pk, rule.change), definition, reason)
    return f"version {changed.number}"
