"""Row 7: how long pages take, beside a trivial page of 50 rows, with more and more dead letters.

`python -m tests.benchmarks.pages` measures over the database that the environment names, as it is.
"""

import time
from collections.abc import Iterator, Mapping
from statistics import median

from tests.benchmarks import table
from tests.benchmarks.machine import Machine
from tests.benchmarks.rounds import Beside, Contestant, Figures, Row, race

NUMBERS = (10_000, 100_000, 1_000_000, 5_000_000)
FLAT = 1.5
"""Times as long, at the most, as a page takes with the fewest dead letters it may take with the most."""
TRIVIAL = "a trivial page of 50 rows"
ASKED = 5
"""Requests of a round; the median counts."""
PAGES = {
    "overview": "/",
    "groups": "/groups/",
    "messages": "/messages/",
    "filter by a header": "/messages/?q=header.desk:retail+status:parked",
    "its counts": "/messages/counts/?shown=50&q=header.desk:retail+status:parked",
    "search in bodies": "/messages/?q=%224821+SHARES%22",
    "message": "/messages/{message}/",
    "bulk preview": "/operations/new/?kind=requeue&scope=matching&q=status:parked",
}


def rows(machine: Machine, rounds: int) -> Iterator[Row]:
    if machine.name != "valkey":  # no broker has a part in it
        return
    numbers, found = sorted(set(map(machine.count, NUMBERS))), {}
    for number in numbers:
        machine.seed(number)
        for name, row in zip(PAGES, measured(rounds), strict=True):
            found[number, name] = row.ours
            yield row
    for name in PAGES:
        yield _flat(name, found, fewest=numbers[0], most=numbers[-1])


def _flat(name: str, found: Mapping[tuple[int, str], Figures], fewest: int, most: int) -> Row:
    """A page with the most dead letters, beside itself with the fewest."""
    beside = Beside(f"the same of {fewest:,}", FLAT, at_most=True)
    figures = {"the office": found[most, name], beside.name: found[fewest, name]}
    return Row(7, f"{name} of {most:,}", "–", "ms", figures, (beside,))


def measured(rounds: int) -> Iterator[Row]:
    """The pages over what there is."""
    from django.conf import settings
    from django.test.utils import override_settings

    from workflow_processor import figures
    from workflow_processor.models import DeadLetter

    number = sum(figures.counts().values())
    message = DeadLetter.objects.order_by("id")[number // 2].id
    with override_settings(ROOT_URLCONF="tests.benchmarks.trivial", ALLOWED_HOSTS=["*"]):
        assert settings.ROOT_URLCONF
        trivial = _page("/trivial/")
        for name, address in PAGES.items():
            contestants: Mapping[str, Contestant] = {
                "the office": _page(address.format(message=message)),
                TRIVIAL: trivial,
            }
            goals = (Beside(TRIVIAL, 3, at_most=True),)
            yield Row(7, f"{name} of {number:,}", "–", "ms", race(contestants, rounds), goals)


def _page(address: str) -> Contestant:
    """Milliseconds that a page takes, for somebody who may do everything."""
    from django.contrib.auth.models import User
    from django.test import Client

    person, _ = User.objects.get_or_create(username="bench", is_superuser=True)
    client = Client()
    client.force_login(person)

    def ask() -> float:
        begun = time.perf_counter()
        assert client.get(address).status_code == 200, address
        return (time.perf_counter() - begun) * 1000

    def contestant() -> float:
        ask()  # templates are read once
        return median(ask() for _ in range(ASKED))

    return contestant


if __name__ == "__main__":
    import django

    django.setup()
    print(table.heading())  # noqa: T201
    for row in measured(3):
        print("\n".join(table.lines(row)), flush=True)  # noqa: T201
