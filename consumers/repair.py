"""What a repair rule is: a small file that recognises one fault and mends it.

    class ShareQuantity:
        name = "share-quantity"
        version = 1

        def matches(self, failed: FailedMessage) -> bool:
            return failed.queue == "trades" and failed.failure.error_type == "ValueError"

        def repair(self, failed: FailedMessage) -> Message | None:
            body, found = re.subn(rb"(?<=,)(\\d+) SHARES$", rb"\\1", failed.message.body)
            return failed.message.with_body(body) if found else None

    rule = ShareQuantity()

A rule lives in a module of its own, under the name `rule`, in a package that the office's settings name. It
is pure: it reads nothing but what it is given, changes nothing, and gives the same answer for the same failed
message. It is tried by calling it; no broker and no database are needed.

A rule changes the bytes it came to change and leaves all others as they are: white space, the order of keys
and the spelling of numbers are the sender's. So it works on `body`, and does not parse and print it again.
"""

from dataclasses import dataclass
from typing import Protocol

from consumers.failure import Failure
from consumers.message import Message


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """What a rule goes by: the message as it failed last, and how."""

    message: Message
    failure: Failure
    queue: str
    """The queue it was read from."""
    attempt: int
    """How often it was sent back before: 0 for a message that failed for the first time."""


class Rule(Protocol):
    """Recognises one fault and mends it. A change of what it does is a new `version`."""

    @property
    def name(self) -> str:
        """What people know it by; unique in an office."""

    @property
    def version(self) -> int:
        """Counts from 1. A message that a version repaired in vain is not repaired by that version again."""

    def matches(self, failed: FailedMessage) -> bool:
        """Whether this looks like the rule's fault. Cheap: it is asked of every failed message."""

    def repair(self, failed: FailedMessage) -> Message | None:
        """The message, mended; or None where a closer look shows another fault."""
