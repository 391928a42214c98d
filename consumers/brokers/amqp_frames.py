"""The few AMQP 0-9-1 frames that travel by the thousand, written and read without a detour.

Everything else, from the handshake to closing, is py-amqp's. Source: AMQP 0-9-1, 2.3.5 and class `basic`.
"""

from struct import Struct

from amqp import spec

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
END = 0xCE
OVERHEAD = 8
"""Bytes of a frame around its payload."""
HEADER_OVERHEAD = 12
"""Bytes of a content header in front of the properties."""

_frame, _frame_end = Struct(">BHI"), b"\xce"
_content = Struct(">HHQ")
_settlement = Struct(">BHIHHQBB")
_confirm = Struct(">QB")
_to_default_exchange = Struct(">HHHB").pack(*spec.Basic.Publish, 0, 0)
_mandatory = b"\1"


def publish(channel: int, queue: bytes, properties: bytes, body: bytes, frame_max: int) -> bytes:
    """The frames of a mandatory publish to a queue by its name, through the default exchange."""
    frames = [
        _framed(METHOD, channel, b"".join((_to_default_exchange, bytes((len(queue),)), queue, _mandatory))),
        _framed(HEADER, channel, _content.pack(spec.Basic.CLASS_ID, 0, len(body)) + properties),
    ]
    room = frame_max - OVERHEAD
    frames += [_framed(BODY, channel, body[at : at + room]) for at in range(0, len(body), room)]
    return b"".join(frames)


def ack(channel: int, tag: int, *, multiple: bool = False) -> bytes:
    """Acknowledges a delivery; with `multiple`, all before it too."""
    return _settlement.pack(METHOD, channel, 13, *spec.Basic.Ack, tag, multiple, END)


def confirm(payload: bytes) -> tuple[int, bool]:
    """What a publisher's ack or nack says: the tag, and whether all before it are meant too."""
    tag, multiple = _confirm.unpack_from(payload, 4)
    return tag, bool(multiple)


def delivery(payload: bytes) -> tuple[int, bool]:
    """What a deliver says: the tag, and whether the message was delivered before."""
    tag, redelivered = _confirm.unpack_from(payload, 5 + payload[4])  # after the consumer's tag
    return tag, bool(redelivered)


def returned(payload: bytes) -> bytes:
    """The routing key that a return names: the queue that is not there."""
    at = 6  # after the reply code come reply text, exchange and routing key
    for _ in range(2):
        at += 1 + payload[at]
    return payload[at + 1 : at + 1 + payload[at]]


def _framed(kind: int, channel: int, payload: bytes) -> bytes:
    return b"".join((_frame.pack(kind, channel, len(payload)), payload, _frame_end))
