"""python -m consumers, as a real process."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import consumers
from consumers.envelope import Delegated
from tests.consumers.conftest import DEADLINE, Post, until

ROOT = Path(__file__).parents[2]

SERVICE = """
    import time
    from pathlib import Path
    from consumers import Consumer, Message
    from consumers.stopping import Stop

    consumer = Consumer()
    nothing = Consumer()

    @consumer.handles("work", subscriber="tests")
    def work(message: Message) -> None:
        with Path("seen").open("ab") as seen:
            seen.write(message.body)
        while message.body == b"long" and not Path("go on").exists():
            time.sleep(0.01)

    def asked(stop: Stop, request=Stop.request) -> None:
        request(stop)
        Path("asked").touch()

    Stop.request = asked
"""


@pytest.fixture
def post(valkey_url: str) -> Post:
    post = Post(valkey_url)
    post.open_office()
    return post


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "service.py").write_text(textwrap.dedent(SERVICE))
    return tmp_path


def started(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "consumers", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = started(folder, *arguments, **environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def seen(folder: Path) -> str:
    path = folder / "seen"
    return path.read_text() if path.exists() else ""


def test_the_consumer_of_the_documentation_works_when_pasted(post: Post, tmp_path: Path) -> None:
    assert consumers.__doc__
    before, _, rest = consumers.__doc__.partition("    from consumers")
    assert "billing.py" in before
    pasted = "    from consumers" + rest.partition("\nRun it")[0]
    (tmp_path / "billing.py").write_text(textwrap.dedent(pasted))
    good, bad, early = b'{"customer": "Ada", "total": 12}', b'{"customer": "Bob"}', b'{"total": 2000}'
    billing = Post(post.url, queue="orders", subscriber="billing")
    billing.send(good, bad, early)
    with running(tmp_path, "billing:consumer", "--broker", post.url) as process:
        first, second = billing.at_office(2)
        until(lambda: billing.unsettled() == 0)
        process.terminate()
        told, _ = process.communicate(timeout=DEADLINE)
    assert told == "billed Ada: 12\n"
    assert process.returncode == 0
    assert isinstance(first, Delegated)
    assert isinstance(second, Delegated)
    assert (first.failure.error_type, first.failure.handler) == ("KeyError", "billing.bill")
    assert second.failure.retry_after == 60


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_leave_it_finishes_the_message_in_hand_and_gives_back_the_rest(
    post: Post, folder: Path, number: signal.Signals
) -> None:
    post.send(b"long", b"never")
    with running(folder, "service:consumer", BROKER_URL=post.url) as process:
        until(lambda: seen(folder) == "long")
        process.send_signal(number)
        until((folder / "asked").exists)
        (folder / "go on").touch()
        _, log = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0
    assert "left" in log
    assert seen(folder) == "long"
    assert post.unsettled() == 1


def test_asked_twice_it_leaves_at_once_and_loses_nothing(post: Post, folder: Path) -> None:
    post.send(b"long", b"2")
    with running(folder, "service:consumer", BROKER_URL=post.url) as process:
        until(lambda: seen(folder) == "long")

        def left() -> bool:
            process.terminate()
            return process.poll() is not None

        until(left)
    assert process.returncode == 128 + signal.SIGTERM
    assert post.unsettled() == 2
    (folder / "go on").touch()
    with running(folder, "service:consumer", BROKER_URL=f"{post.url}?claim_after=1"):
        until(lambda: post.unsettled() == 0)
    assert seen(folder).count("long") == 2


def test_killed_in_the_middle_it_loses_nothing(post: Post, folder: Path) -> None:
    post.send(b"1", b"long", b"2")
    with running(folder, "service:consumer", BROKER_URL=post.url) as process:
        until(lambda: seen(folder).endswith("long"))
        process.kill()
    (folder / "go on").touch()
    with running(folder, "service:consumer", BROKER_URL=f"{post.url}?claim_after=1"):
        until(lambda: post.unsettled() == 0)
    assert seen(folder).endswith("2")


def test_an_error_within_the_service_shows_with_its_traceback(folder: Path) -> None:
    (folder / "torn.py").write_text("import no_such_library")
    process = started(folder, "torn:consumer", BROKER_URL="memory://")
    _, told = process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    assert "torn.py" in told


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["service:consumer"], {}, "BROKER_URL"),
        (["service:consumer"], {"BROKER_URL": "http://localhost"}, "http://"),
        (["service"], {"BROKER_URL": "memory://"}, "package.module:name"),
        ([":consumer"], {"BROKER_URL": "memory://"}, "package.module:name"),
        (["service:nowhere"], {"BROKER_URL": "memory://"}, "service:nowhere"),
        (["service:nothing"], {"BROKER_URL": "memory://"}, "service:nothing"),
        (["no.such:consumer"], {"BROKER_URL": "memory://"}, "no.such:consumer"),
        (["service:consumer", "--batch", "0"], {"BROKER_URL": "memory://"}, "--batch"),
    ],
)
def test_what_it_cannot_run_it_says_in_one_line(
    folder: Path, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    process = started(folder, *arguments, **environment)
    _, told = process.communicate(timeout=DEADLINE)
    assert process.returncode == 2
    assert says in told.strip().splitlines()[-1]
    assert "Traceback" not in told
