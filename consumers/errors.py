"""What can go wrong in messaging. Each error says whether trying again can help."""


class OfficeError(Exception):
    """Root of every error of ours. `permanent` tells that no retry can mend it."""

    permanent = False


class BrokerUnavailable(OfficeError):
    """The broker could not be reached or the connection broke. Wait, connect again, carry on."""


class QueueMissing(OfficeError):
    """The queue that was named does not exist on the broker."""

    permanent = True


class MalformedEnvelope(OfficeError):
    """A message on the intake queue carries our headers but cannot be read as what they announce."""

    permanent = True


class MalformedProperties(OfficeError):
    """The bytes given as a message's properties are not in the format they are said to be in."""

    permanent = True


class NotDelegated(OfficeError):
    """The office did not confirm that it has the message: it is still yours. Says why, and what to do."""


class RetryLater(OfficeError):
    """Raised by a handler: this message is fine, the world is not. Try again after a while."""

    def __init__(self, text: str = "", *, after: float | None = None) -> None:
        """`after` is the least number of seconds to wait; without it the office's back-off decides."""
        super().__init__(text)
        self.after = after


class CannotBeRepaired(OfficeError):
    """Raised by a handler: no program can mend this message, a person must look."""

    permanent = True
