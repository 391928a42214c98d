"""What the manual says is so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from dashboard.environment import Environment
from dashboard.one_machine.programs import OFFICE

MANUAL = (Path(__file__).parent.parent.parent / "docs" / "operating.md").read_text()


def shown(field: FieldInfo) -> str:
    default: Any = field.default
    if field.is_required():
        return "required"
    if isinstance(default, bool):
        return "on" if default else "off"
    return ", ".join(default) if isinstance(default, list) else str(default if default is not None else "")


def rows(first: str) -> Iterator[list[str]]:
    """The cells of the table whose first heading this is."""
    table = MANUAL.split(f"| {first} |")[1].split("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_manual_lists_every_variable_with_what_it_wants_and_its_default() -> None:
    fields = Environment.model_fields.items()
    expected = [[f"`{name.upper()}`", field.description, shown(field)] for name, field in fields]
    assert list(rows("variable")) == expected


def test_the_manual_lists_the_programs_as_they_are_run() -> None:
    for name, command, _ in rows("program"):
        assert OFFICE[name].startswith(command.strip("`").removesuffix(" --lifespan off"))
    assert [name for name, *_ in rows("program")] == list(OFFICE)
