"""The filter language: what it finds, and that list, count, facets and frozen ids all find the same."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from consumers.fields import FieldProperties
from consumers.message import Message
from dashboard.queries import DeadLetterQuery, QueryError, latest_attempt, pages, tallies, words
from dashboard.queries.patience import TookTooLong
from dashboard.queries.tokens import tokens
from dashboard.queries.words import telling
from tests.dashboard import office
from tests.dashboard.plainly import Asked, Known, assignee, column, fits
from workflow_processor import lifecycle
from workflow_processor.models import DeadLetter, Group, Operation, State
from workflow_processor.operations import acts as operations
from workflow_processor.operations.acts import Order
from workflow_processor.revisions import NewRevision

pytestmark = pytest.mark.django_db

QUEUES = ["trades", "trades.eu", "tr%des", "t_ades", "a,b", 'say "hi"', "back\\slash", "", "-dash", "ünï"]
ERRORS = ["ValueError", "shop.ValueError", "shop:KeyError", "Weird*Error", "100%", "TimeoutError"]
TEXTS = [
    "not a number: '8756'",
    "100% gone",
    "a_b",
    "C:\\temp",
    '"quoted"',
    "*star*",
    "Überfall",
    "SIDE is BYU",
]
HANDLERS = ["trading.placement:place", "place", "misplace", ""]
AGES = [timedelta(minutes=5), timedelta(hours=3), timedelta(days=2)]


BODIES = [
    b'{"account": "12654A87FR4", "shares": 1254, "lines": [{"qty": 5, "sku": "a-1"}, {"qty": 12}]}',
    b'{"account": "2WE35HF6DH", "shares": "1254", "tags": ["urgent", "e"], "ship to": {"city": "K\\u00f6n"}}',
    b'{"account": null, "shares": "8756 SHARES", "ok": true, "price": 1.10, "day": "2026-11-20"}',
    b'{"account": "a%b_c\\\\d", "shares": 12345678901234567890, "lines": {"qty": 7}, "ok": "true"}',
    b'[{"account": "12654A87FR4", "shares": -3}, {"shares": 1254.0}]',
    b"2WE35HF6DHF,BUY,AAPL,8756 SHARES",
    b"M\xfcLLER-12654A87FR4,BUY,AAPL,12",
    b'{"account": "nul\\u0000", "shares": 1254}',
    b'{"account": NaN}',
    b"",
    b"plain words, and \xc3\x9cberfall",
]
HEADERS: list[dict[str, Any]] = [
    {"desk": "retail", "trace.id": "t-1"},
    {"desk": "equities", "x": "5"},
    {"desk": "re*ail", "x": "12", "\xfcml": "b\xe4r"},
]


@pytest.fixture
def known() -> list[Known]:
    """Forty dead letters of every kind of name and body, in five states."""
    made = office.park(
        *(
            office.failed(
                BODIES[number % len(BODIES)],
                queue=QUEUES[number % 10],
                subscriber=["placement", "", "risk"][number % 3],
                error_type=ERRORS[number % 6],
                text=TEXTS[number % 8],
                handler=HANDLERS[number % 4],
                message_id=f"m-{number % 30}",
                correlation_id=[None, "c-1", "c*2"][number % 3],
                headers=HEADERS[number % 3],
                key=[None, "K-1", "K-2"][number % 3],
                address="somewhere",
            )
            for number in range(40)
        )
    )
    for letter in made[::5]:
        office.discarded(letter)
    for letter in made[1::5]:
        office.requeued(letter)
    office.came_back(made[2], error_type="KeyError", text="came back: 'qty'", queue=made[2].source.queue)
    for letter in made[3::10]:
        edited(letter)
    office.take_in(office.failed(TEXTS[0].encode()), office.failed(b"x" * 3000))
    for letter, age in zip(made, AGES * 20, strict=False):
        office.aged(letter, age)
    assigned()
    office.searchable()
    everything = DeadLetter.objects.select_related("source", "assignee", "group__assignee")
    return [Known.of(letter) for letter in everything.order_by("-id")]


def assigned() -> None:
    """Some messages to a person each, some groups to others, one of which another is merged into."""
    bob, bea = User.objects.create_user("bob"), User.objects.create_user("b*a")
    groups = list(Group.objects.order_by("id"))
    Group.objects.filter(id__in=[group.pk for group in groups[::3]]).update(assignee=bob)
    Group.objects.filter(id__in=[groups[1].pk, groups[2].pk]).update(assignee=bea)
    Group.objects.filter(id=groups[2].pk).update(merged_into=groups[0])
    Group.objects.filter(id=groups[4].pk).update(merged_into=groups[1])
    ids = list(DeadLetter.objects.order_by("id").values_list("id", flat=True))
    DeadLetter.objects.filter(id__in=ids[::7]).update(assignee=bea)


def edited(letter: DeadLetter) -> None:
    """Given a message that it did not come with."""
    made = NewRevision(Message(BODIES[0], FieldProperties.build(HEADERS[1])), "somewhere", "a test")
    lifecycle.edit([office.seen(letter)], [made], office.CLERK)


VALUES = {
    "status": ["parked", "waiting", "requeued", "discarded", "received"],
    "queue": [*QUEUES, "tr*", "*des*", "*", "nowhere"],
    "subscriber": ["placement", "", "r*"],
    "error": [*ERRORS, "KeyError", "*Error", "Error"],
    "handler": [*HANDLERS, "*place"],
    "message": ["m-1", "m-2*", "M-1"],
    "correlation": ["", "c-1", "c*2", "c*"],
    "key": ["", "K-1", "K*", "k-1"],
    "age": [">1h", "<1h", ">1d", "<90s", ">2w", "1h..2d", "..3h"],
    "size": ["32", ">1KB", "<100", "50..120", "0"],
    "attempts": ["0", "1", ">=1", "<2"],
    "failures": ["1", ">1", "2..5"],
    "failed": ["2001-01-01", ">2001-01-01", "<=2001-01-01", "2001-01-01..2100-01-01", "<2100-01-01"],
    "assignee": ["bob", "b*a", "b*", "*", "none", "nobody"],
    "edited": ["yes", "no"],
    "duplicate": ["yes", "no"],
    "body": ["8756", "account*SHARES", "k\xf6n", "12654A87FR4", "\\u00f6"],
    "body.account": ["12654A87FR4", "12654*", "*", "null", "*b_c*", "A%B*", "nul*", "*%*\\*", "2WE..2Z"],
    "body.shares": ["1254", "8756 SHARES", ">1000", "<=1254", "*", "12*", "-5..2000", "12345678901234567890"],
    "body.lines[0].qty": ["5", ">6", "12", "5..7"],
    "body.lines[].qty": ["12", ">=7", "*"],
    "body.lines.sku": ["a-1", "B*", ">A"],
    "body.lines": ["*", "5"],
    "body.tags": ["urgent", "e*", "urgent e"],
    'body."ship to".city': ["K\xf6n", "K*n", "k\xf6n"],
    "body.ok": ["true", "tr*", "false"],
    "body.price": ["1.1", "1.10", ">1.09", "1.1*"],
    "body.day": ["2026-11-20", ">2026-01-01", "2026-11-01..2026-11-30"],
    "body.4": ["8756 SHARES", "8756*", "12"],
    "body[1].shares": ["1254", "*"],
    "body.nowhere": ["*", "x"],
    "header.desk": ["retail", "re*ail", "equities", "nobody", "*"],
    "header.trace.id": ["t-1", "t*"],
    "header.x": ["5", ">6", "1*"],
    "header.\xfcml": ["b\xe4r"],
    "": [*TEXTS, "8756", "side", "side*byu", "%", "_", "\\", "<b>", "a*9", "12654A87FR4", "came back"],
}
UNQUOTED = ("age", "size", "attempts", "failures", "failed", "edited", "duplicate")


def asked() -> st.SearchStrategy[Asked]:
    def of(key: str) -> st.SearchStrategy[Asked]:
        quoted = st.just(False) if key in UNQUOTED else st.booleans()
        values = st.lists(st.tuples(st.sampled_from(VALUES[key]), quoted), min_size=1, max_size=3)
        return st.tuples(st.just(key), st.booleans(), values if key else values.map(lambda some: some[:1]))

    return st.sampled_from(list(VALUES)).flatmap(of)


def typed(asked: Asked) -> str:
    """As a person would type it; in quotes where a word cannot say it."""
    key, negated, values = asked
    spelled = ",".join(
        '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if quoted else value
        for value, quoted in values
    )
    return ("-" if negated else "") + (f"{key}:" if key else "") + spelled


def typeable(asked: Asked) -> bool:
    key, _, values = asked
    return all(
        quoted or (value and not re.search(r'[\s"]|^-|^[A-Za-z][\w.-]*:' if not key else r'[\s",]', value))
        for value, quoted in values
    )


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(terms=st.lists(asked().filter(typeable), max_size=3))
def test_list_count_facets_and_an_act_agree_with_a_plain_filter(
    known: list[Known], ada: User, terms: list[Asked]
) -> None:
    now = timezone.now()
    query = DeadLetterQuery.parse("  ".join(map(typed, terms)), now)
    expected = [one.letter for one in known if all(fits(one, term, now) for term in terms)]
    ids = [letter.id for letter in expected]

    assert [letter.id for letter in query.letters().order_by("-id")] == ids
    parked = sum(letter.state == State.PARKED for letter in expected)
    assert query.numbers(able=[State.PARKED]) == (query.tally().total, parked) == (len(ids), parked)
    assert paged(query, 7) == ids
    for facet in query.facets():
        rest = [term for term in terms if term[0] != facet.key or term[1]]
        found = Counter(
            column(one.letter, facet.key) for one in known if all(fits(one, term, now) for term in rest)
        )
        assert {value.value: value.number for value in facet.values}.items() <= found.items()
        assert len(facet.values) + facet.left_out == len(found)
    able = {letter.id for letter in expected if letter.state in (State.PARKED, State.WAITING)}
    with transaction.atomic():
        assert frozen(ada, query) == able
        transaction.set_rollback(True)


def test_a_row_names_whom_assignee_finds_it_by(known: list[Known]) -> None:
    rows = DeadLetterQuery.parse("").page(size=len(known)).letters
    named = [row.assignee.username if row.assignee else row.by_group for row in rows]  # type: ignore[attr-defined]
    assert named == [assignee(one.letter) for one in known]
    assert {"bob", "b*a", None} <= set(named)


@pytest.fixture
def ada() -> User:
    return office.person()


def found(query: DeadLetterQuery, until: UUID | None = None) -> list[UUID]:
    """What it finds, the oldest first."""
    return list(query.letters(until).order_by("id").values_list("id", flat=True))


def frozen(person: User, query: DeadLetterQuery) -> set[UUID]:
    """What an operation over all that match is about."""
    order = Order("discard", Operation.Selection.QUERY, query.text, "A test.")
    try:
        operation = operations.plan(person, order, query.letters())
    except operations.NothingToDo:
        return set()
    return set(operation.items.values_list("dead_letter", flat=True))


def paged(query: DeadLetterQuery, size: int) -> list[Any]:
    """All that the list shows, page after page, and back again."""
    shown = [query.page(size=size)]
    while shown[-1].older:
        shown.append(query.page(older=shown[-1].older, size=size))
    for page, before in zip(shown[:0:-1], shown[-2::-1], strict=True):
        assert query.page(newer=page.newer, size=size).letters == before.letters
    assert shown[0].newer is None
    return [letter.id for page in shown for letter in page.letters]


@given(value=st.text(min_size=1, max_size=20))
def test_what_a_facet_spells_is_read_back_as_itself(value: str) -> None:
    assume(not re.search("[\0\ud800-\udfff]", value))
    query = DeadLetterQuery.parse(DeadLetterQuery.parse("status:parked").toggled("queue", value))
    assert query.chosen("queue") == {value}
    assert query.toggled("queue", value) == "status:parked"


def statement(query: DeadLetterQuery) -> str:
    """What the database is asked; nothing where it is known that there is nothing."""
    try:
        return str(query.letters().query)
    except EmptyResultSet:
        return ""


SCRAPS = ["a", "status:", "parked", "queue:", ":", "-", ",", '"', "\\", "*", ">", " ", "\n", "\0"]


@given(text=st.text(max_size=60) | st.lists(st.sampled_from(SCRAPS)).map("".join))
def test_any_text_is_read_or_refused_with_the_place(text: str) -> None:
    with suppress(QueryError):
        query = DeadLetterQuery.parse(text)
        again = DeadLetterQuery.parse(" ".join(str(term.token) for term in query.terms), query.now)
        assert statement(again) == statement(query)
        return
    with pytest.raises(QueryError) as caught:
        DeadLetterQuery.parse(text)
    error = caught.value
    assert (error.before + error.marked + error.after, bool(str(error))) == (text.strip(), True)


@pytest.mark.parametrize(
    ("text", "marked", "said"),
    [
        ("stauts:parked", "stauts", "Did you mean status?"),
        ("-colour:red", "colour", "There is no key colour."),
        ("status:parked,lost", "lost", "There is no status lost."),
        ("queue:", "", "A value is missing"),
        ("queue:a,,b", ",", "A value is missing"),
        ('error:"half', '"', "not closed"),
        ('"a\\n"', '"', "a backslash stands before"),
        ('queue:a"b"', '"', "either all in quotes"),
        ("age:2h", "2h", "age:>2h"),
        ("age:>2y", ">2y", "age:>2h"),
        ("age:>999999w", ">999999w", "be that old"),
        ("group:x", "x", "group:12"),
        ("id:12", "12", "32 digits"),
        ("trades - placement", "-", "right before"),
        ("a\0b", "\0", "cannot stand"),
        ("x" * 2_001, "x", "at most 2,000"),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_why(text: str, marked: str, said: str) -> None:
    with pytest.raises(QueryError, match=re.escape(said)) as caught:
        DeadLetterQuery.parse(text)
    assert caught.value.marked == marked


def test_what_is_not_searchable_as_it_is_now_is_found_by_all_but_what_it_says() -> None:
    letter = office.parked(b"12345", message_id="m-1", key="K-1")

    def answers() -> list[bool]:
        asked = ("message:m-1", "key:K*", "-key:K-2", "size:5", "size:>5", "-size:<10", "body:1", "-body:x")
        return [bool(DeadLetterQuery.parse(f"{text} status:parked").letters().exists()) for text in asked]

    assert answers() == [True, True, True, True, False, False, False, False]
    office.searchable()
    assert answers() == [True, True, True, True, False, False, True, True]
    edited(letter)
    assert len(BODIES[0]) > 10
    assert answers() == [True, True, True, False, True, True, False, False]
    assert paged(DeadLetterQuery.parse("size:>5 key:K-1"), 1) == [letter.id]
    assert DeadLetterQuery.parse("body:1 key:K-1").behind() == 1
    assert DeadLetterQuery.parse("body:1 key:K-2").behind() == 0
    assert DeadLetterQuery.parse("size:>5").behind() == 0


def test_an_index_is_asked_for_no_word_that_most_messages_say() -> None:
    office.park(*(office.failed(f"{number} shares of Sap".encode()) for number in range(100, 110)))
    office.searchable()

    def said(text: str) -> list[str]:
        return telling(tokens(text)[0].values[0])

    assert said('"107 SHARES"') == ["107 "]
    assert said('"some 107 Shares"') == ["some ", " 107 "]
    assert said("107*sap*of*x") == ["107"]
    for text in ('"shares of Sap"', '"108 or 109"', "shares", '"7 of"'):
        assert said(text) == [], text
    for text, number in (('"107 SHARES"', 1), ('"107 sap"', 0), ('-"107 shares"', 9), ("1*7*sap", 1)):
        assert DeadLetterQuery.parse(text).numbers().found == number, text


@pytest.mark.parametrize("text", ["side", "body:12654A87FR4,nowhere", '"side is" -body:x', "side*byu"])
def test_what_none_of_the_latest_messages_say_is_found_by_its_index_without_a_walk(
    known: list[Known], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    query = DeadLetterQuery.parse(text)
    ids, tally = [letter.id for letter in query.letters().order_by("-id")], query.tally()
    assert len(ids) > 3
    assert paged(query, 3) == ids
    monkeypatch.setattr(words, "LATEST", 1)

    def walk(*_: object) -> None:
        raise AssertionError("It looks through the nearest.")

    monkeypatch.setattr(pages, "_nearby", walk)
    monkeypatch.setattr(tallies, "_near", walk)
    assert paged(query, 3) == ids
    assert query.tally() == tally


def test_the_present_is_fixed_when_the_query_is_read() -> None:
    letter = office.parked()
    query = DeadLetterQuery.parse("age:<1h", timezone.now() + timedelta(hours=2))
    assert query.numbers().found == 0
    assert found(DeadLetterQuery.parse("age:<1h")) == [letter.id]


def test_a_frozen_selection_leaves_out_what_arrives_later() -> None:
    first, second = office.parked(), office.parked()
    query = DeadLetterQuery.parse("status:parked")
    assert found(query, until=first.id) == [first.id]
    for text in ("", "status:parked", "attempts:0"):
        for until, number in ((first.id, 1), (second.id, 2)):
            assert DeadLetterQuery.parse(text).numbers(until, [State.PARKED]) == (number, number)
            assert DeadLetterQuery.parse(text).numbers(until, [State.WAITING]) == (number, 0)
    assert query.count_since(first.id) == 1
    assert query.count_since(second.id) == 0


def test_what_came_back_is_new_to_the_lists_that_find_it() -> None:
    letter, other = office.requeued(office.parked()), office.parked(queue="orders")
    parked, orders = DeadLetterQuery.parse("status:parked"), DeadLetterQuery.parse("queue:orders")
    attempt = latest_attempt()
    assert parked.count_since(other.id, attempt) == 0
    office.came_back(letter)
    assert parked.count_since(other.id, attempt) == 1
    assert orders.count_since(other.id, attempt) == 0
    assert parked.count_since(other.id, latest_attempt()) == 0
    office.parked()
    assert parked.count_since(other.id, attempt) == 2, "one that is new fails for the first time"


def test_what_takes_too_long_is_looked_for_bit_by_bit_and_counted_as_far_as_was_looked(
    known: list[Known], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "NEAR", 3)
    monkeypatch.setattr(pages, "FAR", 10)
    monkeypatch.setattr(tallies, "NEAR", 10)
    query = DeadLetterQuery.parse("body.shares:>1000")
    ids = [one.letter.id for one in known if fits(one, ("body.shares", False, [(">1000", False)]), query.now)]
    assert paged(query, 4) == ids
    assert query.tally().total == len(ids)

    @contextmanager
    def impatient(_: float) -> Iterator[None]:
        yield
        raise TookTooLong

    monkeypatch.setattr(pages, "within", impatient)
    monkeypatch.setattr(tallies, "within", impatient)
    first = query.page(size=20)
    assert first.partly
    assert [letter.id for letter in first.letters] == [
        one.letter.id for one in known[:10] if one.letter.id in ids
    ]
    found = list(first.letters)
    while first.older:
        first = query.page(older=first.older, size=20)
        found += first.letters
    assert [letter.id for letter in found] == ids
    assert not query.tally().whole
    assert query.tally().total == sum(one.letter.id in ids for one in known[:10])
