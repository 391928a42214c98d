"""What a consumer's log says of failures."""

import logging

import pytest

from consumers import CannotBeRepaired, Message
from consumers.broker import Delivery
from consumers.failure import Failure
from consumers.fields import FieldProperties
from consumers.handling import Handler
from consumers.reporting import note


def place(message: Message) -> None:
    raise CannotBeRepaired("torn") if message.body == b"hopeless" else ValueError("8756 SHARES")


def failed(handler: Handler, *bodies: bytes) -> list[tuple[Delivery, Failure]]:
    found = []
    for number, body in enumerate(bodies):
        message = Message(body, FieldProperties.build(message_id=f"m-{number}"))
        failure = handler.handle(message)
        assert failure
        found.append((Delivery(message, "work", redelivered=False, token=number), failure))
    return found


def test_failures_that_are_alike_are_one_line_that_counts_them_and_names_the_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler = Handler("work", "tests", place)
    several = failed(handler, b"bad", b"hopeless", b"worse", b"bad")
    with caplog.at_level(logging.WARNING):
        note(several, handler)
    alike, hopeless = (record.getMessage() for record in caplog.records)
    assert "error=ValueError kind=unknown count=3 message=m-0 " in alike
    assert str(several[0][1].failure_id) in alike
    assert "kind=permanent count=1 message=m-1 " in hopeless


def test_where_nothing_failed_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    note([], Handler("work", "tests", place))
    assert not caplog.records
