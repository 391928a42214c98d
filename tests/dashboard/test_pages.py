"""What the pages show: the truth, whatever came in, and what to do next."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from consumers.brokers.amqp_properties import AmqpProperties
from consumers.fields import FieldProperties
from dashboard.parts import states
from dashboard.queries.letter import RELATED, Letter
from tests.dashboard import office
from tests.dashboard.busy_day import busy_day
from workflow_processor import figures, lifecycle
from workflow_processor.models import AuditEntry, DeadLetter, Group, ProcessHealth, QueueSample, State
from workflow_processor.revisions import NewRevision
from workflow_processor.transition import Actor

pytestmark = pytest.mark.django_db
HOSTILE = "</textarea></script><script>alert(1)</script><img src=x onerror=alert(1)>'\"{{ 7|add:7 }}"


def text(clerk: Client, address: str, **headers: str) -> str:
    answer = clerk.get(address, headers=headers)
    assert answer.status_code == 200, address
    return answer.content.decode()


class Elements(HTMLParser):
    """Every element of a page, as a browser would make it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_whatever_comes_in_a_message_is_shown_as_text(clerk: Client) -> None:
    properties = FieldProperties.build(
        {HOSTILE: HOSTILE}, message_id=HOSTILE, correlation_id=HOSTILE, content_type=HOSTILE
    )
    told: dict[str, Any] = {"queue": HOSTILE, "subscriber": HOSTILE, "error_type": HOSTILE, "text": HOSTILE}
    told |= {"handler": HOSTILE, "traceback": HOSTILE, "key": HOSTILE, "address": HOSTILE}
    letter, other = office.park(
        office.failed(HOSTILE.encode(), properties=properties, **told),
        office.failed(f'{{"a": "{HOSTILE}"}}'.encode(), properties=properties, **told),
    )
    office.discarded(other, HOSTILE)
    clerk.post("/requeues/", {"ids": f"{letter.id}:{letter.version}", "reason": HOSTILE})
    QueueSample.objects.create(queue=HOSTILE, subscriber=HOSTILE, at=timezone.now(), ready=1)
    ProcessHealth.objects.create(
        name="x",
        kind="<img onload=x>",
        host="",
        started_at=timezone.now(),
        seen_at=timezone.now(),
        note=HOSTILE,
    )
    addresses = [
        "/",
        "/groups/",
        f"/groups/{letter.group_id}/",
        "/messages/",
        f"/messages/{letter.id}/",
        f"/messages/{other.id}/",
        f"/messages/{letter.id}/edit/",
        f"/messages/{letter.id}/differences/?before=0&after=0",
        f"/operations/new/?kind=discard&ids={letter.id}:{letter.version}",
        "/queues/",
        "/audit/",
        f"/audit/{AuditEntry.objects.get().pk}/",
    ]
    for address in addresses:
        page = text(clerk, address)
        for tag, attributes in Elements(page).found:
            assert tag != "img", address
            assert not any(name.startswith("on") for name in attributes), address
            if tag == "script":
                assert "src" in attributes or attributes.get("type") == "application/json", address
    refused = clerk.get("/messages/", {"q": HOSTILE})
    assert refused.status_code == 400
    assert all(tag != "img" for tag, _ in Elements(refused.content.decode()).found)


def test_a_busy_day_is_told_in_figures_groups_and_messages(clerk: Client) -> None:
    letters = busy_day(40)
    page = text(clerk, "/")
    parked = sum(letter.state == State.PARKED for letter in letters)
    assert f'data-figure="parked">{parked}<' in page
    assert f'data-figure="repaired_today">{figures.headlines().repaired_today}<' in page
    assert "MissingAccount" in page
    assert text(clerk, "/overview/groups/").lstrip().startswith("<section")
    assert text(clerk, "/overview/health/").lstrip().startswith("<section")
    groups = clerk.get("/groups/")
    counts = [row.count for row in groups.context["page"].groups]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == parked
    for row in groups.context["page"].groups:
        shown = clerk.get(f"/messages/?q=group:{row.id}+status:parked")
        assert shown.context["total_words"] == str(row.count)
        assert row.error_type in text(clerk, f"/groups/{row.id}/")


def test_an_office_that_heard_of_nothing_explains_how_to_connect(clerk: Client) -> None:
    page = text(clerk, "/")
    assert "from consumers import Consumer, Message" in page
    assert "No failures yet" in page
    assert "How to connect one" in text(clerk, "/messages/")
    assert clerk.get("/overview/connected/").headers.get("HX-Refresh") is None
    office.parked()
    assert clerk.get("/overview/connected/").headers["HX-Refresh"] == "true"


def test_nothing_failed_and_nothing_matches_are_told_apart(clerk: Client) -> None:
    letter = office.processed(office.parked())
    assert "Nothing matches" in text(clerk, "/messages/?q=status:parked")
    assert "Nothing is open" in text(clerk, "/")
    assert "Nothing is open" in text(clerk, "/groups/")
    assert letter.error_type in text(clerk, "/groups/?show=all")


def test_a_query_that_cannot_be_read_is_marked_and_kept(clerk: Client) -> None:
    answer = clerk.get("/messages/?q=queue:trades+stauts:parked")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "queue:trades <mark>stauts</mark>:parked" in page
    assert 'value="queue:trades stauts:parked"' in page
    assert "Did you mean status?" in page
    assert "Nothing was searched" in page


def test_a_list_is_walked_page_by_page_and_what_is_new_is_announced(clerk: Client) -> None:
    letters = office.park(*(office.failed(f"{n}".encode()) for n in range(120)))
    seen, address = [], "/messages/?q=status:parked"
    while address:
        page = clerk.get(address)
        seen += [letter.id for letter in page.context["letters"]]
        address = page.context["older_url"]
    assert seen == [letter.id for letter in letters[::-1]]
    back = clerk.get(page.context["newer_url"])
    assert [letter.id for letter in back.context["letters"]] == seen[50:100]

    first = clerk.get("/messages/?q=status:parked")
    assert text(clerk, first.context["new_url"]).strip() == ""
    office.parked()
    office.waiting()
    assert "1 new" in text(clerk, first.context["new_url"])


def test_facets_lead_to_what_they_count(clerk: Client) -> None:
    for queue in ("trades", "trades", "or ders"):
        office.parked(queue=queue)
    page = clerk.get("/messages/?q=status:parked")
    [facet] = [facet for facet in page.context["facets"] if facet["title"] == "Queue"]
    for value in facet["values"]:
        assert clerk.get(value["url"]).context["total_words"] == str(value["count"])
    [chip] = page.context["chips"]
    assert clerk.get(chip["remove_url"]).context["query"] == ""


def test_a_message_tells_sent_processed_and_came_back_apart(clerk: Client) -> None:
    def way(letter: DeadLetter) -> list[str]:
        return [step.label for step in clerk.get(f"/messages/{letter.id}/").context["letter"].way]

    letter = office.parked()
    assert way(letter) == []
    letter = office.requeued(letter, timedelta(seconds=30))
    assert way(letter)[0] == "Requeued"
    assert way(letter)[1].startswith("Sending in ")
    [letter] = office.let_go(letter)
    assert way(letter) == ["Requeued", "Sent and confirmed", "No answer yet"]
    assert way(office.processed(office.parked())) == ["Requeued", "Sent and confirmed", "Processed"]
    back = office.came_back(office.parked())
    assert way(back) == ["Requeued", "Sent and confirmed", "Came back"]
    assert "Came back" in text(clerk, f"/messages/{back.id}/")


def marks(clerk: Client, letter: DeadLetter) -> set[str]:
    """What is said of it beside its state: in the list, in its preview and on its page alike."""
    known = {"came back": "Came back", "edited": "Edited", "repaired": "Repaired"}
    meanings = {name: states.look(name).meaning for name in known}
    address = f"/messages/{letter.id}/"
    shown = [text(clerk, page) for page in ("/messages/", f"{address}preview/", address)]
    listed, previewed, told = ({name for name in known if meanings[name] in page} for page in shown)
    assert listed == previewed == told
    return told


def test_only_what_failed_after_a_requeue_is_said_to_have_come_back(clerk: Client, ada: User) -> None:
    undone = office.requeued(office.parked(), hold=timedelta(minutes=1))
    assert marks(clerk, office.withdrawn(undone, ada)) == set()
    DeadLetter.objects.update(state=State.DISCARDED)
    unroutable = office.unroutable(office.requeued(office.parked()))
    assert (unroutable.state, unroutable.attempt) == (State.PARKED, 1)
    assert marks(clerk, unroutable) == set()
    came_back = office.came_back(unroutable)
    assert marks(clerk, came_back) == {"came back"}
    office.withdrawn(office.requeued(came_back, hold=timedelta(minutes=1)), ada)
    assert marks(clerk, came_back) == {"came back"}, "which an undone requeue does not change"


def test_what_a_rule_changed_and_what_a_person_changed_are_told_apart(clerk: Client) -> None:
    letter = office.parked()
    message = letter.revisions.get().message()
    made = NewRevision(replace(message, body=b"8756"), "trades:placement:requeue", "the unit")
    lifecycle.accept([office.seen(letter)], [made], Actor("rule share_quantity 1"), timedelta())
    assert marks(clerk, letter) == {"repaired"}
    office.came_back(*office.fresh([letter]))
    lifecycle.edit([office.seen(*office.fresh([letter]))], [made], office.CLERK)
    assert marks(clerk, letter) == {"came back", "edited"}


def test_a_time_that_is_copied_can_be_searched_for(clerk: Client) -> None:
    letter, later = office.parked(), office.parked()
    same = letter.last_failed_at.replace(microsecond=123450)
    DeadLetter.objects.filter(id=letter.id).update(last_failed_at=same)
    DeadLetter.objects.filter(id=later.id).update(last_failed_at=same + timedelta(microseconds=1))
    page = text(clerk, f"/messages/{letter.id}/")
    [copied] = re.findall(r'Last failed</dt><dd><button class="time" type="button" data-copy="([^"]+)"', page)
    for written, found in (
        (copied, {letter.id}),
        (f">{copied}", {later.id}),
        (copied.replace(".123450", ".123"), {letter.id, later.id}),
    ):
        listed = clerk.get("/messages/", {"q": f"failed:{written}"}).context["letters"]
        assert {one.id for one in listed} == found


def test_an_open_page_fetches_only_what_has_changed(clerk: Client) -> None:
    letter = office.parked()
    standing = clerk.get(f"/messages/{letter.id}/").context["letter"].standing
    address = f"/messages/{letter.id}/status/?standing={standing}&shown=0"
    assert clerk.get(address).status_code == 204
    office.requeued(letter)
    page = text(clerk, address)
    assert "Undo requeue" in page
    assert 'id="timeline"' in page
    assert "was changed while you had it open" not in page


def test_a_page_whose_message_changed_while_it_was_read_fetches_the_change(clerk: Client) -> None:
    [letter] = office.sent(office.parked())
    torn = Letter.find(letter.id)
    office.processed(letter)
    assert [step.label for step in torn.way][-1] == "Processed"
    assert torn.record.state == State.REQUEUED
    page = text(clerk, f"/messages/{letter.id}/status/?standing={torn.standing}&shown=0")
    assert "Resolved" in page


def test_the_exact_bytes_are_downloaded_and_no_browser_takes_them_for_a_page(clerk: Client) -> None:
    body = bytes(range(256)) + HOSTILE.encode()
    letter = office.parked(body, content_type="text/html")
    answer = clerk.get(f"/messages/{letter.id}/revisions/0/body/")
    assert answer.content == body
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert clerk.get(f"/messages/{letter.id}/revisions/1/body/").status_code == 404


def test_numbers_stand_as_they_were_sent(clerk: Client) -> None:
    letter = office.parked(b'{"a":1.10,"b":12345678901234567890}')
    page = text(clerk, f"/messages/{letter.id}/")
    assert "{&quot;a&quot;:1.10,&quot;b&quot;:12345678901234567890}" in page
    assert '<span class="key">&quot;a&quot;</span>: <span class="number">1.10</span>,' in page


def test_a_message_says_what_may_have_been_through_before(clerk: Client) -> None:
    first = office.processed(office.parked(message_id="m-1"))
    second = office.parked(message_id="m-1")
    assert second.earlier_id == first.id
    page = text(clerk, f"/messages/{second.id}/")
    assert "This message may already have been processed." in page
    assert f'href="/messages/{first.id}/"' in page


def test_related_messages_and_typed_headers_are_listed(clerk: Client) -> None:
    properties = AmqpProperties.build({"count": 7, "flag": True, "raw": b"\xff"}, correlation_id="basket 1")
    letter = office.parked(properties=properties)
    other = office.parked(correlation_id="basket 1")
    page = clerk.get(f"/messages/{letter.id}/")
    assert {row["name"]: (row["value"], row["note"]) for row in page.context["properties"]["headers"]} == {
        "count": ("7", "whole number"),
        "flag": ("true", "true or false"),
        "raw": ("ff", "bytes, in hexadecimal"),
    }
    assert [one.id for one in page.context["letter"].related] == [letter.id, other.id]
    shown = clerk.get("/messages/", {"q": page.context["correlated"]})
    assert {one.id for one in shown.context["letters"]} == {letter.id, other.id}


def test_a_message_tells_who_is_on_it_by_its_group(clerk: Client) -> None:
    letter = office.parked(error_type="Fault")
    other = office.parked(error_type="Other")
    bob = User.objects.create_user("bob")
    Group.objects.filter(id=other.group_id).update(assignee=bob)
    for _ in ("its own", "what it is merged into"):
        shown = text(clerk, f"/messages/{other.id}/")
        assert "Assigned to its group: </span>" in text(clerk, "/messages/")
        assert '<b>bob</b> <span class="soft">by <a' in shown
        Group.objects.filter(id=letter.group_id).update(assignee=bob)
        Group.objects.filter(id=other.group_id).update(assignee=None, merged_into=letter.group_id)
    DeadLetter.objects.update(assignee=bob)
    assert "Assigned to its group" not in text(clerk, "/messages/")
    assert "by <a" not in text(clerk, f"/messages/{other.id}/")


def test_of_many_related_messages_those_around_it_are_shown(clerk: Client) -> None:
    letters = [office.parked(correlation_id="basket 1") for _ in range(2 * RELATED + 3)]
    page = clerk.get(f"/messages/{letters[RELATED + 1].id}/")
    around = letters[1 : 2 * RELATED + 2]
    assert [one.id for one in page.context["letter"].related] == [one.id for one in around]


def test_the_place_to_look_first_is_told_with_the_cause(clerk: Client) -> None:
    raised = "\n".join(
        [
            "Traceback (most recent call last):",
            '  File "/srv/app/trade.py", line 41, in shares',
            "    return int(text)",
            '  File "/usr/lib/python3.11/json/decoder.py", line 3, in loads',
            "    raise",
            "ValueError: no",
        ]
    )
    page = text(clerk, f"/messages/{office.parked(traceback=raised).id}/")
    assert "<b>shares</b> at /srv/app/trade.py:41: <code>return int(text)</code>" in page
    assert "ValueError: SHARES is not a whole number" in page


def test_of_many_failures_the_traceback_of_the_latest_alone_is_read(clerk: Client) -> None:
    letter = office.came_back(office.parked(traceback="the first"), traceback="the latest")
    told = Letter.find(letter.id)
    assert told.traceback == "the latest"
    assert [one.get_deferred_fields() for one in told.attempts] == [{"traceback"}, {"traceback"}]
    page = text(clerk, f"/messages/{letter.id}/")
    assert "the latest" in page
    assert "All 2 failures" in page


def test_any_two_revisions_are_compared(clerk: Client) -> None:
    letter = office.parked(b"one\xff")
    fields = {"id": letter.id, "version": letter.version, "base": 0, "then": "save", "body_newline": "lf"}
    clerk.post("/edits/", {**fields, "body_text": "two"})
    [side] = clerk.get(f"/messages/{letter.id}/differences/?before=0&after=1").context["differences"]
    assert (side.before[10:21], side.after[10:18]) == ("6f 6e 65 ff", "74 77 6f")
    assert "identical byte for byte" in text(clerk, f"/messages/{letter.id}/differences/?before=1&after=1")
    assert clerk.get(f"/messages/{letter.id}/differences/?before=0&after=9").status_code == 404
    assert clerk.get(f"/messages/{letter.id}/differences/?before=x&after=1").status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"\0", bytes(range(256)) * 2_000, b"[" * 100_000, b'{"a": NaN}', b"\xff"]
)
def test_a_message_of_any_bytes_has_a_page_and_a_form(clerk: Client, body: bytes) -> None:
    letter = office.parked(body)
    assert text(clerk, f"/messages/{letter.id}/")
    assert text(clerk, f"/messages/{letter.id}/edit/")


def test_queues_tell_what_the_broker_tells_and_since_when(clerk: Client) -> None:
    office.parked()
    assert "Nothing is measuring the queues" in text(clerk, "/queues/")
    now = timezone.now()
    ProcessHealth.objects.create(name="s", kind="sampler", host="", started_at=now, seen_at=now, working=True)
    QueueSample.objects.create(queue="trades", subscriber="placement", at=now, ready=1234, consumers=2)
    page = text(clerk, "/queues/")
    assert 'data-queue="trades › placement" data-field="ready">1,234<' in page
    assert 'data-field="unacknowledged" title="Not reported by the broker.">–<' in page
    assert "not live" not in page.lower().replace("not live<span", "")
    ProcessHealth.objects.update(working=False, note="the business broker is away")
    assert "The queues cannot be measured: the business broker is away." in text(clerk, "/queues/")


def test_health_tells_who_is_late_and_who_was_never_there(clerk: Client) -> None:
    office.parked()
    now = timezone.now()
    for kind, seen, working in (
        ("intake", now, True),
        ("worker", now, False),
        ("beat", now - timedelta(minutes=5), True),
    ):
        ProcessHealth.objects.create(
            name=kind, kind=kind, host="", started_at=now, seen_at=seen, working=working, note="the broker"
        )
    states = {thing.name: thing.state for thing in clerk.get("/").context["processes"]}
    assert states == {"intake": "ok", "worker": "late", "beat": "down", "sampler": "unknown"}


def test_the_audit_tells_who_did_what_to_what_and_why(clerk: Client) -> None:
    letters = [office.parked() for _ in range(3)]
    clerk.post(
        "/discards/", {"ids": [f"{one.id}:{one.version}" for one in letters], "reason": "Test orders."}
    )
    page = text(clerk, "/audit/")
    assert "Discard" in page
    assert "3 messages" in page
    assert "Test orders." in page
    shown = clerk.get(f"/audit/{AuditEntry.objects.get().pk}/")
    assert {one.id for one in shown.context["letters"]} == {one.id for one in letters}
    assert "No action of this person" in text(clerk, "/audit/?person=grace")


def test_people_sign_in_and_out() -> None:
    ada = office.person("ada")
    ada.set_password("a-long-passphrase")
    ada.save()
    browser = Client()
    assert browser.get("/messages/")["Location"] == "/sign-in/?next=/messages/"
    wrong = browser.post("/sign-in/", {"username": "ada", "password": "wrong"})
    assert "Wrong name or password" in wrong.content.decode()
    entered = browser.post("/sign-in/?next=/messages/", {"username": "ada", "password": "a-long-passphrase"})
    assert entered["Location"] == "/messages/"
    assert browser.get("/messages/").status_code == 200
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    assert browser.get("/messages/").status_code == 302


def test_a_form_that_is_sent_after_the_session_ended_leads_back_to_its_page() -> None:
    address = f"/messages/{office.parked().id}/edit/?as=fields"
    sent = Client().post("/edits/", headers={"referer": f"http://testserver{address}"})
    assert sent["Location"] == f"/sign-in/?next={quote(address)}"
    for elsewhere in ("http://elsewhere.example/messages/", "javascript:alert()", ""):
        assert Client().post("/edits/", headers={"referer": elsewhere})["Location"] == "/sign-in/?next=/"


def test_an_address_that_only_forms_send_to_says_so(clerk: Client) -> None:
    answer = clerk.get("/edits/")
    assert answer.status_code == 405
    assert "This address has no page of its own" in answer.content.decode()


def test_health_is_asked_without_a_sign_in() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_database_that_does_not_answer_is_told() -> None:
    class Away:
        def __call__(self, *_: object) -> object:
            from django.db import OperationalError

            raise OperationalError("away")

    with connection.execute_wrapper(Away()):
        assert Client().get("/healthz").status_code == 503


@pytest.mark.parametrize(
    "address",
    [
        *("/groups/?start=x", "/audit/?older=x", "/messages/?older=x", "/messages/new/?q=x:"),
        *("/audit/?person=%00", "/audit/?older=9999999999"),
        "/operations/new/?kind=requeue&ids=0192f3c1-8a8e-7d2a-9f57-9b7f4b6f6c11:9999999999",
    ],
)
def test_an_address_that_makes_no_sense_is_refused(clerk: Client, address: str) -> None:
    assert clerk.get(address).status_code == 400


def test_every_page_keeps_to_few_queries(clerk: Client, django_assert_max_num_queries: object) -> None:
    letters = busy_day(40)
    for address in ("/", "/groups/", "/messages/", f"/messages/{letters[0].id}/", "/queues/", "/audit/"):
        with django_assert_max_num_queries(20):  # type: ignore[operator]
            clerk.get(address)


def test_what_is_not_searchable_yet_is_told_and_not_touched(clerk: Client) -> None:
    letter = office.parked()
    query = "body:8756"
    page = text(clerk, f"/messages/?q={query}")
    assert "1 message is still being indexed." in page
    assert "Nothing found yet" in page
    assert "being indexed" not in text(clerk, "/messages/?q=status:parked")
    assert "being indexed" not in text(clerk, f"/messages/?q={query}+queue:orders"), "none could be missing"
    for either in (query, f"-{query}"):
        clerk.post("/discards/", {"scope": "matching", "q": either, "until": str(letter.id), "reason": "no"})
    assert office.fresh([letter])[0].state == State.PARKED
    office.searchable()
    page = text(clerk, f"/messages/?q={query}")
    assert "being indexed" not in page
    assert f"/messages/{letter.id}/" in page


def test_counts_that_are_not_kept_are_fetched_once_the_list_is_there(clerk: Client) -> None:
    office.park(*(office.failed(f'{{"lot": {n % 2}}}'.encode(), queue=["a", "b"][n % 2]) for n in range(4)))
    office.searchable()
    answer = clerk.get("/messages/?q=body.lot:1")
    assert "facets" not in answer.context
    part = clerk.get(answer.context["counts_url"])
    assert (part.context["total_words"], part.context["summary"]) == ("2", "2 of 2, newest first")
    assert clerk.get(answer.context["counted_url"]).context["total_words"] == "2"
    assert clerk.get("/messages/?q=status:parked").context["total_words"] == "4"
    assert clerk.get("/messages/counts/?q=lost:1").status_code == 400


def test_a_list_that_its_counts_contradict_looks_again(clerk: Client) -> None:
    letter = office.parked(b'{"lot": 1}')
    empty = clerk.get("/messages/?q=body.lot:1").context["counts_url"]
    assert "HX-Trigger" not in clerk.get(empty)
    office.searchable()
    assert clerk.get(empty)["HX-Trigger"] == "live:counted"
    beyond = clerk.get(f"/messages/?q=body.lot:1&older={letter.id}").context["counts_url"]
    full = clerk.get("/messages/?q=body.lot:1").context["counts_url"]
    assert "HX-Trigger" not in clerk.get(full)
    assert "HX-Trigger" not in clerk.get(beyond), "looking again would find nothing again"
    office.discarded(letter)
    DeadLetter.objects.update(last_failed_at=timezone.now())
    assert clerk.get(full)["HX-Trigger"] == "live:counted"
