"""`8756 SHARES` where a number is wanted: takes the number."""

import re

from consumers.message import Message
from consumers.repair import FailedMessage
from consumers.trading import QUEUE
from consumers.trading.parse import field

_quantity = re.compile(
    rb"(?<=,)([0-9]+) SHARES(?=\s*\Z)"  # the last column of a line
    rb'|("shares"\s*:\s*)"([0-9]+) SHARES"'  # or a field of a JSON object
)


class ShareQuantity:
    name = "share-quantity"
    version = 1

    def matches(self, failed: FailedMessage) -> bool:
        return failed.queue == QUEUE and failed.failure.error_type == "ValueError"

    def repair(self, failed: FailedMessage) -> Message | None:
        body, found = _quantity.subn(rb"\1\2\3", failed.message.body)
        repaired = failed.message.with_body(body)
        return repaired if found == 1 and str(field(repaired, "shares")).isdecimal() else None


rule = ShareQuantity()
