"""`manage.py add_person ada --role clerk`: an account for somebody who works here."""

from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction

from workflow_processor.roles import ROLES


class Command(BaseCommand):
    help = "Creates an account for a person, and asks for its password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what they sign in as")
        parser.add_argument(
            "--role", action="append", choices=list(ROLES), required=True, help="one or several times"
        )

    def handle(self, *, name: str, role: list[str], **_: Any) -> None:
        person = User(username=name)
        try:
            person.clean_fields(exclude=["password"])
            password = getpass(f"Password for {name}: ")
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        person.set_password(password)
        try:
            with transaction.atomic():
                person.save()
                person.groups.set(Group.objects.filter(name__in=role))
        except IntegrityError:
            raise CommandError(f"There is already a person named {name}.") from None
        self.stdout.write(f"{name} can sign in now, as {', '.join(role)}.")
