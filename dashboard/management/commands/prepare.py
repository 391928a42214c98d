"""`manage.py prepare`: what has to be done before the office starts, each time its code has changed."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from consumers.brokers import connect
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER
from consumers.errors import BrokerUnavailable
from workflow_processor import roles
from workflow_processor.repair.discovery import rules
from workflow_processor.rules import acts
from workflow_processor.rules.schema_folder import SchemaFolderError, read_folder
from workflow_processor.waiting import wait_for_database

PASSWORD = "DJANGO_SUPERUSER_PASSWORD"  # noqa: S105 -- the variable that Django's createsuperuser reads


class Command(BaseCommand):
    help = (
        "Check the rules, wait for the database, migrate it, make roles and the intake queue, read schemas, "
        "collect static files."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--administrator",
            action="store_true",
            help=f"make the user admin with the password in {PASSWORD}, unless there is an administrator",
        )

    def handle(self, *_: Any, administrator: bool, **__: Any) -> None:
        self._check_rules()
        wait_for_database(migrated=False)
        call_command("migrate", interactive=False, verbosity=1)
        self._check_names()
        roles.establish()
        self._read_schemas()
        self._make_intake_queue()
        call_command("collectstatic", interactive=False, verbosity=0)
        if administrator and not get_user_model().objects.filter(is_superuser=True).exists():
            self._make_administrator()

    def _check_rules(self) -> None:
        try:
            rules()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None

    def _check_names(self) -> None:
        if names := acts.taken_twice():
            raise CommandError(f"RULES: a rule of staff is named {names[0]} as well. Rename the Python rule.")

    def _read_schemas(self) -> None:
        try:
            new = read_folder(settings.SCHEMAS) if settings.SCHEMAS else []
        except SchemaFolderError as error:
            raise CommandError(f"SCHEMAS: {error}") from None
        if new:
            self.stdout.write(f"New schemas: {', '.join(new)}")

    def _make_intake_queue(self) -> None:
        """So that a consumer can delegate before the first intake has started. That makes it, too."""
        try:
            with connect(settings.BROKER_URL) as broker:
                broker.declare(INTAKE_QUEUE, INTAKE_SUBSCRIBER)
        except BrokerUnavailable as error:
            self.stdout.write(f"{INTAKE_QUEUE} is made once the broker answers. {error}")

    def _make_administrator(self) -> None:
        if PASSWORD not in os.environ:
            raise CommandError(f"{PASSWORD} is not set. Set it to the password of the first administrator.")
        get_user_model().objects.create_superuser("admin", password=os.environ[PASSWORD])
