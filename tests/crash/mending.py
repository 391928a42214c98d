"""The repair rule of crash tests."""

from consumers.message import Message
from consumers.repair import FailedMessage
from tests.crash.letters import Kind, Letter, mended


class Mending:
    """Mends what says that a rule is to mend it."""

    name = "mending"
    version = 1

    def matches(self, failed: FailedMessage) -> bool:
        letter = Letter.read(failed.message.body)
        return letter.broken and letter.kind is Kind.RULE

    def repair(self, failed: FailedMessage) -> Message | None:
        return failed.message.with_body(mended(failed.message.body))


rule = Mending()
