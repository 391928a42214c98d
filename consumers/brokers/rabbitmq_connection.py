"""Connections to RabbitMQ: py-amqp's, reading in bulk, opened when they are needed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from socket import TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_USER_TIMEOUT
from ssl import CERT_REQUIRED
from typing import Any, cast

import amqp
from amqp import spec
from amqp.exceptions import AMQPError, error_for_code

from consumers.brokers import amqp_frames
from consumers.brokers.rabbitmq_address import Address
from consumers.brokers.rabbitmq_transport import Assembly, BulkTcp, BulkTls, Content, Method
from consumers.errors import BrokerUnavailable

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 30.0
"""A server that neither answers nor takes what is sent for so long is taken for lost."""
# py-amqp gives a peer one second to take what was sent; a RabbitMQ that holds publishers back needs longer.
_SOCKET: Any = {
    TCP_USER_TIMEOUT: int(SILENCE_SECONDS * 1000),
    TCP_KEEPIDLE: 30,
    TCP_KEEPINTVL: 10,
    TCP_KEEPCNT: 6,
}

LOST = (OSError, AMQPError)
"""What py-amqp raises when the connection, or what it needs of the server, is gone."""


class RawChannel(amqp.Channel):
    """A channel that hands contents and confirms to whoever set these two."""

    channel_id: int
    is_closing: bool
    on_content: Callable[[Content], None]
    on_confirm: Callable[[int, bool, bool], None]

    def dispatch_method(self, method: Method, payload: bytes, content: Content | None) -> None:
        if self.is_closing and method not in (spec.Channel.Close, spec.Channel.CloseOk):
            return
        if content is not None:
            self.on_content(content)
        elif method == spec.Basic.Ack or method == spec.Basic.Nack:
            self.on_confirm(*amqp_frames.confirm(payload), method == spec.Basic.Ack)
        else:
            super().dispatch_method(method, payload, None)

    def _on_close(self, code: int, text: str, class_id: int, method_id: int) -> None:
        # py-amqp would open the channel again at once, under whoever is in the middle of using it.
        self.send_method(spec.Channel.CloseOk)
        self.collect()
        raise error_for_code(code, text, (class_id, method_id), amqp.ChannelError)


class Connection(amqp.Connection):
    """A connection that is read in bulk and written in chunks."""

    Channel = RawChannel
    negotiate_capabilities = amqp.Connection.negotiate_capabilities | {
        "basic.nack": True,
        "publisher_confirms": True,
    }
    is_blocked = False
    """Whether the server has said that it takes no messages now: it is short of memory or disk."""

    def Transport(  # noqa: N802 - py-amqp's name
        self,
        host: str,
        connect_timeout: float | None,
        ssl: bool | dict[str, Any] = False,
        read_timeout: float | None = None,
        write_timeout: float | None = None,
        socket_settings: Any = None,
        **more: Any,
    ) -> Any:
        return (BulkTls if ssl else BulkTcp)(
            host,
            connect_timeout=connect_timeout,
            ssl=ssl,
            read_timeout=read_timeout,
            write_timeout=write_timeout,
            socket_settings=socket_settings,
            **more,
        )

    def opened_channel(self) -> RawChannel:
        """A new channel."""
        channel: Any = self.channel()
        return cast(RawChannel, channel)

    def _on_tune(self, channel_max: int, frame_max: int, server_heartbeat: int) -> None:  # noqa: ARG002
        # So that the heartbeat is the one asked for, and not the shorter of two.
        super()._on_tune(channel_max, frame_max, 0)  # type: ignore[misc]

    def _on_blocked(self) -> None:
        self.is_blocked = True

    def _on_unblocked(self) -> None:
        self.is_blocked = False

    def drain(self, wait: float) -> bool:
        """Handles every frame that has arrived; waits up to `wait` seconds for the first. Tells whether there
        was one."""
        try:
            with self.transport.having_timeout(wait):
                frame = self.transport.read_frame()
        except TimeoutError:
            return False
        while frame is not None:
            self.on_inbound_frame(frame)
            frame = self.transport.arrived_frame()
        return True

    def write(self, frames: Iterable[bytes]) -> None:
        """Sends frames with one call of the system."""
        self.transport.write(b"".join(frames))


def _verified(address: Address) -> dict[str, Any]:
    return {"server_hostname": address.host, "ca_certs": address.cafile, "cert_reqs": CERT_REQUIRED}


class Link:
    """A connection that is opened when it is needed, and anew after it broke."""

    def __init__(self, address: Address, name: str, heartbeat: int) -> None:
        self._address, self._name, self._heartbeat = address, name, heartbeat
        self._connection: Connection | None = None

    def connect(self) -> Connection:
        """The connection. Raises BrokerUnavailable."""
        if self._connection is None:
            connection = self._made()
            try:
                connection.connect()
            except LOST as error:
                connection.collect()
                raise BrokerUnavailable(f"RabbitMQ cannot be used: {error}") from error
            self._connection = connection
        return self._connection

    def _made(self) -> Connection:
        address = self._address
        return Connection(
            host=f"{address.host}:{address.port}",
            userid=address.user,
            password=address.password,
            virtual_host=address.vhost,
            login_method="PLAIN",
            ssl=address.tls and _verified(address),
            connect_timeout=CONNECT_SECONDS,
            read_timeout=SILENCE_SECONDS,
            write_timeout=SILENCE_SECONDS,
            heartbeat=self._heartbeat,
            socket_settings=_SOCKET,
            frame_handler=Assembly,
            client_properties={"connection_name": self._name},
        )

    @contextmanager
    def using(self) -> Iterator[Connection]:
        """The connection, for the length of a block. What goes wrong there ends the connection, for nobody
        can tell what of that is still to be trusted, and is raised as BrokerUnavailable."""
        connection = self.connect()
        try:
            yield connection
        except LOST as error:
            self.discard()
            raise BrokerUnavailable(f"The connection to RabbitMQ broke: {error}") from error

    def discard(self) -> None:
        """Drops the connection without a word to the server."""
        if self._connection is not None:
            self._connection.collect()
            self._connection = None

    def close(self) -> None:
        """Takes leave of the server."""
        try:
            with suppress(*LOST):
                if self._connection is not None:
                    self._connection.close()
        finally:
            self.discard()
