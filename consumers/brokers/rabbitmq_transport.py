"""Reading from RabbitMQ in bulk, and without decoding what nobody asked to see.

py-amqp asks the socket three times for each frame and decodes the properties of each message. Together that
is more than a third of a busy consumer's time.
"""

from collections.abc import Callable
from ssl import SSLWantReadError
from struct import Struct
from typing import Any

from amqp import spec
from amqp.exceptions import UnexpectedFrame
from amqp.transport import SSLTransport, TCPTransport

from consumers.brokers.amqp_frames import END, HEADER, HEADER_OVERHEAD, HEARTBEAT, METHOD, OVERHEAD

BULK = 256 * 1024

Frame = tuple[int, int, bytes]
Method = tuple[int, int]
_WITH_CONTENT = (spec.Basic.Deliver, spec.Basic.Return)
_frame, _method, _size = Struct(">BHI"), Struct(">HH"), Struct(">Q")


class _Bulk:
    """A transport that takes what is there from the socket and gives it out frame by frame."""

    connected: bool
    _quick_recv: Callable[[int], bytes]
    _arrived = b""
    _at = 0

    def read_frame(self) -> Frame:
        """The next frame. Raises TimeoutError where it is not all there; what is, stays for the next call."""
        while (frame := self.arrived_frame()) is None:
            self._fill()
        return frame

    def arrived_frame(self) -> Frame | None:
        """The next frame, if it is there without asking the socket."""
        arrived, at = self._arrived, self._at
        if len(arrived) < at + OVERHEAD:
            return None
        kind, channel, size = _frame.unpack_from(arrived, at)
        end = at + OVERHEAD + size
        if len(arrived) < end:
            return None
        if arrived[end - 1] != END:
            raise UnexpectedFrame("A frame from RabbitMQ has no end where its end should be.")
        self._at = end
        return kind, channel, arrived[at + 7 : end - 1]

    def _fill(self) -> None:
        try:
            data = self._quick_recv(BULK)
        except (BlockingIOError, SSLWantReadError) as nothing:
            raise TimeoutError("nothing arrived") from nothing
        except TimeoutError:
            raise
        except OSError:
            self.connected = False
            raise
        if not data:
            self.connected = False
            raise ConnectionResetError("the server closed the connection")
        self._arrived = self._arrived[self._at :] + data
        self._at = 0


class BulkTcp(_Bulk, TCPTransport):  # type: ignore[misc]
    """In the clear."""


class BulkTls(_Bulk, SSLTransport):  # type: ignore[misc]
    """Encrypted."""


class Content:
    """A message as it arrives: the arguments of the method it belongs to, the properties, the body."""

    __slots__ = ("_chunks", "_missing", "arguments", "method", "properties")

    def __init__(self, method: Method, arguments: bytes) -> None:
        self.method, self.arguments = method, arguments
        self.properties = b""
        self._chunks: list[bytes] = []
        self._missing = 0

    def add(self, kind: int, payload: bytes) -> bool:
        """Takes the next frame; tells whether it was the last."""
        if kind == HEADER:
            self._missing = _size.unpack_from(payload, 4)[0]
            self.properties = payload[HEADER_OVERHEAD:]
        else:
            self._missing -= len(payload)
            self._chunks.append(payload)
        return self._missing == 0

    @property
    def body(self) -> bytes:
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)


class Assembly:
    """Puts frames together to methods and contents. Takes the place of py-amqp's frame handler."""

    def __init__(
        self, connection: Any, dispatch: Callable[[int, Method, bytes, Content | None], None]
    ) -> None:
        self._connection, self._dispatch = connection, dispatch
        self._arriving: dict[int, Content] = {}

    def __call__(self, frame: Frame) -> bool:
        """Tells whether the frame completed something."""
        kind, channel, payload = frame
        self._connection.bytes_recv += 1  # py-amqp's watch over heartbeats goes by it
        if kind == HEARTBEAT:
            return False
        if kind == METHOD:
            method = _method.unpack_from(payload)
            if method in _WITH_CONTENT:
                self._arriving[channel] = Content(method, payload)
                return False
            self._dispatch(channel, method, payload, None)
            return True
        content = self._arriving[channel]
        if not content.add(kind, payload):
            return False
        del self._arriving[channel]
        self._dispatch(channel, content.method, content.arguments, content)
        return True
