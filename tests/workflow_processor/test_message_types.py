"""The catalogue of message types: told by header or field, their schemas in versions, coercions by switch."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from tests.workflow_processor import staff
from tests.workflow_processor.letters import failed, letters, take_in
from tests.workflow_processor.staff import definition, person
from workflow_processor.models import AuditEntry, MessageType, Mode, Revision, SchemaVersion
from workflow_processor.repair import pipeline
from workflow_processor.rules import book, message_types
from workflow_processor.rules.message_types import SeenType, Told
from workflow_processor.rules.record import ChangedMeanwhile, Refused
from workflow_processor.rules.schema_folder import SchemaFolderError, read_folder

pytestmark = pytest.mark.django_db
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"shares": {"type": "integer"}, "side": {"enum": ["BUY", "SELL"]}},
        "required": ["shares"],
    }
)
JSON = {"as": "json"}
ORDER = Told("trades", header="kind", value="order")


def kind(name: str = "order", told: Told = ORDER) -> MessageType:
    return message_types.create(person(), name, told)


def seen(one: MessageType) -> SeenType:
    one.refresh_from_db()
    return SeenType(one.pk, one.change)


def order(body: bytes) -> list[Revision]:
    """What becomes of an order with this body."""
    ids = take_in(failed(body, headers={"kind": "order"}))
    pipeline.repair(ids, [])
    return list(Revision.objects.filter(dead_letter_id__in=ids).order_by("number"))


def test_a_type_is_told_by_header_then_by_field_and_last_by_its_queue() -> None:
    kind("any", Told("trades"))
    kind("cancellation", Told("trades", field="order.kind", value="cancel"))
    kind()
    kind("elsewhere", Told("orders"))
    told: dict[bytes, str] = {}
    for body, headers in (
        (b"{}", {"kind": "order"}),
        (b'{"order": {"kind": "cancel"}}', {"kind": "x"}),
        (b"A1,BUY", {"desk": "7"}),
        (b'{"order": {"kind": "order"}}', {"kind": "order"}),
    ):
        [id] = take_in(failed(body, headers=headers))
        staff.rule(f"rule {len(told)}", definition(when={"message_type": "nothing"}))
        pipeline.repair([id], [])
        details = letters([id])[0].events.get(kind="parked").details or {}
        told[body] = details["tried"][0]["why"]
    assert list(told.values()) == [
        "the message type is order, not nothing",
        "the message type is cancellation, not nothing",
        "the message type is any, not nothing",
        "the message type is order, not nothing",
    ]


def test_a_repair_that_would_not_be_valid_is_left_until_the_schema_allows_it() -> None:
    message_types.add_schema(person(), seen(kind()), SCHEMA)
    staff.rule("side", definition({"do": "upper", "at": "side"}, body=JSON))
    assert len(order(b'{"side": "buy", "shares": "8756"}')) == 1
    assert [bytes(one.body) for one in order(b'{"side": "buy", "shares": 8756}')][1:] == [
        b'{"side": "BUY", "shares": 8756}'
    ]
    message_types.add_schema(person(), seen(MessageType.objects.get()), "{}")
    assert len(order(b'{"side": "buy", "shares": "8756"}')) == 2


def test_coercions_are_off_until_they_are_switched_on_and_keep_every_other_byte() -> None:
    one = kind()
    message_types.add_schema(person(), seen(one), SCHEMA)
    body = b'{ "shares":"1254" , "price": 1.10, "id": 12345678901234567890}'
    assert len(order(body)) == 1
    message_types.set_coercions(person(), seen(one), ["numbers"])
    repaired = order(body)[1]
    assert bytes(repaired.body) == body.replace(b'"1254"', b"1254")
    assert repaired.author.startswith("rule coercions of order ")
    assert len(order(b'{"shares": "many"}')) == 1
    message_types.set_coercions(person(), seen(one), [])
    assert len(order(body)) == 1


def test_schemas_have_versions_and_going_back_is_one_too() -> None:
    one = kind()
    message_types.add_schema(person(), seen(one), SCHEMA)
    message_types.add_schema(person(), seen(one), "{}", "anything goes")
    message_types.go_back_schema(person(), seen(one), 1)
    told = SchemaVersion.objects.order_by("number").values_list("number", "author", "reason", "text")
    assert list(told) == [
        (1, "ada", "", SCHEMA),
        (2, "ada", "anything goes", "{}"),
        (3, "ada", "Back to version 1.", SCHEMA),
    ]
    one.refresh_from_db()
    assert one.schema == 3
    acts = (
        AuditEntry.objects.filter(subject="message type order").order_by("id").values_list("act", flat=True)
    )
    assert list(acts) == ["write message type", *["write schema"] * 3]


def test_what_cannot_be_is_refused_where_it_is_wrong_and_what_is_stale_too() -> None:
    one = kind()
    stale = seen(one)
    message_types.set_told(person(), stale, Told("trades"))
    with pytest.raises(ChangedMeanwhile):
        message_types.add_schema(person(), stale, SCHEMA)
    for field, act in {
        "name": lambda: kind(),
        "queue": lambda: kind("b", Told("")),
        "value": lambda: kind("c", Told("trades", header="kind")),
        "field": lambda: kind("d", Told("trades", field="a..b", value="x")),
        "header": lambda: kind("e", Told("trades", header="x" * 501, value="x")),
        "text": lambda: message_types.add_schema(person(), seen(one), '{"type": "nothing"}'),
        "coercions": lambda: message_types.set_coercions(person(), seen(one), ["magic"]),
    }.items():
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.field == field
    with pytest.raises(PermissionDenied):
        message_types.create(person("grace", "switch_rules"), "e", ORDER)


def test_what_is_mended_without_a_rule_is_settled_by_those_alone_who_may_turn_rules_on() -> None:
    writer, one = person("writer", "write_rules"), kind()
    message_types.add_schema(writer, seen(one), SCHEMA)
    with pytest.raises(PermissionDenied):
        message_types.set_coercions(writer, seen(one), ["numbers"])
    message_types.set_coercions(person(), seen(one), ["numbers"])
    for change in (
        lambda: message_types.set_coercions(writer, seen(one), []),
        lambda: message_types.set_told(writer, seen(one), Told("trades")),
        lambda: message_types.add_schema(writer, seen(one), "{}"),
        lambda: message_types.go_back_schema(writer, seen(one), 1),
    ):
        with pytest.raises(PermissionDenied):
            change()
    with pytest.raises(PermissionDenied):
        message_types.set_coercions(person("switcher", "switch_rules"), seen(one), [])


def test_schemas_are_read_from_a_folder_once_and_again_when_they_change(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    folder.mkdir()
    of = {"x-message-type": {"queue": "trades", "header": "kind", "value": "order"}}
    (folder / "order.json").write_text(json.dumps(json.loads(SCHEMA) | of))
    read = book.current()
    assert read_folder(folder) == ["order"]
    assert book.current() is not read
    assert read_folder(folder) == []
    one = MessageType.objects.get()
    assert (one.name, one.queue, one.header, one.value, one.schema) == ("order", "trades", "kind", "order", 1)
    (folder / "order.json").write_text(json.dumps(of))
    assert read_folder(folder) == ["order"]
    assert SchemaVersion.objects.latest("number").author == "order.json"
    staff.rule(mode=Mode.OFF)


@pytest.mark.parametrize("text", ["{", "{}", '{"x-message-type": {"queue": ""}}', '{"x-message-type": 7}'])
def test_a_folder_with_what_is_no_schema_of_a_type_is_refused_by_file_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(SchemaFolderError, match=r"bad\.json"):
        read_folder(tmp_path)
    assert not MessageType.objects.exists()
