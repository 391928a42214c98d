"""What of the programs' logs a person at the terminal should see."""

import re
from pathlib import Path

IMPORTANT = re.compile(
    r"\[(warning|error|critical) *\]"  # the office's lines in their console form
    r'|"level": ?"(warning|error|critical)"'  # and as JSON
    r"|^\S+ \S+ (WARNING|ERROR|CRITICAL) "  # those of consumers
)
# To delegate is what consumers do all day; what comes of it is on the dashboard.
ORDINARY = re.compile(r"consumers\.reporting delegating ")


class Log:
    """The log of one program, from where it stood when we began to follow it."""

    def __init__(self, program: str, path: Path) -> None:
        self.program = program
        self.path = path
        self._begin = self._read_to = path.stat().st_size if path.exists() else 0

    def important(self) -> list[str]:
        """The new lines that matter: warnings and worse. Their tracebacks are in the log."""
        return [line for line in self._new() if IMPORTANT.search(line) and not ORDINARY.search(line)]

    def tail(self, lines: int) -> list[str]:
        """The last lines since we began."""
        return self._from(self._begin).decode(errors="replace").splitlines()[-lines:]

    def _new(self) -> list[str]:
        whole = self._from(self._read_to).rpartition(b"\n")[0]
        self._read_to += len(whole)
        return whole.decode(errors="replace").splitlines()

    def _from(self, position: int) -> bytes:
        if not self.path.exists():
            return b""
        if self.path.stat().st_size < position:  # a new file, after the old one was put away
            self._begin = self._read_to = position = 0
        with self.path.open("rb") as file:
            file.seek(position)
            return file.read()
