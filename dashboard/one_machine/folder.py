"""The folder that holds everything of an office on one machine, `.data` unless DATA_DIR says otherwise."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from dashboard.one_machine import ports
from dashboard.one_machine.console import CannotStart


@dataclass(frozen=True)
class Secrets:
    """What nobody but the owner of the folder may read."""

    secret_key: str
    database_password: str
    broker_password: str
    administrator_password: str


@dataclass(frozen=True)
class Folder:
    """Paths below the folder. Servers of other accounts pass through; only the owner looks in."""

    root: Path

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """What only matters while the office runs."""
        return self.root / "run"

    @property
    def settings_file(self) -> Path:
        """The settings of the office that runs, for commands beside it."""
        return self.run / "settings.json"

    def log(self, program: str) -> Path:
        return self.logs / f"{program}.log"

    def make(self) -> None:
        """Raises CannotStart when the folder cannot be written."""
        try:
            self.root.mkdir(mode=0o711, parents=True, exist_ok=True)
            for part in (self.logs, self.run):
                part.mkdir(mode=0o700, exist_ok=True)
            (self.run / "writable").touch()
        except OSError as error:
            raise CannotStart(
                f"{self.root} cannot be written: {error.strerror}.\n"
                "Give it to the account that runs the office, or choose another folder with DATA_DIR."
            ) from error

    def secrets(self) -> Secrets:
        """Those of the first run."""
        if not self.secrets_file.exists():
            self._write_secrets(Secrets(*(secrets.token_urlsafe(size) for size in (64, 24, 24, 12))))
        return Secrets(**json.loads(self.secrets_file.read_text()))

    def port(self, server: str) -> int:
        """The port of a server: the one it had before, for addresses to stay good, unless it is taken."""
        file = self.root / "ports.json"
        known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        if server not in known or ports.taken(known[server]):
            file.write_text(json.dumps(known | {server: ports.free()}))
            return self.port(server)
        return known[server]

    def _write_secrets(self, made: Secrets) -> None:
        # Moved into place when it is on disk: half a file would lock everybody out of the data.
        draft = self.secrets_file.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(made), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.secrets_file)
