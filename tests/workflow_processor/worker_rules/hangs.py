"""Hangs where no signal reaches it."""

from itertools import repeat

from consumers.message import Message
from consumers.repair import FailedMessage


class Hangs:
    name = "hangs"
    version = 1

    def matches(self, failed: FailedMessage) -> bool:
        return failed.message.body == b"hang"

    def repair(self, failed: FailedMessage) -> Message | None:
        sum(repeat(0))
        return None


rule = Hangs()
