"""Every adapter keeps the contract."""

from typing import Any, cast
from uuid import uuid4

import amqp
import pytest
import redis

from consumers.brokers.amqp_properties import AmqpProperties
from consumers.brokers.rabbitmq_address import Address
from consumers.brokers.valkey_streams import streams_of
from consumers.fields import FieldProperties
from consumers.properties import Properties
from tests.broker_contract import SUBSCRIBER, BrokerContract, NetworkContract

FIELDS: list[Properties] = [
    FieldProperties.build(),
    FieldProperties.build(
        {"account": "12654A87FR4", "empty": "", "naïve": "über", "sign": "±\0"},
        message_id="m-1",
        correlation_id="c-1",
        reply_to="answers",
        content_type="text/csv",
        type="trade",
    ),
    FieldProperties.of(
        [(b"twice", b"1"), (b"twice", b"2"), (b"", b"no name"), (b"\xff\x00", bytes(range(256)))]
    ),
    FieldProperties.of([(b"body", b"a header of that name"), (b"large", b"x" * 100_000)]),
]


class TestMemory(BrokerContract):
    @pytest.fixture
    def url(self) -> str:
        return f"memory://{uuid4().hex}"

    @pytest.fixture
    def samples(self) -> list[Properties]:
        return FIELDS

    def delete(self, url: str, queue: str) -> None:
        """Nobody else knows the name of this test's broker."""


class TestValkey(NetworkContract):
    @pytest.fixture
    def url(self, valkey_url: str) -> str:
        return f"{valkey_url}?claim_after=1"

    @pytest.fixture
    def samples(self) -> list[Properties]:
        return FIELDS

    def delete(self, url: str, queue: str) -> None:
        with redis.Redis.from_url(url.partition("?")[0].replace("valkey:", "redis:")) as client:
            client.delete(*streams_of(queue, SUBSCRIBER))


# Without `L`, which RabbitMQ reads and passes on as `l`.
EVERY_TYPE = {
    "bool": b"t\1",
    "int8": b"b\xff",
    "uint8": b"B\xff",
    "int16": b"s\xff\xfe",
    "uint16": b"u\xff\xfe",
    "int32": b"I\xff\xff\xff\xfe",
    "uint32": b"i\xff\xff\xff\xfe",
    "int64": b"l" + b"\xff" * 8,
    "float": b"f\x3f\x80\0\0",
    "double": b"d\x3f\xf8" + b"\0" * 6,
    "decimal": b"D\2\0\0\x30\x39",
    "text": b"S\0\0\0\5\xc3\xbcber",
    "not text": b"S\0\0\0\2\xff\0",
    "bytes": b"x\0\0\0\3\0\xff\xce",
    "time": b"T" + (1_700_000_000).to_bytes(8),
    "time in ms": b"T" + (1_700_000_000_000).to_bytes(8),
    "nothing": b"V",
    "array": b"A\0\0\0\x0cI\0\0\0\1VA\0\0\0\1V",
    "table": b"F\0\0\0\x07\1nI\0\0\0\1",
    "empty table": b"F\0\0\0\0",
}


def amqp_samples() -> list[Properties]:
    table = b"".join(bytes((len(name),)) + name.encode() + value for name, value in EVERY_TYPE.items())
    everything = amqp.Message(
        content_type="text/csv",
        content_encoding="utf-8",
        application_headers={"n": -7, "nested": {"list": [1, "two", None, 3.5]}, "über": "naïve"},
        delivery_mode=2,
        priority=9,
        correlation_id="c-1",
        reply_to="answers",
        message_id="m-1",
        timestamp=1_700_000_000,
        type="trade",
        app_id="producer",
        cluster_id="old",
    )
    return [
        AmqpProperties.build(),
        AmqpProperties.build({"account": "12654A87FR4", "large": "x" * 100_000}, message_id="m-1", type="t"),
        AmqpProperties(b"\x30\0" + len(table).to_bytes(4) + table + b"\2"),
        AmqpProperties(cast(Any, everything)._serialize_properties()),
    ]


class TestRabbitMQ(NetworkContract):
    @pytest.fixture
    def url(self, rabbitmq_url: str) -> str:
        return rabbitmq_url

    @pytest.fixture
    def samples(self) -> list[Properties]:
        return amqp_samples()

    def delete(self, url: str, queue: str) -> None:
        address = Address.of(url)
        with amqp.Connection(f"{address.host}:{address.port}", address.user, address.password) as connection:
            connection.channel().queue_delete(queue)
