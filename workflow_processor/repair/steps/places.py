"""Steps that are about members of JSON objects, each by its name."""

from collections.abc import Sequence

from workflow_processor.repair.outcomes import NothingToDo
from workflow_processor.repair.texts.document import Document
from workflow_processor.repair.texts.json_text import Found, JsonText
from workflow_processor.repair.texts.paths import EVERY, Path


def must_name_member(path: Path) -> None:
    """Raises ValueError where the path ends in anything but a name. An item goes by its number, and when it
    is gone the next one has that number: doing it twice would not be doing it once."""
    if not isinstance(path.name, str):
        raise ValueError(f"{path} does not end in the name of a member")


def must_be_one(path: Path) -> None:
    """Raises ValueError where the path may name several places."""
    if EVERY in path.parts:
        raise ValueError(f"{path} may name several places, and this step is about one")


def members(document: Document, path: Path) -> tuple[JsonText, Sequence[Found]]:
    """The members that the path leads to, one at least. Raises NothingToDo or Cannot."""
    assert isinstance(document, JsonText)  # noqa: S101  # the definition was checked for it
    found = document.found(path)
    if not found:
        raise NothingToDo(f"there is no {path}")
    return document, found
