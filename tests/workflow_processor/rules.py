"""Rules, sound and otherwise."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from consumers.message import Message
from consumers.repair import FailedMessage


@dataclass
class Shares:
    """Takes the number out of `1 SHARES`."""

    name: str = "shares"
    version: int = 1

    def matches(self, failed: FailedMessage) -> bool:
        return failed.message.body.endswith(b" SHARES")

    def repair(self, failed: FailedMessage) -> Message | None:
        return failed.message.with_body(failed.message.body.removesuffix(b" SHARES"))


def _anything(failed: FailedMessage) -> bool:
    return True


def _nothing(failed: FailedMessage) -> None:
    return None


@dataclass
class Made:
    """A rule made of two functions."""

    repairs: Callable[[FailedMessage], object] = _nothing
    recognises: Callable[[FailedMessage], object] = _anything
    name: str = "made"
    version: int = field(default=1)

    def matches(self, failed: FailedMessage) -> bool:
        return self.recognises(failed)  # type: ignore[return-value]

    def repair(self, failed: FailedMessage) -> Message | None:
        return self.repairs(failed)  # type: ignore[return-value]


def on(body: bytes, repairs: Callable[[FailedMessage], object], name: str = "hostile") -> Made:
    """A rule for messages of this very body."""
    return Made(repairs, lambda failed: failed.message.body == body, name)


def raises(failed: FailedMessage) -> None:
    raise LookupError("the table is empty\0\ud800")


def leaves(failed: FailedMessage) -> None:
    raise SystemExit(3)


def loops(failed: FailedMessage) -> None:
    while True:
        pass


def loops_and_swallows(failed: FailedMessage) -> None:
    while True:
        try:
            time.sleep(60)
        except Exception:
            continue


def backtracks(failed: FailedMessage) -> object:
    return re.match(rb"(a+)+$", b"a" * 60 + b"b")


def recurses(failed: FailedMessage) -> object:
    return recurses(failed)


def grows(failed: FailedMessage) -> Message:
    return failed.message.with_body(failed.message.body * 100_000)


def gives_text(failed: FailedMessage) -> object:
    return "A1,BUY,AAPL,1"


def gives_it_back(failed: FailedMessage) -> Message:
    return failed.message


def gives_a_bytearray(failed: FailedMessage) -> Message:
    return Message(bytearray(b"A1"), failed.message.properties)  # type: ignore[arg-type]


def takes_our_name(failed: FailedMessage) -> Message:
    return failed.message.with_headers({"dlo-attempt": "7"})


def forgets_its_identity(failed: FailedMessage) -> Message:
    return Message(b"A1", failed.message.properties.build(failed.message.headers))


HOSTILE: dict[str, tuple[Callable[[FailedMessage], object], str]] = {
    "raises": (raises, "failed with LookupError"),
    "leaves": (leaves, "failed with SystemExit: 3"),
    "loops": (loops, "took longer than"),
    "loops and swallows": (loops_and_swallows, "took longer than"),
    "backtracks": (backtracks, "took longer than"),
    "recurses": (recurses, "failed with RecursionError"),
    "grows": (grows, "made the message grow to"),
    "gives text": (gives_text, "gave str instead of a message"),
    "gives it back": (gives_it_back, "gave the message back unchanged"),
    "gives a bytearray": (gives_a_bytearray, "gave a message of another kind"),
    "forgets its identity": (forgets_its_identity, "changed the message's identity"),
    "takes our name": (takes_our_name, "changed headers that begin with dlo-"),
}
