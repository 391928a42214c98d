"""The rule of the benchmarks."""

import re

from consumers.message import Message
from consumers.repair import FailedMessage


class ShareQuantity:
    """ "8756 SHARES" is 8756."""

    name = "share-quantity"
    version = 1

    def matches(self, failed: FailedMessage) -> bool:
        return failed.failure.error_type == "ValueError"

    def repair(self, failed: FailedMessage) -> Message | None:
        body, found = re.subn(rb'"shares":"(\d+) SHARES"', rb'"shares":\1', failed.message.body)
        return failed.message.with_body(body) if found else None


rule = ShareQuantity()
