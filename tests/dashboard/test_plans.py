"""How the database answers searches: by an index each, and a page without reading more than it shows."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from dashboard.queries import DeadLetterQuery, pages, words
from tests.dashboard.plans import plans, steps
from workflow_processor import figures
from workflow_processor.models import DeadLetter, Group

pytestmark = pytest.mark.django_db(transaction=True)

INDEXES = {
    "status:waiting": "dead_letter_due",
    "group:{group}": "dead_letter_by_group",
    "error:nosuch*,{error} status:parked": "dead_letter_by_group",
    "queue:{queue}": "dead_letter_by_source",
    "id:{id}": "dead_letter_pkey",
    "correlation:{correlation}": "dead_letter_correlated",
    "attempts:>3": "dead_letter_tried_again",
    "failures:3": "dead_letter_failed_again",
    "assignee:{person}": "dead_letter_assigned",
    "assignee:{other}": "dead_letter_by_group",
    "age:>3h": "dead_letter_pkey",
    "message:{message}": "searchable_message_id",
    "message:{message:.6}*": "searchable_message_id",
    "key:{message:.6}*": "searchable_key",
    "size:>1GB": "searchable_size",
    "body.account:12654A87FR4": "searchable_body",
    "body.lines[0].sku:ab12": "searchable_body",
    "body.shares:1254": "searchable_body",
    "body.account:12654A8*": "searchable_body_text",
    "body:12654A87FR4": "searchable_body_text",
    '"12654A87FR4 SHARES"': "searchable_error_text",
    "header.advisor:ada": "searchable_headers",
    "header.advisor:ada -body.side:BUY status:parked": "searchable_headers",
}
OF_LETTERS = frozenset(["dead_letter", "searchable", "revision", "failed_attempt", "event", "outbox"])
GROWING = OF_LETTERS | {
    "flow",
    "minute_flow",
    "group_hour",
    "state_count",
    "operation_item",
    "held_message",
    "audit_entry",
}
FEW = 5
"""A state that this share of all has is found as quickly without an index of its own."""


def test_every_search_goes_by_an_index_and_a_page_reads_what_it_shows(django_user_model: Any) -> None:
    call_command("seed", "3000", verbosity=0)
    letter = DeadLetter.objects.order_by("id")[1_000]
    ada = django_user_model.objects.create_user("ada")
    DeadLetter.objects.filter(id=letter.id).update(assignee=ada)
    Group.objects.filter(id=letter.group_id).update(assignee=django_user_model.objects.create_user("bob"))
    names = {
        "group": letter.group_id,
        "id": letter.id,
        "correlation": letter.correlation_id,
        "message": letter.message_id,
        "person": "ada",
        "other": "bob",
        "error": letter.error_type,
        "queue": letter.source.queue,
    }
    with connection.cursor() as cursor:
        # With few rows reading a table whole is quick; what shows is whether there is another way.
        cursor.execute("SET enable_seqscan = off")
    try:
        for text, index in INDEXES.items():
            letters = DeadLetterQuery.parse(text.format(**names)).letters()
            plan = nodes(letters.order_by("-id") if index == "dead_letter_pkey" else letters)
            assert index in [node.get("Index Name") for node in plan], text
            whole = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
            assert whole <= {"search_due"}, text  # what is still to be made searchable: no more than that
        plan = nodes(DeadLetterQuery.parse('"12654A87FR4 SHARES"').letters())
        assert not any("SHARES" in node.get("Index Cond", "") for node in plan), "all of them say that"
        for text in ("", "status:parked", "status:resolved", "age:>10d", "received:<2100-01-01"):
            letters = DeadLetterQuery.parse(text).letters()
            for page in (letters, letters.filter(id__lt=letter.id)):
                assert looked_at(page.order_by("-id")[:51]) <= 51 * FEW, text
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET enable_seqscan")


def test_no_statement_of_a_page_reads_a_table_whole_or_more_dead_letters_than_the_page_tells_of(
    clerk: Client,
) -> None:
    call_command("seed", "3000", verbosity=0)
    letter = DeadLetter.objects.filter(attempt=1).order_by("id")[1_000]
    told = {
        "/": figures.LATEST * FEW,  # the median to resolve is over so many
        "/groups/": 0,
        "/messages/": 51 * 3,  # with the revision and a failed attempt of each
        "/messages/?q=status:parked": 51 * FEW,
        f"/messages/{letter.id}/": 51,
        "/operations/new/?kind=requeue&scope=matching&q=status:parked": 51,
        "/messages/?q=%22said+by+none%22": words.LATEST,  # rare, and left to its index
    }
    # They look through the nearest few thousand first, which here is all.
    searches = "q=header.advisor:advisor-7", "q=body.account:12654A87FR4", "q=correlation:basket-7", "q=a+b"
    searched = [f"/messages/{page}?{q}" for page in ("", "counts/") for q in searches]
    with plans() as found:
        for address in (*told, *searched):
            found.clear()
            assert clerk.get(address).status_code == 200
            assert len(found) > 5
            for plan in found:
                assert not plan.whole(GROWING), (address, plan.text)
                assert plan.read(OF_LETTERS) <= told.get(address, 2 * pages.NEAR), (address, plan.text)


def looked_at(page: QuerySet[DeadLetter]) -> int:
    """The most rows that a step of the plan looks at."""
    plan = nodes(page, run=True)
    return int(max(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in plan))


def nodes(letters: QuerySet[DeadLetter], run: bool = False) -> list[dict[str, Any]]:
    """The steps of the plan, flat."""
    [plan] = json.loads(letters.explain(format="json", analyze=run))
    return list(steps(plan["Plan"]))
