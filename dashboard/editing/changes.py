"""One change to many messages: from the form's fields to a definition, and what it would make of them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from dashboard.editing.differences import Sides, differences
from workflow_processor.models import DeadLetter, RepairRule, State
from workflow_processor.portions import in_portions
from workflow_processor.repair import cases
from workflow_processor.repair.definition import parse, to_json
from workflow_processor.repair.staff_rule import Invalid, Repaired, StaffRule
from workflow_processor.rules import book

SHOWN = 5
PORTION = 50
"""Messages that are tried before the clock is looked at."""
SECONDS = 2.0
"""For so long messages are tried while the person waits."""
WHYS = 8
SEPARATORS = {"commas": ",", "semicolons": ";", "tabs": "\t"}
"""What may part the columns of delimited lines."""


class Tried(NamedTuple):
    """A message that the change can be made to."""

    id: UUID
    differences: list[Sides]


class Preview(NamedTuple):
    """What the change would make of the newest messages: of all of them, if there was the time."""

    shown: list[Tried]
    checked: int
    changed: int
    cannot: list[tuple[str, int]]
    """Why it cannot be made, and to how many; the most frequent reasons."""
    mark: str
    """Of the parameters that were tried."""

    @property
    def left(self) -> int:
        """To how many of those that were tried it cannot be made."""
        return self.checked - self.changed


def read(fields: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of an edit. Raises ValueError with every problem that the fields have."""
    definition = _saved(fields) if fields.get("change") == "rule" else _written(fields)
    return {"definition": to_json(parse(definition)), "send": fields.get("send") == "on"}


def mark(parameters: Mapping[str, Any]) -> str:
    """Differs for other parameters."""
    return sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def preview(parameters: Mapping[str, Any], letters: QuerySet[DeadLetter]) -> Preview:
    """Tries the newest first, for as long as a person waits."""
    rule = StaffRule(parse(parameters["definition"]), "", 0, book.current().surroundings)
    shown: list[Tried] = []
    cannot: Counter[str] = Counter()
    checked = 0
    for looked in _looked(letters, monotonic() + SECONDS):
        case, checked = looked.case, checked + 1
        match rule.attempt(case.failed, case.return_address):
            case Repaired(message, address):
                if len(shown) < SHOWN:
                    before = case.failed.message
                    sides = differences(before, message, case.return_address, address or case.return_address)
                    shown.append(Tried(looked.id, sides))
            case Invalid(problems=problems):
                cannot[f"It would not be valid: {'; '.join(problems)}"] += 1
            case obstacle:
                cannot[_sentence(obstacle.why)] += 1
    return Preview(shown, checked, checked - cannot.total(), cannot.most_common(WHYS), mark(parameters))


def _sentence(why: str) -> str:
    """Without the place in the body, which differs from one to the next."""
    reason = re.sub(r" \([^()]*\)$", "", why)
    return f"{reason[:1].upper()}{reason[1:]}."


def _looked(letters: QuerySet[DeadLetter], until: float) -> Iterator[cases.Looked]:
    for portion in in_portions(_newest(letters), lambda row: row.size, most=PORTION):
        if monotonic() >= until:
            return
        yield from reversed(cases.look([row.id for row in portion]))


def _newest(letters: QuerySet[DeadLetter]) -> Iterator[Any]:
    rows = letters.filter(state=State.PARKED).order_by("-id").values_list("id", "size", named=True)
    page = list(rows[:PORTION])
    while page:
        yield from page
        page = list(rows.filter(id__lt=page[-1].id)[:PORTION])


def _saved(fields: Mapping[str, str]) -> str:
    rule = RepairRule.objects.filter(pk=int(fields.get("rule") or 0)).first()
    if not rule:
        raise ValueError("Choose a rule.")
    return rule.versions.get(number=rule.number).definition


def _written(fields: Mapping[str, str]) -> dict[str, Any]:
    steps: dict[str, dict[str, Any]] = {
        "set": {"do": "set", "at": fields.get("at", ""), "value": fields.get("value", "")}
        | {"as": fields.get("as", "text")},
        "patch": {"do": "patch", "patch": fields.get("patch", "")},
    }
    if fields.get("change") not in steps:
        raise ValueError("Choose what to change.")
    lines = SEPARATORS.get(fields.get("body", ""))
    body = {"as": "lines", "separator": lines} if lines else {"as": "json"}
    return {"when": {"queue": "*"}, "body": body, "then": [steps[fields["change"]]]}
