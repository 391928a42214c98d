"""The environment variables of the office: what each wants, checked once at the start of every process."""

import sys
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, BeforeValidator, DirectoryPath, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from consumers.brokers import connect

VALKEY = ("valkey", "valkeys", "redis", "rediss")
RABBITMQ = ("amqp", "amqps")


def url(*schemes: str) -> AfterValidator:
    """A validator for addresses of these schemes that name a host."""

    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
            raise ValueError("not such an address")
        return value

    return AfterValidator(check)


def origin(value: str) -> str:
    """Accept scheme, host and port: what a browser sends as Origin, and nothing after it."""
    value = value.rstrip("/")
    parts = urlsplit(value)
    bare = value == f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in ("http", "https") or not parts.hostname or not bare:
        raise ValueError("not such an address")
    return value


def business(value: str) -> str:
    """Accept what the broker's adapter accepts; it connects only when it is used."""
    connect(value).close()
    return value


def postgresql(value: str) -> str:
    """Accept what libpq accepts as an address of a database."""
    try:
        parts = conninfo_to_dict(value)
    except ProgrammingError:
        parts = {}
    # libpq looks at a port when it connects, which would be waited for for ever. Several hosts have one each.
    ports = filter(None, str(parts.get("port", "")).split(","))
    usable = "dbname" in parts and all(port.isdecimal() and 0 < int(port) < 65_536 for port in ports)
    if not value.startswith(("postgresql://", "postgres://")) or not usable:
        raise ValueError("not such an address")
    return value


def commas(value: object) -> object:
    """Split `a, b` at its commas; nothing is an empty list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def zone(value: str) -> str:
    """Accept a name of the time zone database."""
    try:
        return ZoneInfo(value).key
    except (KeyError, OSError) as error:
        raise ValueError("no such time zone") from error


Names = Annotated[list[str], BeforeValidator(commas)]


class Environment(BaseSettings):
    """One field a variable. Its description is what the variable wants, in messages and in the manual."""

    model_config = SettingsConfigDict(enable_decoding=False, env_ignore_empty=True, hide_input_in_errors=True)

    secret_key: SecretStr = Field(
        min_length=50, description="at least 50 random characters that only this office knows; signs sessions"
    )
    database_url: Annotated[str, AfterValidator(postgresql)] = Field(
        repr=False, description="the database: postgresql://user:password@host:5432/name"
    )
    broker_url: Annotated[str, url(*VALKEY, *RABBITMQ), AfterValidator(business)] = Field(
        repr=False, description="the business broker: amqp://user:password@host:5672/ or valkey://host:6379/0"
    )
    celery_broker_url: Annotated[str, url(*VALKEY, *RABBITMQ)] = Field(
        repr=False, description="Celery's broker: amqp://user:password@host:5672/ or valkey://host:6379/1"
    )
    channel_url: Annotated[str, url(*VALKEY)] = Field(
        repr=False, description="the channel layer of live pages: valkey://host:6379/2"
    )
    public_url: Annotated[list[Annotated[str, AfterValidator(origin)]], BeforeValidator(commas)] = Field(
        default=[],
        description="the addresses people type, commas between: https://office.example.com; "
        "empty: this machine at PORT",
    )
    allowed_hosts: Names = Field(
        default=[],
        description="host names that requests may carry, commas between; empty: those of PUBLIC_URL",
    )
    behind_proxy: bool = Field(
        default=False, description="on or off; on when a proxy in front always sets X-Forwarded-Proto itself"
    )
    debug: bool = Field(default=False, description="on or off; on shows tracebacks in the browser")
    example: bool = Field(default=False, description="on or off; on adds the trading example")
    rules: Names = Field(
        default=["workflow_processor.repair.rules"],
        description="Python modules or packages with repair rules, commas between",
    )
    schemas: DirectoryPath | None = Field(
        default=None, description="a folder with JSON Schemas of message types, a file each: order.json"
    )
    undo_seconds: float = Field(
        default=5, ge=0, le=3600, description="how long a requeue can be undone: seconds, 0 to 3600"
    )
    retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="after how many days what is resolved or discarded is forgotten; 0: never",
    )
    database_pool: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="connections that a web process keeps open, 1 to 1000; the other processes want 0",
    )
    allow_unsafe_database: bool = Field(
        default=False,
        description="on or off; on works on a PostgreSQL that may lose messages, with fsync, "
        "full_page_writes or synchronous_commit off",
    )
    port: int = Field(default=8000, ge=1, le=65535, description="the port that `make run` serves: 1 to 65535")
    data_dir: Path = Field(
        default=Path(".data"),
        description="the folder for collected static files, and for all that `make run` keeps",
    )
    time_zone: Annotated[str, AfterValidator(zone)] = Field(
        default="UTC", description="a name of the time zone database: Europe/Berlin"
    )
    log_format: Literal["console", "json"] = Field(default="console", description="console or json")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="DEBUG, INFO, WARNING or ERROR"
    )

    @property
    def origins(self) -> list[str]:
        """The addresses that browsers know the office by."""
        return self.public_url or [f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"]


def read() -> Environment:
    """Read the environment, or leave with one line on stderr for each variable that is wrong."""
    try:
        return Environment()
    except ValidationError as error:
        sys.stderr.writelines(complaints(error))
        # Exit code 2: as for wrong arguments. An exception would reach people as a traceback.
        raise SystemExit(2) from None


def complaints(error: ValidationError) -> list[str]:
    """Say for each wrong variable what it wants; never what it holds, which may be a password."""
    wrong = {str(item["loc"][0]): item["type"] == "missing" for item in error.errors(include_input=False)}
    return [
        f"{name.upper()} {'is not set' if missing else 'has a wrong value'}. "
        f"Expected: {Environment.model_fields[name].description}\n"
        for name, missing in wrong.items()
    ]
