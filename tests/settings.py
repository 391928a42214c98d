"""Settings of a production office, for what reads settings and touches no server: mypy and the checks."""

import os

PRODUCTION = {
    "SECRET_KEY": "only-for-checks-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "DATABASE_URL": "postgresql://office:secret@database.example/office",
    "BROKER_URL": "amqp://office:secret@rabbitmq.example:5672/",
    "CELERY_BROKER_URL": "amqp://office:secret@rabbitmq.example:5672/celery",
    "CHANNEL_URL": "valkey://valkey.example:6379/0",
    "PUBLIC_URL": "https://office.example.com",
    "BEHIND_PROXY": "on",
}
os.environ.update(PRODUCTION)

from dashboard.settings import *  # noqa: E402, F403
