"""A database and a broker for the example, and its processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from django.db import connection

from consumers.trading import QUEUE, SUBSCRIBER
from tests.consumers.conftest import Post
from tests.tcp_proxy import TcpProxy

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def post(valkey_url: str) -> Iterator[Post]:
    """The queue of trades and the office's."""
    post = Post(valkey_url, queue=QUEUE, subscriber=SUBSCRIBER)
    post.open_office()
    yield post
    post.broker.close()


@pytest.fixture
def database_url(transactional_db: None) -> Iterator[str]:
    """The office's database, which the example shares as it does on one machine; without trades."""
    name = connection.settings_dict["NAME"]
    yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with connection.cursor() as cursor:
        cursor.execute("drop schema if exists trading cascade")


@pytest.fixture
def run(post: Post, database_url: str) -> Iterator[Run]:
    """Starts `python -m` something, and kills at the end what has not ended."""
    with ExitStack() as processes:

        def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
            known = {"BROKER_URL": post.url, "DATABASE_URL": database_url, "PATH": os.environ["PATH"]}
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env=known | environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            processes.callback(process.communicate)
            processes.callback(process.kill)
            return process

        yield start


@contextmanager
def through_proxy(url: str) -> Iterator[tuple[TcpProxy, str]]:
    """A proxy in front of this server, and its address by that way."""
    with TcpProxy.to(url) as proxy:
        yield proxy, proxy.way_to(url)
