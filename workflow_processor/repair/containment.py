"""Asks one rule about one failed message. Whatever the rule does, the answer is a value."""

from dataclasses import dataclass

from celery.exceptions import SoftTimeLimitExceeded

from consumers.errors import OfficeError
from consumers.message import RESERVED, Message
from consumers.repair import FailedMessage, Rule
from workflow_processor.repair.time_limit import TimeLimit, TookTooLong

GROWTH, ROOM = 2, 64 * 1024
"""A repaired body has at most GROWTH times the bytes of the given one, and ROOM more; so have properties."""
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Mended:
    message: Message
    said: str
    """What the rule did, in a sentence."""
    return_address: str = ""
    """Where the rule wants it sent; "" for where it would go anyway."""


@dataclass(frozen=True, slots=True)
class NotMine:
    """Another fault than the rule's."""

    why: str


@dataclass(frozen=True, slots=True)
class Misbehaved:
    """The rule is broken. Nothing came of it."""

    what: str
    """What it did, to follow the rule's name in a sentence."""


Answer = Mended | NotMine | Misbehaved


def ask(limit: TimeLimit, rule: Rule, failed: FailedMessage) -> Answer:
    """What the rule makes of the message within the limit, which is entered."""
    try:
        answer = limit.within(lambda: _answer(rule, failed))
        wrong = _wrong(answer.message, failed.message) if isinstance(answer, Mended) else ""
        return Misbehaved(wrong) if wrong else answer
    except TookTooLong:
        return Misbehaved(f"took longer than {limit.seconds:g} s")
    except SoftTimeLimitExceeded:  # the batch's time is up, not the rule's
        raise
    except (Exception, SystemExit) as error:
        return Misbehaved(f"broke with {_told(error)}")


def _answer(rule: Rule, failed: FailedMessage) -> Mended | NotMine:
    if not rule.matches(failed):
        return NotMine("does not know this fault")
    made = rule.repair(failed)
    return (
        NotMine("found another fault when it looked closer") if made is None else Mended(made, _about(rule))
    )


def _about(rule: Rule) -> str:
    """What the rule says of itself in the first line of its docstring."""
    about = (type(rule).__doc__ or "").strip().splitlines()
    return about[0] if about else "The rule knows this fault."


def _wrong(made: object, given: Message) -> str:
    """Why this cannot be the message repaired, or ""."""
    if not isinstance(made, Message):
        return f"gave {type(made).__name__} in place of a message"
    if type(made.body) is not bytes or type(made.properties) is not type(given.properties):
        return "gave a message of another kind"
    if made == given:
        return "gave the message back unchanged"
    if _grown(len(given.body), len(made.body)) or _grown(len(given.properties.raw), len(made.properties.raw)):
        return f"made the message grow to {len(made.body) + len(made.properties.raw):,} bytes"
    if made.properties != given.properties and _ours(made) != _ours(given):
        return f"changed headers that begin with {RESERVED}"
    return ""


def _grown(before: int, after: int) -> bool:
    return after > GROWTH * before + ROOM


def _ours(message: Message) -> dict[str, object]:
    try:
        headers = message.headers
    except OfficeError:
        return {}
    return {name: value for name, value in headers.items() if name.lower().startswith(RESERVED)}


def _told(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # the rule's own exception, which may do anything
        text = ""
    return f"{type(error).__name__}: {text}"[:TEXT_LIMIT] if text else type(error).__name__
