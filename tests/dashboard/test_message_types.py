"""The catalogue of message types: how each is told, its schemas, and what is mended without a rule."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.views import versions
from tests.dashboard import office
from tests.dashboard.test_rules import writer
from workflow_processor.models import AuditEntry, MessageType

pytestmark = pytest.mark.django_db
SCHEMA = '{"type": "object", "properties": {"shares": {"type": "integer"}}}'


def add(client: Client, **fields: str) -> Any:
    told = {"name": "order", "queue": "trades", "field": "kind", "value": "order", **fields}
    return client.post("/message-types/tellings/", told, follow=True)


def order() -> MessageType:
    return MessageType.objects.get()


def schema(client: Client, **fields: Any) -> Any:
    form = {"change": order().change, "text": SCHEMA, **fields}
    return client.post(f"/message-types/{order().pk}/schemas/", form, follow=True)


def test_a_type_is_added_and_told_by_a_field() -> None:
    client = writer()
    assert "Saved order." in add(client).content.decode()
    assert (order().queue, order().field, order().value) == ("trades", "kind", "order")
    page = client.get("/message-types/").content.decode()
    assert "none yet" in page
    form = {"id": order().pk, "change": order().change, "queue": "orders"}
    client.post("/message-types/tellings/", form)
    assert (order().queue, order().field) == ("orders", "")
    assert AuditEntry.objects.filter(subject="message type order").count() == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"queue": ""}, "needs the queue"),
        ({"header": "kind"}, "not both"),
        ({"field": "kind["}, "errors"),
        ({"name": " "}, "needs a name"),
    ],
)
def test_what_cannot_be_a_type_is_said_at_its_field(wrong: dict[str, str], said: str) -> None:
    answer = add(writer(), **wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not MessageType.objects.exists()


def test_a_schema_is_uploaded_or_typed_each_time_as_a_version_and_taken_back() -> None:
    client = writer()
    add(client)
    assert "now the current version" in schema(client).content.decode()
    newer = SimpleUploadedFile("order.json", SCHEMA.replace("integer", "number").encode())
    schema(client, text="", file=newer)
    assert [one.text for one in order().schemas.order_by("number")] == [
        SCHEMA,
        SCHEMA.replace("integer", "number"),
    ]
    client.post(f"/message-types/{order().pk}/returns/", {"change": order().change, "number": "1"})
    assert order().schema == 3
    assert order().schemas.get(number=3).text == SCHEMA


def test_of_many_versions_of_a_schema_a_page_shows_some_and_the_text_of_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(versions, "VERSIONS", 2)
    client = writer()
    add(client)
    for number in range(1, 6):
        schema(client, text=f'{{"title": "number {number}"}}')
    address = f"/message-types/{order().pk}/"

    def texts(page: str) -> list[int]:
        return [n for n in range(1, 6) if f"number {n}&quot;" in page]

    page = client.get(address).content.decode()
    assert texts(page) == [5]
    assert "Version 4</b>" in page
    assert "Version 3</b>" not in page
    page = client.get(f"{address}?older=4").content.decode()
    assert texts(page) == []
    assert 'href="?older=4&amp;schema=3#schema-3"' in page
    assert texts(client.get(f"{address}?older=4&schema=3").content.decode()) == [3]


def test_what_is_no_schema_is_refused_and_kept_in_the_form() -> None:
    client = writer()
    add(client)
    answer = schema(client, text='{"type": 7}')
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'class="errors"' in page
    assert "{&quot;type&quot;: 7}" in page
    assert not order().schema


def test_who_may_not_turn_rules_on_is_offered_no_change_of_what_is_mended_without_one() -> None:
    client = writer()
    add(client)
    page = client.get(f"/message-types/{order().pk}/").content.decode()
    assert "Save coercions" not in page
    assert "Save type" in page
    assert "Add version" in page
    MessageType.objects.update(coercions=["numbers"])
    page = client.get(f"/message-types/{order().pk}/").content.decode()
    assert "Save type" not in page
    assert "Add version" not in page
    assert schema(client).status_code == 403


def test_coercions_are_off_until_somebody_switches_them_on() -> None:
    client = writer("switch_rules")
    add(client)
    assert order().coercions == []
    change = order().change
    form = {"change": change, "coercion": ["numbers"]}
    client.post(f"/message-types/{order().pk}/coercions/", form)
    assert order().coercions == ["numbers"]
    page = client.post(f"/message-types/{order().pk}/coercions/", {"change": change}, follow=True)
    assert "changed in the meantime" in page.content.decode()
    assert order().coercions == ["numbers"]


def test_who_may_only_look_sees_types_and_changes_none() -> None:
    add(writer())
    looking = office.browser(office.person("bob", "view"))
    assert "order" in looking.get("/message-types/").content.decode()
    assert "Add version" not in looking.get(f"/message-types/{order().pk}/").content.decode()
    assert schema(looking).status_code == 403
    assert add(looking, name="other").status_code == 403
