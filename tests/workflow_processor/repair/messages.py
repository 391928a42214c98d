"""Failed messages, and rules for them."""

from typing import Any

from consumers.failure import Failure
from consumers.fields import FieldProperties
from consumers.message import Message
from consumers.properties import Headers
from consumers.repair import FailedMessage
from workflow_processor.repair.definition import parse
from workflow_processor.repair.staff_rule import Attempt, Repaired, StaffRule
from workflow_processor.repair.surroundings import Surroundings

LINES = {"as": "lines", "columns": ["account", "side", "symbol", "shares"]}
TEXT = {"as": "text"}


def failed(
    body: bytes, *, error_type: str = "ValueError", text: str = "", headers: Headers | None = None
) -> FailedMessage:
    message = Message(body, FieldProperties.build(headers))
    return FailedMessage(message, Failure(error_type, text, "shop.orders.place"), "trades", 0)


def rule(*then: dict[str, Any], when: dict[str, str] | None = None, **parts: Any) -> StaffRule:
    surroundings = parts.pop("surroundings", Surroundings())
    definition = parse({"when": when or {"queue": "trades"}, "then": list(then), **parts})
    return StaffRule(definition, "tried", 1, surroundings)


def attempt(given: bytes, *then: dict[str, Any], **parts: Any) -> Attempt:
    return rule(*then, **parts).attempt(failed(given))


def made(given: bytes, *then: dict[str, Any], **parts: Any) -> bytes | str:
    """The repaired body, or why there is none."""
    attempted = attempt(given, *then, **parts)
    return attempted.message.body if isinstance(attempted, Repaired) else getattr(attempted, "why", "invalid")
