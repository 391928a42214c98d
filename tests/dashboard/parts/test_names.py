import pytest

from dashboard.parts.names import last_part


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shop.pricing.UnknownSymbol", "UnknownSymbol"),
        ("ValueError", "ValueError"),
        ("HTTP 502. Bad gateway", "HTTP 502. Bad gateway"),
        ("ends.", "ends."),
        ("", ""),
    ],
)
def test_a_dotted_name_is_said_by_its_last_part(name: str, said: str) -> None:
    assert last_part(name) == said
