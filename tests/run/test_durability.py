"""No program of the office works on a PostgreSQL that forgets what it has confirmed."""

import os
import subprocess
import sys

import pytest

from dashboard.one_machine.programs import OFFICE
from tests.run.offices import PATIENCE, ROOT
from workflow_processor.durability import RISKS, complaint

SAFE = dict.fromkeys(RISKS, "on")


@pytest.mark.parametrize("name", RISKS)
def test_each_setting_that_is_off_is_named_with_what_it_risks(name: str) -> None:
    text = complaint({**SAFE, name: "off"})
    assert f"with {name} off, {RISKS[name]}" in text
    assert "ALLOW_UNSAFE_DATABASE=on" in text
    assert [other for other in RISKS if other in text] == [name]


def test_a_server_that_keeps_what_it_confirms_is_not_complained_of() -> None:
    assert complaint(SAFE) == ""
    assert complaint({**SAFE, "synchronous_commit": "remote_write"}) == ""


@pytest.mark.parametrize("program", OFFICE)
def test_no_program_starts_on_one_that_forgets(program: str) -> None:
    words = OFFICE[program].format(port=0).split()[1:]
    ended = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | {"ALLOW_UNSAFE_DATABASE": "off"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 1
    assert "PostgreSQL may lose what the office has acknowledged" in ended.stderr
    assert all(f"with {name} off" in ended.stderr for name in RISKS)
    assert "Traceback" not in ended.stderr
