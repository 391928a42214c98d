"""Asks one rule about one failed message. Whatever the rule does, the answer is a value."""

from dataclasses import dataclass

from celery.exceptions import SoftTimeLimitExceeded

from consumers.errors import OfficeError
from consumers.message import RESERVED, Message
from consumers.repair import FailedMessage, Rule
from workflow_processor.repair.limits import grown
from workflow_processor.repair.staff_rule import (
    Attempt,
    Invalid,
    Left,
    NotApplicable,
    Repaired,
    StaffRule,
)
from workflow_processor.repair.time_limit import TimeLimit, TookTooLong

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


@dataclass(frozen=True, slots=True)
class Unmended:
    """The rule's fault, and the rule cannot mend it here."""

    why: str
    message: Message | None = None
    """What the rule would have made of it, where that would not be valid."""


Answer = Mended | NotMine | Unmended | Misbehaved


def ask(limit: TimeLimit, rule: Rule, failed: FailedMessage, return_address: str = "") -> Answer:
    """What the rule makes of the message within the limit, which is entered. The message would go back to the
    return address."""
    try:
        answer = limit.within(lambda: _answer(rule, failed, return_address))
        wrong = _wrong(answer, failed.message, return_address) if isinstance(answer, Mended) else ""
        return Misbehaved(wrong) if wrong else answer
    except TookTooLong:
        return Misbehaved(f"took longer than {limit.seconds:g} s")
    except SoftTimeLimitExceeded:  # the batch's time is up, not the rule's
        raise
    except (Exception, SystemExit) as error:
        return Misbehaved(f"failed with {_told(error)}")


def _answer(rule: Rule, failed: FailedMessage, return_address: str) -> Answer:
    if isinstance(rule, StaffRule):
        return _told_by(rule.attempt(failed, return_address))
    if not rule.matches(failed):
        return NotMine("does not recognise this fault")
    made = rule.repair(failed)
    if made is None:
        return Unmended("found a different fault on closer inspection")
    return Mended(made, _about(rule))


def _told_by(attempt: Attempt) -> Answer:
    match attempt:
        case Repaired(message, return_address, done):
            said = "; ".join(done)
            return Mended(message, f"{said[:1].upper()}{said[1:]}.", return_address)
        case NotApplicable(why):
            return NotMine(why)
        case Left(why):
            return Unmended(why)
        case Invalid(message, problems):
            return Unmended(f"its result would not be valid: {'; '.join(problems)}", message)


def _about(rule: Rule) -> str:
    """What the rule says of itself in the first line of its docstring."""
    about = (type(rule).__doc__ or "").strip().splitlines()
    return about[0] if about else "The rule recognises this fault."


def _wrong(answer: Mended, given: Message, return_address: str) -> str:
    """Why this cannot be the message repaired, or ""."""
    made: object = answer.message  # a rule of Python's may give anything
    if not isinstance(made, Message):
        return f"gave {type(made).__name__} instead of a message"
    if type(made.body) is not bytes or type(made.properties) is not type(given.properties):
        return "gave a message of another kind"
    if made == given and answer.return_address in ("", return_address):
        return "gave the message back unchanged"
    if grown(len(given.body), len(made.body)) or grown(len(given.properties.raw), len(made.properties.raw)):
        return f"made the message grow to {len(made.body) + len(made.properties.raw):,} bytes"
    if made.properties != given.properties and _ours(made) != _ours(given):
        return f"changed headers that begin with {RESERVED}"
    if made.properties != given.properties and _identity(given) not in (None, _identity(made)):
        return "changed the message's identity"
    return ""


def _identity(message: Message) -> tuple[str | None, ...] | None:
    """What others know the message by; None where that cannot be read."""
    properties = message.properties
    try:
        return properties.message_id, properties.correlation_id, properties.reply_to
    except OfficeError:
        return None


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
