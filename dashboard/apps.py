from typing import Any

from celery.signals import setup_logging
from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Dead Letter Office"

    def ready(self) -> None:
        setup_logging.connect(keep_logging, dispatch_uid="dashboard.logs")


def keep_logging(**_: Any) -> None:
    """Celery configures logging itself unless somebody listens here; Django has done it already."""
