"""What an audit entry is about, with the address of its page where it has one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Func, IntegerField, QuerySet
from django.db.models.fields.json import KeyTextTransform

from dashboard.views.addresses import address
from workflow_processor.models import AuditEntry, DeadLetter, MessageType, RepairRule, Source


class Thing(NamedTuple):
    label: str
    url: str = ""
    """"" for what has no page, or is no more."""


def counted(entries: QuerySet[AuditEntry]) -> QuerySet[Any]:
    """The entries, with how many dead letters each changed in place of all their ids, and with the first."""
    number = Func(F("dead_letters"), function="jsonb_array_length", output_field=IntegerField())
    return entries.annotate(number=number, first=KeyTextTransform(0, "dead_letters")).defer("dead_letters")


def acted_on(entries: Sequence[Any]) -> list[tuple[AuditEntry, list[Thing]]]:
    """Each of these entries, which were `counted`, and what it is about."""
    pages = _pages({entry.subject for entry in entries if entry.subject})
    letters = _letters([UUID(entry.first) for entry in entries if entry.number == 1])
    return [(entry, list(_things(entry, pages, letters))) for entry in entries]


def _things(entry: Any, pages: Mapping[str, str], letters: Mapping[str, Thing]) -> Iterator[Thing]:
    if entry.act == "export":
        query = entry.after["query"]
        yield Thing(query or "Every message", address("messages", q=query))
    elif entry.subject:
        label = f"{entry.subject[:1].upper()}{entry.subject[1:]}"
        messages = entry.after.get("messages") if "operation" in entry.after else None
        yield Thing(label if messages is None else f"{label}, {_messages(messages)}", pages[entry.subject])
    if entry.group_id:
        yield Thing(f"Group {entry.group_id}", address("group", entry.group_id))
    if entry.number == 1 and entry.first in letters:
        yield letters[entry.first]
    elif entry.number:
        yield Thing(_messages(entry.number), address("act", entry.pk))


def _messages(number: int) -> str:
    return f"{number:,} message{'s' * (number != 1)}"


def _letters(ids: Collection[UUID]) -> dict[str, Thing]:
    """Those of these dead letters that are still there, by id."""
    found = DeadLetter.objects.filter(id__in=ids).values_list("id", "message_id")
    return {str(id): Thing(message_id, address("message", id)) for id, message_id in found}


def _pages(wanted: Collection[str]) -> dict[str, str]:
    """The addresses of what acts tell in words."""
    rules = RepairRule.objects.filter(name__in=_names("rule", wanted))
    types = MessageType.objects.filter(name__in=_names("message type", wanted))
    people = User.objects.filter(username__in=_names("person", wanted))
    pages = dict.fromkeys(wanted, "")
    pages |= {f"operation {id}": address("operation", id) for id in _names("operation", wanted)}
    pages |= {f"rule {rule.name}": address("rule", rule.pk) for rule in rules}
    pages |= {f"message type {kind.name}": address("message-type", kind.pk) for kind in types}
    settings = address("settings")
    pages |= {f"person {one.get_username()}": f"{settings}#person-{one.pk}" for one in people}
    if _names("source", wanted):
        pages |= {f"source {one}": f"{settings}#source-{one.pk}" for one in Source.objects.all()}
    return pages


def _names(kind: str, subjects: Collection[str]) -> list[str]:
    return [told.removeprefix(f"{kind} ") for told in subjects if told.startswith(f"{kind} ")]
