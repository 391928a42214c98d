"""A day of trading at an office that runs as people run it: its own processes, servers and consumers."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from consumers.trading.trades import Order, Way, orders
from tests.run.offices import ROOT, Office, until
from tests.servers import scratch

SENT, FAILING, SEED, ACCOUNTS = 1_000, Fraction(1, 10), 9, 20_000
"""So many accounts, and such a seed, that no order has to wait for a parked one of its account."""
ORDERS = list(islice(orders(SEED, FAILING, ACCOUNTS), SENT))
WITHOUT_A_PERSON = {Way.SHARE_QUANTITY, Way.WRONG_SIDE, Way.PRICING_DOWN}
"""Two that rules repair, and one that passes."""

PRODUCER = [
    "--count",
    str(SENT),
    "--failing",
    str(FAILING),
    "--seed",
    str(SEED),
    "--accounts",
    str(ACCOUNTS),
    "--rate",
    "0",
    "--first",
    "0",
]
RELEASE = timedelta(seconds=40)
OUTAGES = ["--pricing-seconds", "15", "--release-seconds", str(RELEASE.seconds)]


def of(way: Way | None) -> list[Order]:
    """The day's orders that fail in this way."""
    return [order for order in ORDERS if order.way is way]


class TradingDay:
    """An open office, its consumer, and what can be read of both."""

    def __init__(self, office: Office) -> None:
        self.office = office
        uvicorn = Path(f"/proc/{office.process('-m uvicorn')}/environ").read_bytes().decode().split("\0")
        self.environment = dict(line.partition("=")[::2] for line in uvicorn if "=" in line)
        self.address = f"http://127.0.0.1:{office.port}"
        self.password = re.findall(r"Password +(\S+)", office.said())[0]
        self.release_mended = datetime.now(UTC)
        """When the broken release passes for every order of the day."""
        self.database = psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)

    def trade(self) -> None:
        """Sends the day's orders; returns when the broker has confirmed all of them."""
        subprocess.run(
            self._python("consumers.trading.producer", *PRODUCER, *OUTAGES),
            cwd=ROOT,
            env=self.environment,
            check=True,
        )
        self.release_mended = datetime.now(UTC) + RELEASE

    def manage(self, *words: str) -> None:
        """Runs a command of manage.py in the office."""
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, check=True)

    @contextmanager
    def placement(self) -> Iterator[None]:
        """The Trade Placement consumer, as a developer runs it."""
        command = self._python("consumers", "consumers.trading.placement:consumer")
        log = self.office.folder / "placement.log"
        with log.open("ab") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=output)
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(30) == 0, log.read_text()

    def rows(self, query: str, *values: object) -> list[Any]:
        return self.database.execute(query, values).fetchall()

    def states(self) -> Counter[str]:
        """How many dead letters there are in each state."""
        return Counter(dict(self.rows("SELECT state, count(*) FROM dead_letter GROUP BY state")))

    def placed(self) -> Counter[str]:
        """How often each message id was placed."""
        if not self.rows("SELECT to_regclass('trading.placed')")[0][0]:
            return Counter()
        return Counter(dict(self.rows("SELECT message_id, count(*) FROM trading.placed GROUP BY message_id")))

    def bodies(self) -> dict[str, str]:
        """The SHA-256 of what was placed, by message id."""
        return dict(self.rows("SELECT message_id, body_sha256 FROM trading.placed"))

    def parked(self) -> dict[str, tuple[int, str]]:
        """Group and error type of what is parked, by message id."""
        query = """
            SELECT d.message_id, g.id, g.error_type
            FROM dead_letter d JOIN failure_group g ON g.id = d.group_id WHERE d.state = 'parked'
        """
        return {message: (group, error) for message, group, error in self.rows(query)}

    def settled(self, parked: int) -> bool:
        """Whether every message has come to rest."""
        states = self.states()
        at_rest = states["parked"] == parked and states["parked"] + states["resolved"] == states.total()
        return at_rest and self.placed().total() + parked >= SENT

    def until(self, done: Any) -> None:
        until(done, lambda: f"{self.states()} placed={self.placed().total()}\n{self.office.said()}")

    def _python(self, *words: str) -> Sequence[str]:
        return [sys.executable, "-m", *words]


def sha(order: Order) -> str:
    return sha256(order.body).hexdigest()


@contextmanager
def trading_day(**variables: str) -> Iterator[TradingDay]:
    """An office on fresh data, open and idle."""
    rules = {"EXAMPLE": "off", "RULES": "consumers.trading.repair_rules", "UNDO_SECONDS": "1"}
    with ExitStack() as stack:
        office = Office(stack.enter_context(scratch()))
        stack.enter_context(office.running(**rules | variables))
        day = TradingDay(office)
        stack.callback(day.database.close)
        yield day
