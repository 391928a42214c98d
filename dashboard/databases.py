"""Addresses of servers in the forms that Django, Celery and Channels want."""

from typing import Any

from consumers.database import parameters


def django(url: str, pool: int) -> dict[str, Any]:
    """An entry of DATABASES for a libpq address; `pool` connections are kept, 0 for none."""
    parts = parameters(url, connect_timeout=10)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    entry: dict[str, Any] = {name: parts.pop(part, "") for name, part in names.items()}
    options: dict[str, Any] = {"application_name": "dead-letter-office"} | parts
    if pool:
        options["pool"] = {"min_size": min(2, pool), "max_size": pool, "timeout": 10}
    # A kept connection and a pool exclude each other; without a pool a process keeps its connection.
    return entry | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0 if pool else None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def redis(url: str) -> str:
    """Valkey speaks Redis' protocol, and libraries know it under that name alone."""
    return url.replace("valkey", "redis", 1) if url.startswith("valkey") else url
