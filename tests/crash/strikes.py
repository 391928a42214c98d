"""How a test tells the processes of an office where to die, and hears that they did: by files in a folder.

A file named like a crash point arms it. Every passage counts, in whatever process it is, so that a process
which was started again is not killed again at the same passage.
"""

import os
import signal
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any


class Reach(StrEnum):
    """What a strike takes with it."""

    ALONE = "alone"
    """The process that passes. Where that is a worker's child, its parent starts another."""
    WHOLE = "whole"
    """The program with every process of it."""


class Strikes:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def arm(self, point: str, strikes: Iterable[tuple[int, Reach]]) -> None:
        """Strikes at these passages of the point, counted from 1 and from now."""
        self.disarm(point)
        self._write(point, "\n".join(f"{passage} {reach}" for passage, reach in strikes))

    def disarm(self, point: str) -> None:
        for name in (point, f"{point}.passed", f"{point}.struck"):
            (self._folder / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """No strikes and no sabotage from now on."""
        for path in self._folder.iterdir():
            path.unlink(missing_ok=True)

    def struck(self, point: str) -> int:
        """How often it has struck since it was armed."""
        return self._size(f"{point}.struck")

    def here(self, point: str) -> None:
        """Called by a process that passes the point. Does not return if this is a passage to die at."""
        armed = self._folder / point
        if not armed.exists():
            return
        passage = self._add(f"{point}.passed")
        for line in armed.read_text().splitlines():
            at, reach = line.split()
            if int(at) == passage:
                self._add(f"{point}.struck")
                _kill(Reach(reach))

    def misbehave(self, how: str, on: bool = True) -> None:
        """Turns a sabotage on or off."""
        if on:
            self._write(how, "")
        else:
            (self._folder / how).unlink(missing_ok=True)

    def misbehaving(self, how: str) -> bool:
        return (self._folder / how).exists()

    def _write(self, name: str, text: str) -> None:
        draft = self._folder / f"{name}.draft"
        draft.write_text(text)
        draft.rename(self._folder / name)

    def _add(self, name: str) -> int:
        """Adds one byte to a file in one step, and gives its length: which processes can count by."""
        file = os.open(self._folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, b".")
            return os.lseek(file, 0, os.SEEK_CUR)
        finally:
            os.close(file)

    def _size(self, name: str) -> int:
        path = self._folder / name
        return path.stat().st_size if path.exists() else 0


def _kill(reach: Reach) -> Any:
    if reach is Reach.WHOLE:
        os.killpg(os.getpgrp(), signal.SIGKILL)  # every program leads a group of its own
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()  # the signal is on its way
