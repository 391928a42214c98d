"""The filter language: what it finds, and that list, count, facets and frozen ids all find the same."""

import re
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dashboard.queries import DeadLetterQuery, QueryError
from tests.dashboard import office
from workflow_processor.models import DeadLetter

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


@pytest.fixture
def letters() -> list[DeadLetter]:
    """Forty dead letters of every kind of name, in four states."""
    made = office.park(
        *(
            office.failed(
                f"{TEXTS[-number % 8]},{number}".encode(),
                queue=QUEUES[number % 10],
                subscriber=["placement", "", "risk"][number % 3],
                error_type=ERRORS[number % 6],
                text=TEXTS[number % 8],
                handler=HANDLERS[number % 4],
                message_id=f"m-{number % 30}",
                correlation_id=[None, "c-1", "c*2"][number % 3],
                address="somewhere",
            )
            for number in range(40)
        )
    )
    for letter in made[::5]:
        office.discarded(letter)
    for letter in made[1::5]:
        office.requeued(letter)
    office.take_in(office.failed(TEXTS[0].encode()), office.failed(b""))
    for letter, age in zip(made, AGES * 20, strict=False):
        office.aged(letter, age)
    return list(DeadLetter.objects.select_related("source").order_by("-id"))


Asked = tuple[str, bool, list[tuple[str, bool]]]
"""A key, whether it is negated, and values with whether they are in quotes."""

VALUES = {
    "status": ["parked", "waiting", "requeued", "discarded", "received"],
    "queue": [*QUEUES, "tr*", "*des*", "*", "nowhere"],
    "subscriber": ["placement", "", "r*"],
    "error": [*ERRORS, "KeyError", "*Error", "Error"],
    "handler": [*HANDLERS, "*place"],
    "message": ["m-1", "m-2*", "M-1"],
    "correlation": ["", "c-1", "c*2", "c*"],
    "age": [">1h", "<1h", ">1d", "<90s", ">2w"],
    "": [*TEXTS, "8756", "side", "side*byu", "%", "_", "\\", "<b>", "a*9"],
}


def asked() -> st.SearchStrategy[Asked]:
    def of(key: str) -> st.SearchStrategy[Asked]:
        values = st.lists(st.tuples(st.sampled_from(VALUES[key]), st.booleans()), min_size=1, max_size=3)
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


def fits(letter: DeadLetter, asked: Asked, now: datetime) -> bool:
    """The language in plain Python."""
    key, negated, values = asked
    return negated != any(_fits(letter, key, value, quoted, now) for value, quoted in values)


def _fits(letter: DeadLetter, key: str, value: str, quoted: bool, now: datetime) -> bool:
    parts = [value] if quoted else value.split("*")

    def whole(text: str, before: str = "") -> bool:
        return bool(re.fullmatch(before + ".*".join(map(re.escape, parts)), text, re.DOTALL))

    match key:
        case "":
            somewhere = ".*".join(re.escape(part.upper()) for part in parts)
            texts = (letter.error_text.upper(), letter.preview.upper())
            return any(re.search(somewhere, text, re.DOTALL) for text in texts)
        case "error":
            return whole(letter.error_type, "(?:.*[.:])?")
        case "handler":
            return whole(letter.handler, "(?:.*[.:])?")
        case "age":
            seconds = {">1h": 3600, "<1h": 3600, ">1d": 86_400, "<90s": 90, ">2w": 14 * 86_400}[value]
            age = (now - letter.received_at).total_seconds()
            return age > seconds if value[0] == ">" else age < seconds
        case _:
            return whole(_column(letter, key))


def _column(letter: DeadLetter, key: str) -> str:
    columns: dict[str, str] = {
        "status": letter.state,
        "queue": letter.source.queue,
        "subscriber": letter.source.subscriber,
        "message": letter.message_id,
        "correlation": letter.correlation_id,
        "error": letter.error_type,
        "handler": letter.handler,
    }
    return columns[key]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(terms=st.lists(asked().filter(typeable), max_size=3))
def test_list_count_facets_and_ids_agree_with_a_plain_filter(
    letters: list[DeadLetter], terms: list[Asked]
) -> None:
    now = timezone.now()
    query = DeadLetterQuery.parse("  ".join(map(typed, terms)), now)
    expected = [letter.id for letter in letters if all(fits(letter, term, now) for term in terms)]

    assert [letter.id for letter in query.letters().order_by("-id")] == expected
    assert query.count() == len(expected)
    assert [one.id for one in query.seen()] == expected[::-1]
    assert paged(query, 7) == expected
    for facet in query.facets():
        rest = [term for term in terms if term[0] != facet.key or term[1]]
        found = Counter(
            _column(letter, facet.key) for letter in letters if all(fits(letter, term, now) for term in rest)
        )
        assert {value.value: value.number for value in facet.values}.items() <= found.items()
        assert len(facet.values) + facet.left_out == len(found)


def paged(query: DeadLetterQuery, size: int) -> list[Any]:
    """All that the list shows, page after page, and back again."""
    pages = [query.page(size=size)]
    while pages[-1].older:
        pages.append(query.page(older=pages[-1].older, size=size))
    for page, before in zip(pages[:0:-1], pages[-2::-1], strict=True):
        assert query.page(newer=page.newer, size=size).letters == before.letters
    assert pages[0].newer is None
    return [letter.id for page in pages for letter in page.letters]


@given(value=st.text(min_size=1, max_size=20))
def test_what_a_facet_spells_is_read_back_as_itself(value: str) -> None:
    assume(not re.search("[\0\ud800-\udfff]", value))
    query = DeadLetterQuery.parse(DeadLetterQuery.parse("status:parked").toggled("queue", value))
    assert query.chosen("queue") == {value}
    assert query.toggled("queue", value) == "status:parked"


SCRAPS = ["a", "status:", "parked", "queue:", ":", "-", ",", '"', "\\", "*", ">", " ", "\n", "\0"]


@given(text=st.text(max_size=60) | st.lists(st.sampled_from(SCRAPS)).map("".join))
def test_any_text_is_read_or_refused_with_the_place(text: str) -> None:
    with suppress(QueryError):
        query = DeadLetterQuery.parse(text)
        again = DeadLetterQuery.parse(" ".join(str(term.token) for term in query.terms), query.now)
        assert [term.condition for term in again.terms] == [term.condition for term in query.terms]
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
        ("age:>999999w", ">999999w", "as old as that"),
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


def test_the_present_is_fixed_when_the_query_is_read() -> None:
    letter = office.parked()
    query = DeadLetterQuery.parse("age:<1h", timezone.now() + timedelta(hours=2))
    assert query.count() == 0
    assert [one.id for one in DeadLetterQuery.parse("age:<1h").seen()] == [letter.id]


def test_a_frozen_selection_leaves_out_what_arrives_later() -> None:
    first, second = office.parked(), office.parked()
    query = DeadLetterQuery.parse("status:parked")
    assert [one.id for one in query.seen(until=first.id)] == [first.id]
    assert query.count(until=first.id) == 1
    assert query.count_since(first.id) == 1
    assert query.count_since(second.id) == 0
