"""A staff rule at work: what comes of a message, in every way that it can."""

from collections.abc import Sequence

from consumers.brokers.amqp_properties import AmqpProperties
from consumers.message import Message
from consumers.repair import FailedMessage
from tests.workflow_processor.repair.messages import failed, made, rule
from workflow_processor.repair.definition import parse
from workflow_processor.repair.staff_rule import Invalid, Left, NotApplicable, Repaired, unsettled
from workflow_processor.repair.surroundings import Surroundings

SHARES = {"do": "take_number", "at": "shares"}


class Orders:
    """Orders are valid where they have no note."""

    def type_of(self, failed: FailedMessage) -> str:
        return "order"

    def problems(self, type: str, body: bytes) -> Sequence[str]:
        return ["note: it is not allowed"] if b"note" in body else []


def test_a_repair_says_what_was_done() -> None:
    given = failed(b'{"shares": "1 X"}', headers={"region": "US"})
    steps = (SHARES, {"do": "trim", "at": "side"}, {"do": "set_header", "name": "region", "value": "EU"})
    attempt = rule(*steps).attempt(given, "trades")
    assert attempt == Repaired(
        given.message.with_body(b'{"shares": 1}').with_headers({"region": "EU"}),
        "trades",
        ("take the number out of shares", "set the header region to 'EU'"),
    )


def test_a_message_that_needs_nothing_is_left_with_every_reason() -> None:
    attempt = rule(SHARES, {"do": "trim", "at": "side"}).attempt(failed(b'{"shares": 1}'))
    assert attempt == Left("shares is as it should be; there is no side")


def test_one_step_that_cannot_leaves_the_whole_message_as_it_was() -> None:
    attempt = rule({"do": "upper", "at": "side"}, SHARES).attempt(failed(b'{"side": "buy", "shares": "x"}'))
    assert isinstance(attempt, Left)


def test_what_is_not_valid_after_a_repair_is_told_and_not_repaired() -> None:
    around = Surroundings(schemas=Orders())
    given = failed(b'{"shares": "1 X", "note": ""}')
    attempt = rule(SHARES, surroundings=around).attempt(given)
    assert attempt == Invalid(
        given.message.with_body(b'{"shares": 1, "note": ""}'), ("note: it is not allowed",)
    )
    assert rule(SHARES, surroundings=around).repair(given) is None
    assert rule(SHARES, surroundings=around, after={"valid": False}).repair(given) is not None
    assert rule(SHARES, surroundings=around).repair(failed(b'{"shares": "1 X"}')) is not None


def test_a_header_alone_can_be_changed_whatever_the_body_is() -> None:
    given = failed(b"\xff\x00", headers={"region": "US", "old": "1"})
    repaired = rule(
        {"do": "set_header", "name": "region", "value": "EU"}, {"do": "remove_header", "name": "old"}
    ).repair(given)
    assert repaired
    assert (repaired.body, dict(repaired.headers)) == (b"\xff\x00", {"region": "EU"})


def test_headers_keep_their_types_where_the_broker_tells_them_apart() -> None:
    given = Message(b"{}", AmqpProperties.build({"size": "7", "other": b"\x00"}))
    message = FailedMessage(given, failed(b"").failure, "trades", 0)
    repaired = rule({"do": "set_header", "name": "size", "value": "7", "as": "number"}).repair(message)
    assert repaired
    assert repaired.headers == {"size": 7, "other": b"\x00"}


def test_a_message_goes_back_only_to_an_address_that_the_office_knows() -> None:
    tried = rule(
        {"do": "return_address", "to": "orders"}, surroundings=Surroundings(frozenset({"orders", "trades"}))
    )
    attempt = tried.attempt(failed(b"\xff"), "trades")
    assert attempt == Repaired(failed(b"\xff").message, "orders", ("send it back to orders",))
    assert tried.attempt(failed(b"{}"), "orders") == Left("it goes back to orders anyway")


def test_a_rule_for_another_fault_says_so() -> None:
    attempt = rule(SHARES, when={"error_type": "KeyError"}).attempt(failed(b'{"shares": "1 X"}'))
    assert attempt == NotApplicable("the error type is ValueError, not KeyError")


def test_a_rule_that_would_change_its_own_result_again_is_found_out_by_samples() -> None:
    step = {"do": "replace", "at": "s", "find": "x(.*)", "by": r"xx\1", "pattern": True}
    definition = parse({"when": {"queue": "trades"}, "then": [step]})
    assert unsettled(definition, [failed(b'{"s": "a"}')]) == ""
    assert unsettled(definition, [failed(b'{"s": "a"}'), failed(b'{"s": "xa"}')]).startswith(
        "Applied twice it"
    )
    assert made(b'{"s": "xa"}', step) == "applied to its own result, the rule would change it again"


def test_steps_that_undo_one_another_are_found_out() -> None:
    steps = [
        {"do": "replace", "at": "s", "find": "a", "by": "b"},
        {"do": "replace", "at": "s", "find": "b", "by": "ca"},
    ]
    assert made(b'{"s": "a"}', *steps) == "applied to its own result, the rule would change it again"


def test_steps_that_together_change_nothing_leave_the_message_alone() -> None:
    steps = (SHARES, {"do": "to_text", "at": "shares"})
    assert made(b'{"shares": "1 X"}', *steps) == b'{"shares": "1"}'
    assert made(b'{"shares": "1"}', *steps) == "its steps together change nothing"


def test_a_body_that_would_grow_too_much_in_bytes_is_left_alone() -> None:
    steps = [{"do": "set", "at": f"a{n}", "value": "€" * 4_000} for n in range(6)]
    assert made(b"{}", *steps) == "the body would grow to 72,060 bytes"
