"""The office on one machine: what it is told by the person, and what it makes for itself."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dashboard import environment
from dashboard.environment import Environment
from dashboard.one_machine.console import CannotStart, say
from dashboard.one_machine.folder import Folder, Secrets
from dashboard.one_machine.postgres import Postgres
from dashboard.one_machine.valkey import Valkey

VALKEY_DATABASES = {"BROKER_URL": 0, "CELERY_BROKER_URL": 1, "CHANNEL_URL": 2}


@dataclass(frozen=True)
class Machine:
    """Everything that is decided before anything starts."""

    folder: Folder
    secrets: Secrets
    servers: list[Postgres | Valkey]
    environment: Environment

    @property
    def broker(self) -> str:
        """Where consumers find the business broker; the person's own is not shown, with its password."""
        ours = [one.url(0) for one in self.servers if isinstance(one, Valkey)]
        return self.environment.broker_url if self.environment.broker_url in ours else "yours, BROKER_URL"


def folder() -> Folder:
    """Where everything is kept. Asked before the environment is complete, since it completes it."""
    return Folder(Path(os.environ.get("DATA_DIR") or ".data").resolve())


def plan(folder: Folder) -> Machine:
    """Complete the environment, of this process and so of its children, with what the person left open.

    Leaves with a line on stderr when the person's part of it is wrong.
    """
    secrets = folder.secrets()
    made = {"SECRET_KEY": secrets.secret_key, "EXAMPLE": "on", "DATA_DIR": str(folder.root)}
    servers: list[Postgres | Valkey] = []
    given = {name for name, value in os.environ.items() if value}
    if "DATABASE_URL" not in given:
        postgres = Postgres(folder.root / "postgresql", folder.port("postgresql"), secrets.database_password)
        made["DATABASE_URL"] = postgres.url
        servers.append(postgres)
    if missing := VALKEY_DATABASES.keys() - given:
        valkey = Valkey(folder.root / "valkey", folder.port("valkey"), secrets.broker_password)
        made |= {name: valkey.url(VALKEY_DATABASES[name]) for name in missing}
        servers.append(valkey)
    os.environ |= {name: value for name, value in made.items() if name not in given}
    return Machine(folder, secrets, servers, environment.read())


def make_data(machine: Machine) -> None:
    """Make the servers' data at the first run. Raises CannotStart."""
    for server in machine.servers:
        if not server.folder.exists():
            say(f"Creating the data of {server.name} in {server.folder}")
        try:
            opened = server.prepare()
        except subprocess.CalledProcessError as error:
            raise CannotStart(f"{server.name} cannot create its data:\n{error.stdout}") from error
        if opened:
            say(f"Gave the account {server.account} of {server.name} access to {', '.join(opened)}")
