"""The Celery app: `celery --broker= -A workflow_processor worker`, and `beat` likewise.

Tasks carry ids, never payloads. They run in pools whose tasks have the main thread: `prefork` and `solo`.
"""

import os
from functools import cached_property
from typing import Any

import click
from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.signals import (
    beat_init,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
)
from click.core import ParameterSource
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from consumers.broker import Broker
from consumers.brokers import connect
from workflow_processor.outage import Outage
from workflow_processor.schedule import SCHEDULE, TICKS, TICKS_LIVE

TASKS_OF_A_CONNECTION = 1_000
"""After so many a worker makes its connection to the database anew, and gives back what the old one held."""


def refuse_a_mistaken_broker() -> None:
    """Celery's command line takes BROKER_URL, the business broker's address, for its own, and puts it in the
    place of CELERY_BROKER_URL before our settings are read. Raises SystemExit when it has."""
    context = click.get_current_context(silent=True)
    if context and context.get_parameter_source("broker") is ParameterSource.ENVIRONMENT:
        raise SystemExit(
            "Celery would use BROKER_URL, the business broker, for its own messages. Say --broker= so that "
            "it uses CELERY_BROKER_URL: celery --broker= -A workflow_processor ..."
        )


refuse_a_mistaken_broker()


class OfficeTask(DjangoTask[Any, Any]):
    """A task that gives up quietly while the database is away: whatever it left undone, a sweep finds."""

    Request = "workflow_processor.requests:OfficeRequest"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        outage = app.database
        try:
            result = super().__call__(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            outage.begins(" ".join(str(error).split()))
            connection.close()
            return None
        if connection.connection:  # else the task did not need it, and tells nothing of it
            outage.ends()
        return result


class Office(Celery):
    """A Celery app with what each of its processes keeps: made at first use, so after the fork."""

    task_cls = "workflow_processor.celery:OfficeTask"

    @cached_property
    def business(self) -> Broker:
        """The connection to the business broker."""
        return connect(settings.BROKER_URL)

    @cached_property
    def relay(self) -> Any:
        from workflow_processor.relay import Relay

        return Relay(self.business)

    @cached_property
    def database(self) -> Outage:
        return Outage("database")

    def leave(self) -> None:
        """Closes what this process has opened."""
        if "business" in self.__dict__:
            self.business.close()


app = Office("workflow_processor")
app.config_from_object("django.conf:settings", namespace="CELERY")
kind = getattr(settings, "CELERY_TASK_DEFAULT_QUEUE_TYPE", "classic")
asked_for = settings.CELERY_TASK_DEFAULT_QUEUE
app.conf.update(
    # Two queues, so that a backlog of what is asked for does not keep back what is due every second.
    task_queues=[
        Queue(asked_for, routing_key=asked_for, queue_arguments={"x-queue-type": kind}),
        Queue(TICKS, routing_key=TICKS, message_ttl=TICKS_LIVE),
    ],
    # Celery would close the database's connection before and after each task; making one takes longer than
    # most ticks do.
    CELERY_DB_REUSE_MAX=TASKS_OF_A_CONNECTION,
    beat_schedule=SCHEDULE,
    beat_scheduler="workflow_processor.schedule:Scheduler",
    result_expires=None,
)
app.autodiscover_tasks()


@worker_init.connect
def check_rules(**_: Any) -> None:
    """A worker with a rule that cannot be used does not start, and says why in a line."""
    from workflow_processor.repair.discovery import rules

    try:
        rules()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None


@worker_init.connect
@beat_init.connect
def refuse_an_unsafe_database(**_: Any) -> None:
    """Neither starts on a PostgreSQL that forgets, and says why in a line."""
    from workflow_processor import durability

    durability.ask_now()


@beat_init.connect
def heed_signals(sender: Any, **_: Any) -> None:
    sender.scheduler.heed_signals()


@worker_process_init.connect
def settle(**_: Any) -> None:
    from workflow_processor import heap

    heap.settle()


@task_prerun.connect
def let_go_of_broken_connections(**_: Any) -> None:
    close_old_connections()


@worker_process_shutdown.connect
def leave(**_: Any) -> None:
    app.leave()
