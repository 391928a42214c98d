"""What the manual says is so."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from consumers.brokers import SCHEMES
from dashboard.environment import Environment
from dashboard.one_machine.programs import OFFICE

TOP = Path(__file__).parent.parent.parent
PARTS = ("consumers", "workflow_processor", "dashboard")
MANUAL, ON_CALL = ((TOP / "docs" / name).read_text() for name in ("operating.md", "on-call.md"))


def shown(field: FieldInfo) -> str:
    default: Any = field.default
    if field.is_required():
        return "required"
    if isinstance(default, bool):
        return "on" if default else "off"
    return ", ".join(default) if isinstance(default, list) else str(default if default is not None else "")


def rows(first: str, manual: str = MANUAL) -> Iterator[list[str]]:
    """The cells of the table whose first heading this is."""
    table = manual.split(f"| {first} |")[1].split("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_manual_lists_every_variable_with_what_it_wants_and_its_default() -> None:
    fields = Environment.model_fields.items()
    expected = [[f"`{name.upper()}`", field.description, shown(field)] for name, field in fields]
    assert list(rows("variable")) == expected


def bare(line: str) -> str:
    """A program's line without what each machine says for itself."""
    return re.sub(r" --(host|port|concurrency) \S+", "", line)


def test_the_manual_lists_the_programs_as_they_are_run() -> None:
    told = {name: command.strip("`") for name, command, _ in rows("program")}
    assert told == {name: bare(line) for name, line in OFFICE.items()}


def test_the_manual_lists_the_schemes_of_brokers() -> None:
    told = {scheme for cell, *_ in rows("scheme") for scheme in re.findall(r"`(\w+)`", cell)}
    assert told == set(SCHEMES) - {"memory"}


def test_the_manual_for_those_on_call_explains_each_event_of_the_logs() -> None:
    sources = [path for part in PARTS for path in (TOP / part).rglob("*.py") if "trading" not in path.parts]
    events = {event for path in sources for event in re.findall(r'\btold\(\s*"([\w-]+)"', path.read_text())}
    assert {cell.strip("`") for cell, *_ in rows("event", ON_CALL)} == events
