"""One connection to a Valkey or Redis server: requests in a pipeline, replies one by one, errors as ours."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from redis.connection import ConnectionPool
from redis.exceptions import RedisError, ResponseError

from consumers.errors import BrokerUnavailable, OfficeError, QueueMissing

Command = Sequence[str | bytes | int]

CONNECT_SECONDS = 5.0
REPLY_SECONDS = 30.0
"""A server that says nothing for so long is taken for lost."""


class ValkeyConnection:
    """Connects at first use, and anew after it broke."""

    def __init__(self, url: str) -> None:
        # The client never repeats a request (retry=None): a repeated XADD is a duplicate that nobody marked.
        pool: Any = ConnectionPool.from_url(
            url, protocol=2, retry=None, socket_timeout=REPLY_SECONDS, socket_connect_timeout=CONNECT_SECONDS
        )
        self._connection: Any = pool.make_connection()

    def connect(self) -> None:
        """Makes sure that the server is there and ready. Raises BrokerUnavailable."""
        if self._alive():
            return
        try:
            self._connection.disconnect()
            self._connection.connect()
            self._connection.send_command("PING")
            self._connection.read_response()  # an error while the server still loads its data
        except (RedisError, OSError) as error:
            self.close()
            raise BrokerUnavailable(f"The Valkey server cannot be used: {error}") from error

    def _alive(self) -> bool:
        try:
            # Something to read when nothing was asked is the end: the server closed while nobody looked.
            return bool(self._connection.is_connected and not self._connection.can_read())
        except (RedisError, OSError):
            return False

    def replies(self, commands: Sequence[Command]) -> Iterator[Any]:
        """Sends all the commands, then yields the reply to each; for one that failed, its ResponseError.
        Raises BrokerUnavailable where the connection breaks."""
        self.connect()
        try:
            self._connection.send_packed_command(self._connection.pack_commands(commands))
            for _ in commands:
                yield self._reply()
        except (RedisError, OSError) as error:
            self.close()
            raise BrokerUnavailable(f"The connection to the Valkey server broke: {error}") from error
        except BaseException:
            self.close()  # replies that nobody read would be taken for those to the next commands
            raise

    def ask(self, *commands: Command) -> list[Any]:
        """The replies to these commands. Raises QueueMissing, BrokerUnavailable."""
        replies = list(self.replies(commands))
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise error_of(reply)
        return replies

    def close(self) -> None:
        with suppress(RedisError, OSError):
            self._connection.disconnect()

    def _reply(self) -> Any:
        try:
            return self._connection.read_response()
        except ResponseError as error:
            return error


def says_no_queue(error: ResponseError) -> bool:
    """Whether the server means that the stream or its group is not there, or that the key is no stream."""
    return str(error).startswith(("NOGROUP", "WRONGTYPE", "no such key"))


def error_of(error: ResponseError) -> OfficeError:
    """The error of ours that a server's error is. What is not about a queue is about the server's state or
    our rights on it, and a person may mend that while we wait."""
    if says_no_queue(error):
        return QueueMissing(f"There is no such stream or group: {error}")
    return BrokerUnavailable(f"The Valkey server declined: {error}")
