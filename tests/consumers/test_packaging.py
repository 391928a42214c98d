"""The package that other services install: what it needs."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
WANTED = [
    *PROJECT["dependencies"],
    *(one for extra in PROJECT["optional-dependencies"].values() for one in extra),
]


def imported() -> Iterator[str]:
    for path in (TOP / "consumers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (name.name.split(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.split(".")[0]


def test_it_needs_what_its_modules_import_and_nothing_else() -> None:
    needed = {re.split(r"\W", one)[0] for one in WANTED}
    assert needed == set(imported()) - set(sys.stdlib_module_names) - {"consumers"}


def test_it_admits_the_versions_that_the_office_is_tried_with() -> None:
    pinned = set(re.findall(r"^(\w+)(?:\[.*\])?==(\d+)", (TOP / "requirements.txt").read_text(), re.M))
    assert {re.match(r"(\w+).*?>=(\d+)", one).groups() for one in WANTED} <= pinned  # type: ignore[union-attr]
