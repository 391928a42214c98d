"""People say things to each other, link tickets, and keep what is known of a group."""

import pytest
from django.core.exceptions import PermissionDenied

from tests.workflow_processor.acts.people import person
from tests.workflow_processor.letters import failed, take_in, timeline
from workflow_processor.acts.comments import comment
from workflow_processor.acts.notes import note
from workflow_processor.acts.tickets import link, unlink
from workflow_processor.models import AuditEntry, Event, Group, GroupEvent, Notification, Ticket
from workflow_processor.subjects import Subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter() -> Subject:
    return Subject(dead_letter=take_in(failed())[0])


@pytest.fixture
def group(letter: Subject) -> Subject:
    return Subject(group=Group.objects.get().pk)


def test_a_comment_is_in_the_history_and_tells_whom_it_mentions(letter: Subject, group: Subject) -> None:
    ada, grace, joan = person("ada"), person("grace"), person("joan.o-neil")
    text = "@grace, the feed sends units. @joan.o-neil. @nobody knows; mail x@grace @ada"
    assert set(comment(ada, letter, text)) == {ada, grace, joan}
    comment(ada, group, "@grace the same")
    event = Event.objects.get(kind="commented")
    assert (event.text, event.actor, event.person) == (text, "ada", ada)
    assert GroupEvent.objects.get().text == "@grace the same"
    told = Notification.objects.order_by("id").values_list("person__username", "kind", "text")
    assert set(told[:2]) == {("grace", "mentioned", text), ("joan.o-neil", "mentioned", text)}
    assert told[2] == ("grace", "mentioned", "@grace the same")
    assert set(AuditEntry.objects.values_list("act", flat=True)) == {"comment"}


def test_an_address_is_no_mention_and_a_visitor_is_not_told(letter: Subject) -> None:
    ada, _ = person("ada"), person("grace")
    person("visitor", "share_view")
    assert comment(ada, letter, "write to x@grace or @visitor or @gracefully") == []
    assert not Notification.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2001])
def test_a_comment_has_words_and_an_end(letter: Subject, text: str) -> None:
    with pytest.raises(ValueError, match="comment"):
        comment(person("ada"), letter, text)
    assert not Event.objects.filter(kind="commented").exists()


def test_a_ticket_is_linked_and_taken_away(letter: Subject, group: Subject) -> None:
    ada = person("ada")
    ticket = link(ada, letter, " https://tickets.example/OPS-7?a=b#c ", "OPS-7")
    assert (ticket.url, ticket.title) == ("https://tickets.example/OPS-7?a=b#c", "OPS-7")
    assert link(ada, group, "http://x.example/1").title == "http://x.example/1"
    unlink(ada, ticket)
    unlink(ada, ticket)
    assert Ticket.objects.get().group_id == group.group
    assert timeline(letter.dead_letter)[1:] == ["linked", "unlinked"]  # type: ignore[arg-type]
    acts = list(AuditEntry.objects.order_by("id").values_list("act", flat=True))
    assert acts == ["link ticket", "link ticket", "unlink ticket"]


NO_PAGES = """
javascript:alert(1) JaVaScRiPt://x.example/%0aalert(1) data:text/html,x //x.example ftp://x.example https://
https:///path https://[x x.example
"""


@pytest.mark.parametrize("url", ["", "https://x.example/a b", "https://x/" + "x" * 2000, *NO_PAGES.split()])
def test_a_ticket_is_a_page_of_the_web(letter: Subject, url: str) -> None:
    with pytest.raises(ValueError, match=r"https://"):
        link(person("ada"), letter, url)
    assert not Ticket.objects.exists()


def test_a_note_is_kept_and_never_overwrites_what_was_not_seen(group: Subject) -> None:
    ada, grace = person("ada"), person("grace")
    known = Group.objects.get()
    note(ada, known, "the feed of desk 7", seen="")
    with pytest.raises(ValueError, match="in the meantime"):
        note(grace, known, "something else", seen="")
    note(grace, known, "the feed of desk 8", seen="the feed of desk 7")
    assert Group.objects.get().note == "the feed of desk 8"
    entry = AuditEntry.objects.latest("id")
    assert (entry.before, entry.after) == ({"note": "the feed of desk 7"}, {"note": "the feed of desk 8"})


def test_nobody_says_anything_without_the_permission(letter: Subject, group: Subject) -> None:
    grace = person("grace", "view_dead_letter")
    for act in (
        lambda: comment(grace, letter, "hello"),
        lambda: link(grace, group, "https://x.example"),
        lambda: note(grace, Group.objects.get(), "hello", seen=""),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not AuditEntry.objects.exists()
