"""Links from a dead letter or a group to where it is worked on elsewhere."""

from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db import transaction

from workflow_processor.acts.record import actor, audit, check
from workflow_processor.models import Ticket
from workflow_processor.storable import storable
from workflow_processor.subjects import Subject

LIMIT = 2_000
"""Characters of an address."""


def link(person: User, subject: Subject, url: str, title: str = "") -> Ticket:
    """Links a ticket. Raises ValueError where the address is none of the web."""
    check(person, "comment_dead_letter")
    url = _of_the_web(storable(url.strip(), LIMIT + 1))
    title = storable(title.strip(), 200) or url
    with transaction.atomic():
        ticket = Ticket.objects.create(url=url, title=title, person=person, **subject.columns)
        _told(person, subject, "linked", ticket)
    return ticket


def unlink(person: User, ticket: Ticket) -> None:
    """Takes the link away. A second time it does nothing."""
    check(person, "comment_dead_letter")
    with transaction.atomic():
        gone, _ = Ticket.objects.filter(pk=ticket.pk).delete()
        if gone:
            _told(person, Subject(ticket.dead_letter_id, ticket.group_id), "unlinked", ticket)


def _of_the_web(url: str) -> str:
    try:
        address = urlsplit(url)
        web = address.scheme in ("http", "https") and address.hostname
    except ValueError:
        web = None
    if not web or len(url) > LIMIT or any(c.isspace() for c in url):
        raise ValueError("A ticket's address must begin with https:// or http:// and name a host.")
    return url


def _told(person: User, subject: Subject, kind: str, ticket: Ticket) -> None:
    text = ticket.title if ticket.title == ticket.url else f"{ticket.title}: {ticket.url}"
    subject.tell(kind, text, actor(person))
    letters = [subject.dead_letter] if subject.dead_letter else []
    act = "link ticket" if kind == "linked" else "unlink ticket"
    audit(person, act, letters=letters, group=subject.group, after={"url": ticket.url})
