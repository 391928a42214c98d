"""The trading example with rules of staff alone: its Python rules are off, and the same is repaired."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from consumers.envelope import Delegated
from consumers.failure import Failure
from consumers.fields import FieldProperties
from consumers.message import Message
from consumers.repair import Rule
from consumers.trading.parse import parse
from consumers.trading.trades import Order, Way, orders
from tests.workflow_processor.letters import letters, take_in
from tests.workflow_processor.staff import person
from workflow_processor.models import RepairRule, Revision
from workflow_processor.repair import pipeline
from workflow_processor.repair.discovery import find

pytestmark = pytest.mark.django_db
FOLDER = Path("consumers/trading/staff_rules")


def write(*arguments: str, folder: Path = FOLDER) -> str:
    said = StringIO()
    call_command("write_rules", str(folder), "--person=ada", *arguments, stdout=said)
    return said.getvalue()


def failures(number: int) -> list[tuple[Order, Delegated]]:
    """Orders that cannot be parsed, as the example's consumer hands them over."""
    found = []
    for order in islice(orders(9, Fraction(1, 2)), number):
        properties = FieldProperties.build({}, message_id=order.message_id, content_type=order.content_type)
        message = Message(order.body, properties)
        try:
            parse(message)
        except Exception as error:
            failure = Failure.of(error, "placement")
        else:
            continue
        found.append((order, Delegated(message, failure, "trades", "placement", "trades")))
    return found


def repaired(given: Sequence[Delegated], rules: Sequence[Rule]) -> list[tuple[str, bytes]]:
    """What becomes of each: its state, and the body it has then."""
    ids = take_in(*given)
    pipeline.repair(ids, rules)
    bodies = {
        revision.dead_letter_id: bytes(revision.body)
        for revision in Revision.objects.filter(dead_letter_id__in=ids).order_by("number")
    }
    return [(letter.state, bodies[letter.id]) for letter in letters(ids)]


def test_rules_of_staff_repair_the_same_as_the_python_rules_do() -> None:
    by_python = repaired([one for _, one in failures(600)], find(["consumers.trading.repair_rules"]))
    # The same once more, as other messages of another consumer.
    again = [replace(one, subscriber="again") for _, one in failures(600)]
    person()
    write("--mode=automatic")
    by_staff = repaired(again, [])
    assert by_staff == by_python
    ways = {order.way: state for (order, _), (state, _) in zip(failures(600), by_staff, strict=True)}
    mended = {way for way, state in ways.items() if state == "requeued"}
    assert mended == {Way.SHARE_QUANTITY, Way.WRONG_SIDE}


def test_rules_are_written_from_a_folder_once_and_again_as_a_version_when_they_change(tmp_path: Path) -> None:
    person()
    assert write().splitlines() == [f"{path.stem}: new, off" for path in sorted(FOLDER.glob("*.json"))]
    assert {line.rpartition(": ")[2] for line in write().splitlines()} == {"unchanged"}
    changed = tmp_path / "side-in-json.json"
    changed.write_text((FOLDER / changed.name).read_text().replace('"UBY": "BUY", ', ""))
    assert write(folder=tmp_path) == "side-in-json: version 2\n"
    assert RepairRule.objects.get(name="side-in-json").versions.latest("number").author == "ada"
    changed.write_text("{}")
    with pytest.raises(CommandError, match=r"side-in-json\.json: "):
        write(folder=tmp_path)
    with pytest.raises(CommandError, match="Nobody is named grace"):
        write("--person=grace")
