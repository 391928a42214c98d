"""What the README shows works as it stands there."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from consumers import Consumer
from consumers.envelope import Delegated
from consumers.failure import Failure
from consumers.repair import FailedMessage, Rule
from tests.consumers.conftest import Post

README = (Path(__file__).parent.parent.parent / "README.md").read_text()


def block(word: str) -> str:
    """The one block of Python that has this word in it."""
    (found,) = (
        code for code in re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.M) if word in code
    )
    return str(found)


def run(code: str, **names: Any) -> dict[str, Any]:
    exec(compile(code, "README.md", "exec"), names)
    return names


@pytest.fixture
def post() -> Post:
    post = Post(f"memory://{uuid4()}", "orders", "billing")
    post.open_office()
    return post


def test_its_consumer_bills_an_order_and_delegates_one_that_it_cannot_read(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer = run(block("Consumer()"))["consumer"]
    assert isinstance(consumer, Consumer)
    (bad, _) = post.send(b'{"customer": "Ada", "amount": "12 EUR"}', b'{"customer": "Ada", "amount": "12"}')
    with post.running(consumer):
        (arrival,) = post.at_office(1)
    assert isinstance(arrival, Delegated)
    assert (arrival.message, arrival.subscriber) == (bad, "billing")
    assert capsys.readouterr().out == "billed Ada 12\n"


def test_its_loop_delegates_with_one_call(post: Post) -> None:
    code = block("Office(").replace("valkey://127.0.0.1:6379/0", post.url)
    run(code, body=b"12 EUR", error=ValueError("12 EUR"))
    (arrival,) = post.at_office(1)
    assert isinstance(arrival, Delegated)
    assert (arrival.message.body, arrival.queue, arrival.message.message_id) == (b"12 EUR", "orders", "42")


@pytest.mark.parametrize(
    ("body", "repaired"),
    [
        (b"2WE35HF6DHF,BUY,AAPL,8756 SHARES", b"2WE35HF6DHF,BUY,AAPL,8756"),
        (b"2WE35HF6DHF,BUY,AAPL,many", None),
    ],
)
def test_its_rule_repairs_what_it_is_for_and_leaves_the_rest(
    post: Post, body: bytes, repaired: bytes | None
) -> None:
    rule: Rule = run(block("class ShareQuantity"), __name__="share_quantity")["rule"]
    failed = FailedMessage(post.broker.message(body), Failure.of(ValueError(""), "place"), "trades", 0)
    assert rule.matches(failed)
    made = rule.repair(failed)
    assert (made and made.body) == repaired
