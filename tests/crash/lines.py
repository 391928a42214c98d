"""Files of JSON lines that several processes write to and that outlive any of them."""

import os
from pathlib import Path
from typing import Any

import orjson


class Lines:
    """One file. A line is written in one step, so that no two of them mix."""

    def __init__(self, path: Path, *, flushed: bool) -> None:
        """`flushed`: each call returns when its lines are on the disk."""
        self.path = path
        self._flushed = flushed
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, *records: dict[str, Any]) -> None:
        os.write(self._file, b"".join(orjson.dumps(record) + b"\n" for record in records))
        if self._flushed:
            os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def read(path: Path) -> list[dict[str, Any]]:
    """The records, in the order in which they were written."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
