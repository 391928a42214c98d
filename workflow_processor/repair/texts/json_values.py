"""Values as JSON spells them."""

import json
from collections.abc import Sequence
from typing import Any

from workflow_processor.repair.outcomes import Cannot
from workflow_processor.repair.texts.document import Value, encodable, twice
from workflow_processor.repair.texts.json_find import refused
from workflow_processor.repair.texts.json_scan import ARRAY, BOOLEAN, NULL, NUMBER_KIND, OBJECT, STRING


def spelled(value: Value) -> str:
    """The value as JSON."""
    return quoted(value.text) if value.kind == STRING else value.text


def quoted(characters: str) -> str:
    """The text as a JSON string."""
    # What was escaped because no encoding can hold it stays escaped.
    return json.dumps(characters, ensure_ascii=not encodable(characters))


def kind_of(spelled: str) -> str:
    """What kind of value is spelled so."""
    kinds = {'"': STRING, "[": ARRAY, "{": OBJECT, "t": BOOLEAN, "f": BOOLEAN, "n": NULL}
    return kinds.get(spelled[0], NUMBER_KIND)


def plain(spelled: str) -> Any:
    """JSON as plain values, as expressions can hold them. Raises ValueError, and Cannot where a key stands
    twice."""
    return json.loads(
        spelled,
        parse_int=_integer,
        parse_float=_decimal,
        parse_constant=refused,
        object_pairs_hook=_members,
    )


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Cannot(f"there is more than one {twice(name for name, _ in pairs)}")
    return members


def _integer(spelled: str) -> int | str:
    """A whole number of 64 bits; a larger one as its text, for no number of expressions can hold it."""
    return number if len(spelled) < 20 and -(2**63) <= (number := int(spelled)) < 2**63 else spelled


def _decimal(spelled: str) -> float | str:
    return number if (number := float(spelled)) not in (float("inf"), float("-inf")) else spelled
