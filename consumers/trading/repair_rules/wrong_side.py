"""`BYU` for BUY: two letters that changed places."""

import re

from consumers.failure import type_name
from consumers.message import Message
from consumers.repair import FailedMessage
from consumers.trading import QUEUE
from consumers.trading.parse import SIDES, UnknownSide, field

_meant = {b"BYU": b"BUY", b"UBY": b"BUY", b"ESLL": b"SELL", b"SLEL": b"SELL"}
_side = re.compile(
    rb'(\A[^,"]*,|"side"\s*:\s*")'  # before the second column of a line, or a field of a JSON object
    rb"(%b)"
    rb'(?=[,"])' % b"|".join(_meant)
)


class WrongSide:
    name = "wrong-side"
    version = 1

    def matches(self, failed: FailedMessage) -> bool:
        return failed.queue == QUEUE and failed.failure.error_type == type_name(UnknownSide)

    def repair(self, failed: FailedMessage) -> Message | None:
        body, found = _side.subn(lambda side: side[1] + _meant[side[2]], failed.message.body)
        repaired = failed.message.with_body(body)
        return repaired if found == 1 and field(repaired, "side") in SIDES else None


rule = WrongSide()
