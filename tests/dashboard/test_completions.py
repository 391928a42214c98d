"""What the search field offers while somebody types."""

import pytest

from dashboard.queries import DeadLetterQuery
from dashboard.queries.completions import completions
from tests.dashboard import office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _letters() -> None:
    office.park(
        office.failed(b'{"account": "A1", "lines": [{"qty": 5}], "ship to": {"city": "K"}}', queue="trades"),
        office.failed(
            b"A1,BUY", queue="stock, cold", error_type="shop.UnknownSymbol", headers={"trace.id": "t"}
        ),
    )
    office.person("grace")
    office.searchable()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("st", "status:"),
        ("status:parked -qu", "status:parked -queue:"),
        ("status:pa", "status:parked "),
        ("status:parked,wai", "status:parked,waiting "),
        ("queue:tr", "queue:trades "),
        ("queue:", 'queue:"stock, cold" '),
        ('queue:"stock', 'queue:"stock, cold" '),
        ("error:unknown", "error:shop.UnknownSymbol "),
        ("assignee:gr", "assignee:grace "),
        ("hea", "header."),
        ("header.t", "header.trace.id:"),
        ("header.trace.id:", "header.trace.id:t "),
        ("body.l", "body.lines.qty:"),
        ('body."ship', 'body."ship to".city:'),
        ("body.account:", "body.account:A1 "),
        ("body.2:", "body.2:BUY "),
        ("age:", "age:>1h "),
        ("edited:n", "edited:no "),
    ],
)
def test_what_is_offered_can_be_searched_for(typed: str, offered: str) -> None:
    texts = {one.text: one for one in completions(typed, len(typed))}
    assert offered in texts
    assert texts[offered].at == len(offered)
    if offered.endswith(" "):
        assert DeadLetterQuery.parse(offered).text == offered.strip()


def test_what_stands_behind_the_cursor_stays() -> None:
    one, *_ = completions("status:pa queue:trades", len("status:pa"))
    assert (one.text, one.at) == ("status:parked queue:trades", len("status:parked"))


@pytest.mark.parametrize("typed", ["", "zz", "nothing:x", '"status:pa', "header.zz", "x" * 3_000, "-", 'a"b'])
def test_any_text_is_met_with_offers_or_none(typed: str) -> None:
    for one in completions(typed, len(typed)):
        assert one.text.startswith(typed[:1])
