"""The brokers the office speaks to, one a file, found by the scheme of a URL."""

from functools import cache
from importlib import import_module
from urllib.parse import urlsplit

from consumers.broker import Broker
from consumers.properties import Properties

_adapters = {
    "amqp": ("consumers.brokers.rabbitmq", "RabbitMQ"),
    "amqps": ("consumers.brokers.rabbitmq", "RabbitMQ"),
    "valkey": ("consumers.brokers.valkey", "Valkey"),
    "valkeys": ("consumers.brokers.valkey", "Valkey"),
    "redis": ("consumers.brokers.valkey", "Valkey"),
    "rediss": ("consumers.brokers.valkey", "Valkey"),
    "unix": ("consumers.brokers.valkey", "Valkey"),
    "memory": ("consumers.brokers.memory", "Memory"),
}
SCHEMES = tuple(_adapters)

_formats = {
    "amqp": ("consumers.brokers.amqp_properties", "AmqpProperties"),
    "fields": ("consumers.fields", "FieldProperties"),
}


def connect(url: str) -> Broker:
    """The broker at this URL. Raises ValueError for a scheme that no adapter serves, or a wrong port."""
    parts = urlsplit(url)
    if parts.scheme not in _adapters:
        scheme = parts.scheme or "no"
        raise ValueError(f"There is no broker for {scheme}://; use one of {', '.join(SCHEMES)}.")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("The port in the broker's address is not a number from 0 to 65535.") from None
    broker: Broker = _load(*_adapters[parts.scheme])(url)
    return broker


def properties(format: str, raw: bytes) -> Properties:
    """Properties that were stored as these bytes in this format. Raises KeyError for an unknown format."""
    found: Properties = _load(*_formats[format])(raw)
    return found


@cache
def _load(module: str, name: str):  # type: ignore[no-untyped-def]
    return getattr(import_module(module), name)
