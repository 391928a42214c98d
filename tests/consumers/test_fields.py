"""Properties as named byte strings: decoded where somebody looks, and no earlier."""

import pytest

from consumers.errors import MalformedProperties
from consumers.fields import FieldProperties

PARTS = [
    b"message-id",
    b"m-1",
    b"desk",
    b"Z\xc3\xbcrich",
    b"raw",
    b"\xff",
    b"type",
    b"trade",
    b"\xfe",
    b"odd",
]


@pytest.fixture(params=["as it arrived", "as it was stored"])
def properties(request: pytest.FixtureRequest) -> FieldProperties:
    arrived = FieldProperties.of_parts(list(PARTS))
    return arrived if request.param == "as it arrived" else FieldProperties(arrived.raw)


def test_what_arrived_and_what_was_stored_of_it_are_equal(properties: FieldProperties) -> None:
    other = FieldProperties.of_parts(list(PARTS))
    assert properties == other
    assert hash(properties) == hash(other)
    assert properties.raw == other.raw


def test_the_standard_fields_are_no_headers(properties: FieldProperties) -> None:
    assert (properties.message_id, properties.type, properties.content_type) == ("m-1", "trade", None)
    assert properties.headers == {"desk": "Zürich", "raw": b"\xff", "\udcfe": "odd"}
    assert properties.described() == {"message-id": "m-1", "type": "trade"}


def test_headers_are_a_mapping_like_any(properties: FieldProperties) -> None:
    headers = properties.headers
    assert (headers["desk"], headers["\udcfe"], headers.get("message-id")) == ("Zürich", "odd", None)
    assert ("raw" in headers, "type" in headers, "\ud800" in headers) == (True, False, False)
    assert (len(headers), list(headers)) == (3, ["desk", "raw", "\udcfe"])
    assert repr(headers) == repr(dict(headers))


def test_whether_a_header_is_there_at_all_is_told_without_decoding(properties: FieldProperties) -> None:
    assert (properties.mentions(b"desk"), properties.mentions(b"dlo-id")) == (True, False)


def test_the_last_of_several_fields_of_a_name_counts() -> None:
    parts = [b"type", b"of message-id", b"message-id", b"m-1", b"desk", b"7", b"message-id", b"m-2"]
    for pairs, id in ((parts, "m-2"), (parts[:6], "m-1"), (parts[:2], None), (parts[4:6], None)):
        stored = FieldProperties(FieldProperties.of_parts(pairs).raw)
        assert stored.message_id == FieldProperties.of_parts(pairs).message_id == id


def test_what_ends_in_the_middle_of_a_field_is_malformed() -> None:
    raw = FieldProperties.of_parts([b"message-id", b"m-1"]).raw
    with pytest.raises(MalformedProperties, match="middle"):
        FieldProperties(raw[:-1]).message_id  # noqa: B018 - looking is what fails


def test_a_name_without_a_value_is_malformed() -> None:
    raw = FieldProperties.of_parts([b"desk"]).raw
    with pytest.raises(MalformedProperties, match="no value"):
        FieldProperties(raw).headers  # noqa: B018 - looking is what fails
