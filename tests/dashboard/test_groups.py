"""Groups: found, sorted, and what people do with them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg.sql import SQL, Composed

from dashboard.queries.group_list import SIZE, GroupQuery, _page
from tests.dashboard import office
from workflow_processor import group_figures
from workflow_processor.acts.merges import merge
from workflow_processor.acts.snoozes import snooze
from workflow_processor.models import AuditEntry, DeadLetter, Group, Operation, Snooze, StateCount, Ticket

pytestmark = pytest.mark.django_db


def group(error: str) -> Group:
    return Group.objects.get(error_type=error)


def parked(**errors: int) -> None:
    """So many of each error."""
    office.park(*(office.failed(error_type=error) for error, number in errors.items() for _ in range(number)))


def found(**asked: object) -> list[str]:
    return [row.group.error_type for row in GroupQuery(**asked).page().groups]  # type: ignore[arg-type]


def said(answer: object) -> str:
    return " ".join(str(message) for message in answer.context["messages"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("folded", [True, False])
def test_those_with_the_most_parked_come_first_however_little_is_folded(folded: bool) -> None:
    parked(A=1, B=4)
    group_figures.fold()
    parked(A=4, C=2)
    office.discarded(DeadLetter.objects.filter(group=group("B"))[0])
    if folded:
        group_figures.fold()
    page = GroupQuery().page()
    assert [(row.group.error_type, row.count) for row in page.groups] == [("A", 5), ("B", 3), ("C", 2)]
    assert page.total == 3


def test_a_group_leaves_the_open_ones_at_once_when_nothing_of_it_is_open() -> None:
    parked(A=1, B=1)
    group_figures.fold()
    office.discarded(DeadLetter.objects.get(group=group("A")))
    assert found() == ["B"]
    assert set(found(which="all")) == {"A", "B"}


def test_groups_are_found_by_state_person_queue_and_text(ada: User) -> None:
    parked(A=1, B=2, C=3)
    office.parked(error_type="D", queue="orders", handler="shop:100%_sure")
    Group.objects.filter(error_type="B").update(assignee=ada)
    snooze(ada, [group("C")], more=5)
    assert set(found()) == {"A", "B", "D"}
    assert found(which="mine", person=ada.pk) == ["B"]
    assert found(which="snoozed") == ["C"]
    assert set(found(which="all")) == {"A", "B", "C", "D"}
    assert found(queue="orders") == ["D"]
    assert found(text="100%_SURE") == ["D"]
    assert found(text="100%") == ["D"]
    assert found(text="%") == ["D"]
    Snooze.objects.update(until=timezone.now().replace(year=2020))
    assert "C" in found()


def test_a_group_is_found_by_what_is_merged_into_it_and_by_every_queue_it_fails_on(ada: User) -> None:
    parked(A=1)
    office.parked(error_type="A", queue="payments")
    office.parked(error_type="B", queue="orders", handler="shop")
    merge(ada, [group("B")], into=group("A"))
    for _ in ("not folded", "folded"):
        assert found(queue="payments") == found(queue="orders") == found(text="shop") == ["A"]
        assert found(queue="nowhere") == found(text="nothing") == []
        group_figures.fold()


def test_groups_are_sorted_by_when_they_were_seen() -> None:
    parked(A=1, B=2)
    now = timezone.now()
    Group.objects.filter(error_type="A").update(last_seen_at=now, first_seen_at=now.replace(year=2020))
    assert found(sort="latest")[0] == "A"
    assert found(sort="newest") == ["B", "A"]


def test_a_page_goes_on_where_the_one_before_ended() -> None:
    parked(**{f"E{number}": number + 1 for number in range(5)})
    group_figures.fold()
    parked(E0=9)
    query = GroupQuery()
    pages = [query.page(start, 2).groups for start in (0, 2, 4)]
    assert [row.group.error_type for page in pages for row in page] == ["E0", "E4", "E3", "E2", "E1"]


SORTED = [
    ("parked", "group_by_parked"),
    ("latest", "group_by_last_seen"),
    ("newest", "group_by_first_seen"),
]


@pytest.mark.parametrize(("sort", "index"), SORTED)
def test_a_page_of_five_thousand_groups_is_one_bounded_index_scan(sort: str, index: str) -> None:
    parked(A=1)
    five_thousand_groups()
    found = plan(GroupQuery(sort=sort)._statement(_page))
    nodes = list(every_node(found))
    assert index in {node.get("Index Name") for node in nodes}
    assert "state_count_news" in {node.get("Index Name") for node in nodes}
    scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert scanned <= {"snooze"}  # which is empty here
    assert max(node["Actual Rows"] for node in nodes) <= SIZE + 1


def five_thousand_groups() -> None:
    now, source = timezone.now(), group("A").source
    common = {"fingerprint_version": 1, "source": source, "error_type": "E", "handler": "h"}
    seen = {"first_seen_at": now, "last_seen_at": now}
    made = Group.objects.bulk_create(
        Group(fingerprint=f"{number}", parked=number, open=number, **common, **seen)
        for number in range(5_000)
    )
    states = ("parked", "resolved", "discarded")
    StateCount.objects.bulk_create(
        StateCount(group=one, source=source, state=state, change=one.parked, folded=True)
        for one in made
        for state in states
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE failure_group, state_count, snooze")


def plan(statement: Composed) -> dict[str, Any]:
    wanted: dict[str, str | int] = {"queue": "", "text": "", "person": 0, "start": 0, "size": SIZE}
    with connection.cursor() as cursor:
        explained = SQL("EXPLAIN (ANALYZE, FORMAT JSON) {}").format(statement)
        cursor.execute(explained, wanted | {"end": SIZE})
        [(found,)] = cursor.fetchall()
    top: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return top


def every_node(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", []):
        yield from every_node(part)


def test_the_groups_page_keeps_its_state_in_its_address(clerk: Client) -> None:
    parked(A=1, B=1)
    page = clerk.get("/groups/?show=all&queue=trades&sort=latest&text=a").content.decode()
    assert 'href="/groups/?show=all&amp;queue=trades&amp;text=a"' in page
    assert 'href="/groups/?queue=trades&amp;text=a&amp;sort=latest"' in page
    assert clerk.get("/groups/?show=x&sort=y&start=5").status_code == 200
    assert clerk.get("/groups/?start=x").status_code == 400


def test_empty_lists_tell_nothing_failed_from_nothing_matches_from_not_connected(clerk: Client) -> None:
    def empty(query: str = "") -> str:
        return clerk.get(f"/groups/{query}").content.decode()

    assert "No source is connected yet" in empty()
    office.discarded(office.parked())
    assert "Nothing is open" in empty()
    assert "none matches this search" in empty("?text=nowhere")
    assert "Nothing is snoozed" in empty("?show=snoozed")
    assert "Nothing is assigned to you" in empty("?show=mine")
    assert "This page no longer exists" in empty("?show=all&start=50")


def test_a_merged_group_is_shown_by_what_it_is_part_of(clerk: Client, ada: User) -> None:
    parked(A=2, B=1)
    merge(ada, [group("B")], into=group("A"))
    answer = clerk.get(f"/groups/{group('B').pk}/")
    assert answer["Location"] == f"/groups/{group('A').pk}/"
    page = clerk.get(f"/groups/{group('A').pk}/").content.decode()
    assert "Requeue all 3 parked" in page
    assert "Split off B" in page
    assert clerk.get(f"/messages/?q=group:{group('A').pk}").context["total_words"] == "3"
    assert clerk.get(f"/messages/?q=group:{group('B').pk}").context["total_words"] == "1"


def test_what_people_do_with_groups(clerk: Client, ada: User) -> None:
    parked(A=2, B=1, C=1)
    a, b, c = (group(error) for error in "ABC")
    here = f"/groups/{a.pk}/"

    def post(name: str, *arguments: object, **form: object) -> str:
        answer = clerk.post(reverse(name, args=arguments), {"next": here, **form}, follow=True)
        assert answer.redirect_chain[-1][0] == here
        return said(answer)

    assert post("group-assignments", ids=[a.pk, b.pk], to="ada") == "Assigned to ada."
    assert post("group-comments", a.pk, text="@ada hello\r\nthere") == "Comment added."
    assert post("notes", a.pk, text="known\r\nfault", seen="") == "Note saved."
    assert post("notes", a.pk, text="known fault", seen="known\r\nfault") == "Note saved."
    assert post("group-tickets", a.pk, url="https://x.example/1", title="T") == "Ticket linked."
    assert post("ticket-removals", Ticket.objects.get().pk) == "Link removed."
    assert post("snoozes", ids=a.pk, hours=4, more=10) == "1 group snoozed."
    assert "Comes back" in clerk.get(here).content.decode()
    assert post("wakings", ids=a.pk) == "1 group woken."
    assert "A snooze needs an end" in post("snoozes", ids=a.pk, until="2020-01-01T00:00")
    assert "Merged into group" in post("merges", ids=[a.pk, b.pk, c.pk])
    assert "at least two groups" in post("merges", ids=a.pk)
    assert "Split off again" in post("splits", ids=[b.pk, c.pk])
    page = clerk.get(here).content.decode()
    for word in ("hello\nthere", "known fault", "Ticket linked", "Snoozed", "Merged", "Split"):
        assert word in page
    assert set(AuditEntry.objects.values_list("act", flat=True)) == {
        *("assign", "comment", "note", "link ticket", "unlink ticket", "snooze", "wake", "merge", "split")
    }
    assert clerk.get("/audit/").status_code == 200


def test_ticked_groups_lead_to_the_question_about_all_that_is_parked_in_them(clerk: Client) -> None:
    parked(A=2, B=1, C=4)
    ids = [group("A").pk, group("B").pk]
    answer = clerk.post("/groups/requeue/new/", {"ids": ids, "next": "/groups/"}, follow=True)
    assert f"group:{ids[0]},{ids[1]} status:parked" in answer.content.decode()
    assert "3" in answer.content.decode()
    assert clerk.post("/groups/discard/new/", {"next": "/groups/"})["Location"] == "/groups/"
    assert clerk.post("/groups/burn/new/", {"ids": ids}).status_code == 404


@pytest.mark.parametrize("form", [{"ids": "x"}, {"ids": "1", "hours": "x"}, {"ids": "1", "until": "x"}])
def test_a_form_that_makes_no_sense_is_refused(clerk: Client, form: dict[str, str]) -> None:
    assert clerk.post("/groups/snoozes/", form).status_code == 400


def test_messages_are_given_to_people(clerk: Client, ada: User) -> None:
    letter, other = office.parked(), office.parked()
    ids = [f"{letter.id}:{letter.version}", f"{other.id}:{other.version}"]
    answer = clerk.post("/assignments/", {"ids": ids, "to": "ada", "next": "/messages/"}, follow=True)
    assert said(answer) == "2 messages assigned to ada."
    assert {one.assignee for one in DeadLetter.objects.all()} == {ada}
    answer = clerk.post("/assignments/", {"ids": ids[0], "to": ""}, follow=True)
    assert said(answer) == "1 message assigned to nobody."
    User.objects.create_user("visitor")
    assert "has no active account with access" in said(
        clerk.post("/assignments/", {"ids": ids, "to": "visitor"}, follow=True)
    )
    assert clerk.post("/assignments/", {"ids": ids, "to": "mallory"}).status_code == 400


def test_a_note_that_somebody_else_changed_meanwhile_is_shown_beside_ones_own(clerk: Client) -> None:
    parked(A=1)
    a = group("A")
    here = {"next": f"/groups/{a.pk}/"}
    clerk.post(f"/groups/{a.pk}/notes/", {"seen": "", "text": "theirs", **here})
    answer = clerk.post(f"/groups/{a.pk}/notes/", {"seen": "", "text": "mine <b>", **here})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody else changed the note in the meantime" in page
    assert "theirs</p>" in page
    assert "\nmine &lt;b&gt;</textarea>" in page
    assert f'href="/groups/{a.pk}/"' in page
    assert group("A").note == "theirs"
    clerk.post(f"/groups/{a.pk}/notes/", {"seen": "theirs", "text": "both", **here})
    assert group("A").note == "both"


def test_an_address_that_is_no_tickets_is_refused_and_nothing_that_was_typed_is_lost(clerk: Client) -> None:
    letter = office.parked()
    address = f"/messages/{letter.id}/tickets/"
    answer = clerk.post(
        address, {"url": "javascript:1", "title": "The feed", "next": f"/messages/{letter.id}/"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "must begin with https://" in page
    assert f'action="{address}"' in page
    assert f'name="next" value="/messages/{letter.id}/"' in page
    assert 'value="javascript:1"' in page
    assert 'value="The feed"' in page


def test_a_message_is_talked_about_on_its_page(clerk: Client) -> None:
    letter = office.parked()
    here = {"next": f"/messages/{letter.id}/"}
    clerk.post(f"/messages/{letter.id}/comments/", {"text": "look <b>here</b>", **here})
    clerk.post(f"/messages/{letter.id}/tickets/", {"url": "https://x.example/?a=1&b=2", **here})
    page = clerk.get(f"/messages/{letter.id}/").content.decode()
    assert "look &lt;b&gt;here&lt;/b&gt;" in page
    assert 'href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow external"' in page
    gone = "/messages/0192f3c1-8a8e-7d2a-9f57-9b7f4b6f6c11/comments/"
    assert clerk.post(gone, {"text": "hello"}).status_code == 404
    assert clerk.post("/groups/999999/tickets/", {"url": "https://x.example"}).status_code == 404


def test_what_somebody_may_not_do_with_groups_is_not_offered_and_refused(clerk: Client) -> None:
    parked(A=1, B=1)
    a = group("A")
    grace = office.browser(office.person("grace", "view"))
    pages = [grace.get(address).content.decode() for address in ("/groups/", f"/groups/{a.pk}/")]
    for page in pages:
        assert not re.search(r'action="/groups/|formaction="/groups/|/tickets/', page)
    for name, arguments, form in (
        ("snoozes", [], {"ids": a.pk, "hours": 1}),
        ("wakings", [], {"ids": a.pk}),
        ("merges", [], {"ids": [a.pk, group("B").pk]}),
        ("splits", [], {"ids": a.pk}),
        ("notes", [a.pk], {"text": "x", "seen": ""}),
        ("group-comments", [a.pk], {"text": "x"}),
        ("group-tickets", [a.pk], {"url": "https://x.example"}),
        ("group-assignments", [], {"ids": a.pk, "to": "grace"}),
    ):
        assert grace.post(reverse(name, args=arguments), form).status_code == 403, name
    assert not AuditEntry.objects.exists()


def test_a_group_tells_what_was_done_to_many_of_its_messages_at_once(clerk: Client, ada: User) -> None:
    parked(A=2, B=1)
    a, b = group("A").pk, group("B").pk
    for query in (f"group:{b},{a} status:parked", f"-group:{a}", f"group:{a}0", f"group:{a}"):
        Operation.objects.create(person=ada, runs_for=ada, kind="requeue", selection="query", query=query)
    told = clerk.get(f"/groups/{a}/").context["operations"]
    assert [one.query for one in told] == [f"group:{a}", f"group:{b},{a} status:parked"]


def test_a_groups_latest_messages_are_shown_whatever_their_state(clerk: Client, ada: User) -> None:
    parked(A=12, B=1)
    merge(ada, [group("B")], into=group("A"))
    letters = list(DeadLetter.objects.order_by("-id"))
    for letter in letters[1:8:2]:
        office.discarded(letter)
    shown = clerk.get(f"/groups/{group('A').pk}/").context["letters"]
    assert [one.id for one in shown] == [one.id for one in letters[:10]]


def test_ones_own_messages_are_a_click_away(clerk: Client, ada: User) -> None:
    letter, _ = office.parked(), office.parked()
    clerk.post("/assignments/", {"ids": f"{letter.id}:{letter.version}", "to": "ada"})
    page = clerk.get("/messages/").content.decode()
    [mine] = re.findall(r'href="(/messages/\?q=assignee[^"]+)"', page)
    found = clerk.get(mine)
    assert [one.id for one in found.context["letters"]] == [letter.id]
    assert "Assigned to: </span>ada" in found.content.decode()
