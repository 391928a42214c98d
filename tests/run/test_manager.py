"""The process manager, with small programs in the places of the office's."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboard.one_machine.console import CannotStart
from dashboard.one_machine.folder import Folder
from dashboard.one_machine.lock import locked
from dashboard.one_machine.manager import Manager
from dashboard.one_machine.programs import Program
from dashboard.one_machine.starting import await_manager, moments
from tests.run.offices import PATIENCE, until


def program(name: str, script: str) -> Program:
    return Program(name, ["/bin/sh", "-c", script], signal.SIGTERM, signal.SIGKILL)


@contextmanager
def managed(folder: Folder, *office: Program) -> Iterator[Manager]:
    folder.make()
    manager = Manager(folder, [], office)
    with locked(folder) as lock:
        try:
            manager.start(os.environ, lock)
            await_manager(manager)
            manager.start_office()
            yield manager
        finally:
            manager.stop()


def watch_it_start(manager: Manager) -> None:
    for _ in moments(manager, PATIENCE):
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "50% data")


def test_a_program_that_does_not_start_is_named_with_the_end_of_its_log(folder: Folder) -> None:
    broken = program("broken", "echo no luck; exit 3")
    with managed(folder, program("web", "sleep 60"), broken) as manager, pytest.raises(CannotStart) as said:
        watch_it_start(manager)
    assert str(said.value).startswith("broken did not start:\nno luck")


def test_a_program_that_ends_only_after_a_while_does_not_start_either(folder: Folder) -> None:
    late = program("late", "echo on my way; sleep 2.5; exit 3")
    with managed(folder, late) as manager, pytest.raises(CannotStart) as said:
        watch_it_start(manager)
    assert str(said.value).startswith("late did not start:\non my way")


def test_a_program_that_will_not_stop_is_killed(folder: Folder) -> None:
    with managed(folder, program("deaf", "trap '' TERM; echo deaf; while :; do sleep 0.1; done")) as manager:
        until(lambda: "deaf" in manager.logs["deaf"].tail(1), lambda: str(manager.states()))
        [state] = manager.states()
    with pytest.raises(ProcessLookupError):
        os.kill(state.process, 0)
