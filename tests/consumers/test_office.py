"""Delegating from code that has a loop of its own."""

from uuid import uuid4

import pytest

from consumers import NotDelegated, Office
from consumers.envelope import INTAKE_QUEUE, Delegated, Place, Receipt
from tests.consumers.conftest import Post


def raised(text: str) -> ValueError:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_one_call_delegates_a_body(post: Post) -> None:
    with Office(post.url) as office:
        failure_id = office.delegate(
            b"\xff,BUY",
            raised("no account"),
            queue="orders",
            handler="billing.bill",
            subscriber="billing",
            headers={"desk": "7"},
            message_id="m-1",
        )
    (arrival,) = post.at_office(1)
    assert isinstance(arrival, Delegated)
    assert arrival.message.body == b"\xff,BUY"
    assert (arrival.message.message_id, arrival.message.headers) == ("m-1", {"desk": "7"})
    assert (arrival.queue, arrival.return_address, arrival.subscriber) == ("orders", "orders", "billing")
    assert (arrival.failure.failure_id, arrival.failure.text) == (failure_id, "no account")
    assert "in raised" in arrival.failure.traceback


def test_a_whole_message_keeps_its_properties_and_may_have_another_return_address(post: Post) -> None:
    (message,) = post.send(b"1", headers={"desk": "7"})
    with Office(post.url) as office:
        office.delegate(message, raised(""), queue="work", handler="f", return_address=post.return_address)
    (arrival,) = post.at_office(1)
    assert isinstance(arrival, Delegated)
    assert arrival.message == message
    assert arrival.return_address == post.return_address


def test_a_block_delegates_what_is_raised_in_it_and_goes_on_after_it(post: Post) -> None:
    with Office(post.url) as office, office.delegating(b"1", queue="orders", handler="f", message_id="m-1"):
        int("8756 SHARES")
    (arrival,) = post.at_office(1)
    assert isinstance(arrival, Delegated)
    assert (arrival.message.message_id, arrival.failure.error_type) == ("m-1", "ValueError")


def test_a_block_that_succeeds_tells_of_a_requeue_and_of_nothing_else(post: Post) -> None:
    headers = {"dlo-id": str(uuid4()), "dlo-attempt": "1", "dlo-requeue-id": str(uuid4())}
    with Office(post.url) as office:
        for of_ours in ({}, headers):
            with office.delegating(b"1", queue="orders", handler="f", headers=of_ours):
                pass
    (arrival,) = post.at_office(1)
    assert isinstance(arrival, Receipt)
    assert str(arrival.dead_letter) == headers["dlo-id"]
    assert arrival.place == Place("orders", "", "orders")
    assert post.broker.measure(INTAKE_QUEUE, "office").ready == 0


def test_leaving_is_not_delegated(post: Post) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        Office(post.url) as office,
        office.delegating(b"1", queue="orders", handler="f"),
    ):
        raise KeyboardInterrupt
    assert post.broker.measure(INTAKE_QUEUE, "office").entered == 0


def test_without_the_offices_queue_the_message_is_still_yours(broker_url: str) -> None:
    with Office(broker_url) as office, pytest.raises(NotDelegated, match="Start the office") as caught:
        office.delegate(b"1", raised(""), queue="orders", handler="f")
    assert "acknowledge only then" in str(caught.value)


def test_without_the_broker_the_message_is_still_yours() -> None:
    with (
        Office("valkey://127.0.0.1:1") as office,
        pytest.raises(NotDelegated, match="Nothing was sent"),
        office.delegating(b"1", queue="orders", handler="f"),
    ):
        raise KeyError


def test_a_broker_that_no_adapter_serves_is_refused() -> None:
    with pytest.raises(ValueError, match="http://"):
        Office("http://localhost")
    with pytest.raises(ValueError, match="The port in the broker's address"):
        Office("valkey://localhost:sixty/0")
