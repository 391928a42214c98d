"""`{% load together %}`: who is on it, where it is worked on elsewhere, and a word about it; for the page of
a dead letter or a group alike."""

from typing import Any

from django import template
from django.contrib.auth.models import User
from django.template.context import Context
from django.urls import reverse

from dashboard.queries import notifications
from workflow_processor.models import DeadLetter, Group
from workflow_processor.notifying import staff

register = template.Library()


@register.inclusion_tag("together/on_it.html", takes_context=True)
def on_it(context: Context, record: DeadLetter | Group) -> dict[str, Any]:
    """Its assignee and its tickets, with the forms that change them."""
    return _context(context, record) | {
        "tickets": record.tickets.order_by("id"),
        "by_group": _by_group(record) if isinstance(record, DeadLetter) else None,
    }


@register.inclusion_tag("together/say.html", takes_context=True)
def say(context: Context, record: DeadLetter | Group) -> dict[str, Any]:
    """The form of a comment."""
    return _context(context, record)


@register.inclusion_tag("together/assignee_choice.html", takes_context=True)
def assignee_choice(context: Context, chosen: str = "", form: str = "", id: str = "to") -> dict[str, Any]:
    """A choice among the staff, in a field `to`."""
    return {"staff": _staff(context), "chosen": chosen, "form": form, "id": id}


@register.simple_tag(takes_context=True)
def unread(context: Context) -> dict[str, str]:
    """How many notifications this person has not read, as `shown`; empty where none."""
    number = notifications.unread(context["user"])
    shown = f"{notifications.MOST}+" if number > notifications.MOST else str(number)
    return {"shown": shown} if number else {}


def _context(context: Context, record: DeadLetter | Group) -> dict[str, Any]:
    noun = "message" if isinstance(record, DeadLetter) else "group"
    return {
        "record": record,
        "noun": noun,
        "user": context["user"],
        "perms": context["perms"],
        "csrf_token": context["csrf_token"],
        "here": context["request"].path,
        "assign_url": reverse("assignments" if noun == "message" else "group-assignments"),
        "mentions_url": reverse("mentions"),
        "comments_url": reverse(f"{noun}-comments", args=[record.pk]),
        "tickets_url": reverse(f"{noun}-tickets", args=[record.pk]),
    }


def _by_group(letter: DeadLetter) -> User | None:
    """Who is on its group, or on what that was merged into."""
    group = letter.group.merged_into or letter.group
    return group.assignee


def _staff(context: Context) -> list[str]:
    """Names; asked for only where they are offered."""
    may = context["user"].has_perm("workflow_processor.assign_dead_letter")
    return [person.get_username() for person in staff()] if may else []
