"""What only RabbitMQ's management API can tell of a queue. Its figures lag some seconds behind."""

from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic, time
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import orjson

from consumers.brokers.rabbitmq_address import Address

ANSWER_SECONDS = 2.0
TRY_AGAIN_SECONDS = 30.0
"""An API that did not answer is left alone for so long."""


@dataclass(frozen=True, slots=True)
class Figures:
    """As much as the API gives."""

    unacknowledged: int | None = None
    oldest_seconds: float | None = None
    entered: int | None = None
    left: int | None = None


class Management:
    """The management API of one server, which may not be there."""

    def __init__(self, address: Address) -> None:
        self._url = urlsplit(address.management)
        user = unquote(self._url.username or "") or address.user
        password = unquote(self._url.password or "") or address.password
        self._authorization = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        self._queues = f"{self._url.path.rstrip('/')}/api/queues/{quote(address.vhost, safe='')}"
        self._try_at = 0.0

    def figures(self, queue: str) -> Figures:
        """What it says of the queue; nothing where it is not there, or does not know the queue yet."""
        if monotonic() < self._try_at:
            return Figures()
        try:
            return _figures(self._asked(f"{self._queues}/{quote(queue, safe='')}"))
        except (OSError, HTTPException, ValueError):
            self._try_at = monotonic() + TRY_AGAIN_SECONDS
            return Figures()

    def _asked(self, path: str) -> dict[str, Any]:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers={"Authorization": self._authorization})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status == 404:
            return {}
        if response.status != 200:
            raise HTTPException(response.reason)
        answer: dict[str, Any] = orjson.loads(body)
        return answer


def _figures(queue: dict[str, Any]) -> Figures:
    head = queue.get("head_message_timestamp")
    # There are no counters before the first event, nor where the server is told to keep none.
    counters = queue.get("message_stats")
    settled = ("ack", "deliver_no_ack", "get_no_ack")
    return Figures(
        unacknowledged=queue.get("messages_unacknowledged"),
        oldest_seconds=max(0.0, time() - head) if isinstance(head, int) else None,
        entered=None if counters is None else counters.get("publish", 0),
        left=None if counters is None else sum(counters.get(counter, 0) for counter in settled),
    )
