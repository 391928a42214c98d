"""What a handler's errors become, without a broker."""

import json
from typing import Any

import pytest

from consumers import CannotBeRepaired, Consumer, Message, RetryLater
from consumers.failure import Failure, Kind
from consumers.fields import FieldProperties
from consumers.handling import Handler, OrderingKey

MESSAGE = Message(b"12", FieldProperties.build(message_id="m-1"))


class PricingTimeout(Exception):
    pass


class PricingError(Exception):
    pass


class NoSuchSymbol(PricingError):
    pass


class Tongueless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def failing(error: Exception, **declared: object) -> tuple[Failure | None, int]:
    """The failure of a handler that raises this, and how often it was called."""
    calls = []
    consumer = Consumer()

    @consumer.handles("work", subscriber="tests", **declared)  # type: ignore[arg-type]
    def handler(message: Message) -> None:
        calls.append(message)
        raise error

    (declaration,) = consumer.handlers
    return declaration.handle(MESSAGE), len(calls)


def test_a_handler_that_returns_has_no_failure() -> None:
    assert Handler("work", "tests", lambda message: message.json()).handle(MESSAGE) is None


def test_a_declared_transient_error_is_tried_at_once_as_often_as_declared() -> None:
    failure, calls = failing(PricingTimeout("slow"), attempts=3, transient=(PricingTimeout,))
    assert failure is not None
    assert (failure.kind, failure.tries, calls) == (Kind.TRANSIENT, 3, 3)


def test_an_attempt_that_succeeds_ends_the_attempts() -> None:
    errors = [TimeoutError(), None, TimeoutError()]

    def recovers(message: Message) -> None:
        if error := errors.pop(0):
            raise error

    assert Handler("work", "tests", recovers, attempts=5).handle(MESSAGE) is None
    assert len(errors) == 1


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError()])
def test_time_outs_and_lost_connections_are_the_worlds_fault_undeclared(error: Exception) -> None:
    failure, calls = failing(error, attempts=2)
    assert failure is not None
    assert (failure.kind, calls) == (Kind.TRANSIENT, 2)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("8756 SHARES"), Kind.UNKNOWN),
        (PricingError("no such symbol"), Kind.PERMANENT),
        (CannotBeRepaired("torn"), Kind.PERMANENT),
        (RetryLater("closed", after=60), Kind.TRANSIENT),
    ],
)
def test_what_trying_at_once_cannot_help_is_tried_once(error: Exception, kind: Kind) -> None:
    failure, calls = failing(error, attempts=5, permanent=(PricingError,))
    assert failure is not None
    assert (failure.kind, failure.tries, calls) == (kind, 1, 1)


def test_of_an_errors_classes_the_nearest_that_is_declared_decides() -> None:
    declared = {"transient": (PricingError,), "permanent": (NoSuchSymbol, OSError)}
    kinds = [
        failing(error, **declared)[0] for error in (PricingError(), NoSuchSymbol(), TimeoutError(), OSError())
    ]
    assert [failure.kind for failure in kinds if failure] == [
        Kind.TRANSIENT,
        Kind.PERMANENT,
        Kind.TRANSIENT,
        Kind.PERMANENT,
    ]


def test_retry_later_says_when() -> None:
    failure, _ = failing(RetryLater("closed", after=90))
    assert failure is not None
    assert failure.retry_after == 90


@pytest.mark.parametrize("after", ["soon", float("nan"), float("inf"), -1])
def test_a_time_that_is_no_number_of_seconds_is_left_out(after: object) -> None:
    failure, _ = failing(RetryLater("closed", after=after))  # type: ignore[arg-type]
    assert failure is not None
    assert failure.retry_after is None


def test_an_error_that_cannot_tell_its_text_is_a_failure_like_any_other() -> None:
    failure, _ = failing(Tongueless())
    assert failure is not None
    assert "RuntimeError" in failure.text
    assert failure.error_type.endswith("Tongueless")


def bottomless(message: Message) -> None:
    bottomless(message)


def test_endless_recursion_is_a_failure() -> None:
    failure = Handler("work", "tests", bottomless).handle(MESSAGE)
    assert failure is not None
    assert failure.error_type == "RecursionError"


def test_running_out_of_memory_is_a_failure() -> None:
    failure = Handler("work", "tests", lambda _: bytearray(1 << 62)).handle(MESSAGE)
    assert failure is not None
    assert failure.error_type == "MemoryError"


@pytest.mark.parametrize("leaving", [KeyboardInterrupt, SystemExit])
def test_leaving_is_no_failure(leaving: type[BaseException]) -> None:
    def leaves(message: Message) -> None:
        raise leaving

    with pytest.raises(leaving):
        Handler("work", "tests", leaves).handle(MESSAGE)


def test_the_traceback_begins_in_the_users_function() -> None:
    failure = Handler("work", "tests", lambda message: json.loads(b"{")).handle(MESSAGE)
    assert failure is not None
    assert "/handling.py" not in failure.traceback
    assert failure.top_frame.startswith("json.")


def test_a_handler_that_cannot_even_be_called_fails_the_message() -> None:
    function: Any = lambda: None  # noqa: E731
    failure = Handler("work", "tests", function).handle(MESSAGE)
    assert failure is not None
    assert failure.error_type == "TypeError"


def test_a_callable_without_a_name_is_known_by_its_type() -> None:
    assert Handler("work", "tests", Refuses()).name.endswith("test_handling.Refuses")


class Refuses:
    def __call__(self, message: Message) -> None:
        raise ValueError


@pytest.mark.parametrize(
    ("key_of", "key"),
    [
        (lambda message: message.text(), "12"),
        (lambda message: None, None),
        (lambda message: message.json()["account"], None),
        (lambda message: 12, "12"),
        (lambda message: "\udc80", "\\udc80"),
    ],
)
def test_a_key_is_text_or_nothing_and_never_an_error(key_of: OrderingKey, key: str | None) -> None:
    assert Handler("work", "tests", print, ordering_key=key_of).key_of(MESSAGE) == key


def test_a_consumer_refuses_what_makes_no_sense() -> None:
    consumer = Consumer()
    consumer.handles("work", subscriber="tests")(print)
    consumer.handles("work", subscriber="others")(print)
    consumer.handles("rest", subscriber="tests")(print)
    with pytest.raises(ValueError, match="already"):
        consumer.handles("work", subscriber="tests")
    with pytest.raises(ValueError, match="at least 1"):
        consumer.handles("new", subscriber="tests", attempts=0)
