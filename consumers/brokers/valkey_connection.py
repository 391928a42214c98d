"""One connection to a Valkey or Redis server: requests in a pipeline, replies one by one, errors as ours."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from hiredis import pack_command
from redis.connection import ConnectionPool
from redis.exceptions import RedisError, ResponseError

from consumers.errors import BrokerUnavailable, OfficeError, QueueMissing

Command = Sequence[str | bytes | int]

CONNECT_SECONDS = 5.0
REPLY_SECONDS = 30.0
"""A server that says nothing for so long is taken for lost."""


class Begun:
    """Commands whose replies are not waited for."""

    def __init__(self, commands: int) -> None:
        self.missing = commands
        self.replies: list[Any] = []


class ValkeyConnection:
    """Connects at first use, and anew after it broke."""

    def __init__(self, url: str) -> None:
        # The client never repeats a request (retry=None): a repeated XADD is a duplicate that nobody marked.
        pool: Any = ConnectionPool.from_url(
            url, protocol=2, retry=None, socket_timeout=REPLY_SECONDS, socket_connect_timeout=CONNECT_SECONDS
        )
        self._connection: Any = pool.make_connection()
        self._begun: deque[Begun] = deque()
        """Their replies come before those to everything that is asked later."""

    def connect(self) -> None:
        """Makes sure that the server is there and ready. Raises BrokerUnavailable."""
        if self._alive():
            return
        self.close()
        try:
            self._connection.connect()
            self._connection.send_command("PING")
            self._connection.read_response()  # an error while the server still loads its data
        except (RedisError, OSError) as error:
            self.close()
            raise BrokerUnavailable(f"The Valkey server cannot be used: {error}") from error

    def _alive(self) -> bool:
        try:
            self._catch_up()
            # Something to read when nothing was asked is the end: the server closed while nobody looked.
            return bool(self._connection.is_connected and not self._connection.can_read())
        except (RedisError, OSError, BrokerUnavailable):
            return False

    def replies(self, commands: Sequence[Command]) -> Iterator[Any]:
        """Sends all the commands, then yields the reply to each; for one that failed, its ResponseError.
        Raises BrokerUnavailable where the connection breaks."""
        self.connect()
        with self._intact():
            self._send(commands)
            for _ in commands:
                yield self._reply()

    @contextmanager
    def _intact(self) -> Iterator[None]:
        """The connection ends with whatever goes wrong in the block."""
        try:
            yield
        except (RedisError, OSError) as error:
            self.close()
            raise BrokerUnavailable(f"The connection to the Valkey server broke: {error}") from error
        except BaseException:
            self.close()  # replies that nobody read would be taken for those to the next commands
            raise

    def ask(self, *commands: Command) -> list[Any]:
        """The replies to these commands. Raises QueueMissing, BrokerUnavailable."""
        return _without_errors(list(self.replies(commands)))

    def prepare(self) -> None:
        """Connects, but where replies are on their way: then the server was there a moment ago, and to look
        whether it still is would be to wait for them. Raises BrokerUnavailable."""
        if not self._begun:
            self.connect()

    def begin(self, commands: Sequence[Command]) -> Begun:
        """Sends commands whose replies `end` gives; others may be asked in between. Raises
        BrokerUnavailable."""
        self.prepare()
        with self._intact():
            self._send(commands)
        begun = Begun(len(commands))
        self._begun.append(begun)
        return begun

    def end(self, begun: Begun) -> list[Any]:
        """The replies to them; what was begun later goes on. Raises QueueMissing, and BrokerUnavailable where
        the connection broke since."""
        return _without_errors(self._heard(begun))

    def _heard(self, begun: Begun) -> list[Any]:
        self._catch_up(begun)
        if begun.missing:
            raise BrokerUnavailable("The connection to the Valkey server broke before it replied.")
        return begun.replies

    def _catch_up(self, last: Begun | None = None) -> None:
        """Reads the replies to what was begun, as far as the last of it that is asked for."""
        with self._intact():
            while self._begun and (last is None or last.missing):
                first = self._begun[0]
                while first.missing:
                    first.replies.append(self._reply())
                    first.missing -= 1
                self._begun.popleft()

    def begin_transaction(self, commands: Sequence[Command]) -> Begun:
        """Sends a transaction whose replies `end_transaction` gives. A server that flushes every write to its
        disk does so once for all of it. Raises BrokerUnavailable."""
        return self.begin([("MULTI",), *commands, ("EXEC",)])

    def end_transaction(self, transaction: Begun, commands: Sequence[Command]) -> list[Any]:
        """The reply to each of its commands; for one that failed, its ResponseError. Raises
        BrokerUnavailable."""
        begun, *replies, ended = self._heard(transaction)
        if isinstance(begun, ResponseError):  # so there was none, and these are the commands' own replies
            return replies
        if isinstance(ended, ResponseError):  # none was carried out; alone each says why, or is
            return list(self.replies(commands))
        return list(ended)

    def close(self) -> None:
        self._begun.clear()
        with suppress(RedisError, OSError):
            self._connection.disconnect()

    def _send(self, commands: Sequence[Command]) -> None:
        # In one piece, and by hand: the client looks at each part, and calls the system every few kilobytes.
        packed = [pack_command(tuple(command)) for command in commands]  # type: ignore[arg-type] # of one part
        self._connection.send_packed_command([b"".join(packed)])

    def _reply(self) -> Any:
        try:
            return self._connection.read_response()
        except ResponseError as error:
            return error


def _without_errors(replies: list[Any]) -> list[Any]:
    for reply in replies:
        if isinstance(reply, ResponseError):
            raise error_of(reply)
    return replies


def says_no_queue(error: ResponseError) -> bool:
    """Whether the server means that the stream or its group is not there, or that the key is no stream."""
    return str(error).startswith(("NOGROUP", "WRONGTYPE", "no such key"))


def error_of(error: ResponseError) -> OfficeError:
    """The error of ours that a server's error is. What is not about a queue is about the server's state or
    our rights on it, and a person may mend that while we wait."""
    if says_no_queue(error):
        return QueueMissing(f"There is no such stream or group: {error}")
    return BrokerUnavailable(f"The Valkey server declined: {error}")
