"""What a person reads who runs the office on one machine."""

import sys
import time
from contextlib import suppress

started = time.monotonic()


class CannotStart(Exception):
    """The office cannot start. The text says what is wrong and what to do."""


def say(text: str) -> None:
    """One step, with the seconds since the start before it."""
    show(f"{time.monotonic() - started:5.1f} s  {text}")


def show(text: str) -> None:
    """Text as it is. A terminal that was closed must not keep the office from stopping in order."""
    with suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
