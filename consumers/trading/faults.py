"""The world's own faults, as the example plays them.

What a trade will meet is decided when it is sent: its header `example-fault` says `pricing until TIME` or
`release until TIME` (ISO 8601, with an offset). Until then that fault is there for this trade; afterwards,
and for every other trade, the world is well. So one run is like another, and what waits gets through.
"""

from datetime import UTC, datetime

from consumers.message import Message

HEADER = "example-fault"
PRICING, RELEASE = "pricing", "release"


def header(fault: str, until: datetime) -> str:
    """What to send along for a trade to meet this fault."""
    return f"{fault} until {until.isoformat()}"


def met(fault: str, message: Message) -> bool:
    """Whether this trade meets the fault now."""
    name, _, until = str(message.headers.get(HEADER, "")).partition(" until ")
    return name == fault and datetime.now(UTC) < datetime.fromisoformat(until)
