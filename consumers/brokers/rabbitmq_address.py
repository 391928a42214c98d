"""Where a RabbitMQ is, read from its URL."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

HEARTBEAT = 600
"""Seconds. The thread that talks to the server answers heartbeats while a handler works in another one, so a
long handler is not taken for a lost process. It is how soon the server notices a machine that vanished (after
two intervals); a process that died is noticed at once."""

_ports = {"amqp": 5672, "amqps": 5671}
_management = {"amqp": "http://{host}:15672", "amqps": "https://{host}:15671"}


@dataclass(frozen=True, slots=True)
class Address:
    """`amqp://user:password@host:5672/vhost`, `amqps://` for TLS.

    Parameters: `management`, the URL of the management API (the same host's unless told); `heartbeat`, in
    seconds; `cafile`, the certificates to trust for TLS, in place of the system's.
    """

    host: str
    port: int
    user: str
    password: str
    vhost: str
    tls: bool
    heartbeat: int
    cafile: str | None
    management: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Raises ValueError for a URL that says nonsense."""
        parts = urlsplit(url)
        parameters = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        host = parts.hostname or "localhost"
        return cls(
            host=host,
            port=parts.port or _ports[parts.scheme],
            user=unquote(parts.username or "guest"),
            password=unquote(parts.password or "guest"),
            vhost=unquote(parts.path[1:]) or "/",
            tls=parts.scheme == "amqps",
            heartbeat=int(parameters.get("heartbeat", HEARTBEAT)),
            cafile=parameters.get("cafile"),
            management=parameters.get("management", _management[parts.scheme].format(host=host)),
        )
