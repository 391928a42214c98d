"""Twenty rules that do harm against a thousand messages, and then the worst of all, in a real worker."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from consumers.envelope import Delegated
from tests.workflow_processor import hostile, staff
from tests.workflow_processor.letters import assert_counted, letters, states, take_in
from tests.workflow_processor.letters import failed as bare
from tests.workflow_processor.rules import Made
from tests.workflow_processor.staff import definition
from tests.workflow_processor.test_relay import Post
from tests.workflow_processor.test_worker import post, running, until  # noqa: F401
from workflow_processor import lifecycle, tasks
from workflow_processor.lifecycle import Claim
from workflow_processor.models import AuditEntry, DeadLetter, RepairRule, Revision
from workflow_processor.repair import pipeline
from workflow_processor.triage import Policy

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
HASTY: dict[str, Any] = {"soft_time_limit": 7, "time_limit": 8}
LOST = timedelta(seconds=11)
"""After this a worker that was in such a hurry is dead, even where the machine is busy."""
MEBIBYTES = 400
"""What one process of a worker may take at most."""

ITEMS = ",".join(f'"{at}"' for at in range(200))
BODIES = [
    b'{"shares": "8756 SHARES", "pad": "%b", "items": [%b]}' % (b"x" * 100, ITEMS.encode()),
    b'{"pad": "%b", "shares": "1 SHARES"}' % (b"x" * 50_000),
    b'{"shares": "1 SHARES"}',
    b"[" * 50_000,
    b"\x00\xff\xfe" * 1_000,
]
MENDABLE = 3
"""Of the bodies, the first ones."""


def failed(post: Post, body: bytes) -> Delegated:  # noqa: F811
    """One whose error has a text that catastrophic patterns love."""
    delegated = post.failed(body)
    return replace(delegated, failure=replace(delegated.failure, text="a" * 1_500))


def peak(worker: int) -> float:
    """The most memory, in MiB, that a process of this worker has had."""
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    told = "".join(Path(f"/proc/{process}/status").read_text() for process in (str(worker), *children))
    return max(map(int, re.findall(r"VmHWM:\s+(\d+) kB", told))) / 1024


@pytest.fixture(autouse=True)
def _broken_steps() -> Iterator[None]:
    with hostile.known():
        yield


def test_every_message_ends_parked_or_repaired_by_the_sound_rule_and_the_worker_lives(
    post: Post,  # noqa: F811
    tmp_path: Path,
) -> None:
    for name, made in hostile.RULES.items():
        staff.rule(name, definition(**{"body": {"as": "json"}, **made}))
    staff.rule(
        "sound", definition(when={"queue": "*"}, body={"as": "json"}), priority=1_000, per_minute=100_000
    )
    with running(["-m", "tests.workflow_processor.hostile"], tmp_path / "worker") as worker:
        ids = take_in(*[failed(post, BODIES[at % 5]) for at in range(1_000)])
        for at in range(0, len(ids), pipeline.BATCH):
            tasks.repair.delay([str(id) for id in ids[at : at + pipeline.BATCH]])
        until(through)
        assert Counter(states(ids)) == {"requeued": 200 * MENDABLE, "parked": 200 * (5 - MENDABLE)}
        # On a machine that is busy one of the others may take too long, too.
        assert turned_off() >= set(hostile.BROKEN)
        assert peak(worker.pid) < MEBIBYTES

        staff.rule("fatal", definition(body={"as": "json"}, **hostile.does(do=hostile.FATAL)))
        ids = take_in(*[failed(post, BODIES[0]) for _ in range(6)])
        tasks.repair.apply_async(([str(id) for id in ids],), **HASTY)
        until(lambda: through(**HASTY))
        assert "fatal" in turned_off()
        reasons = {letter.reason for letter in letters(ids)}
        assert "Rule fatal 1 did not finish, and its worker was lost, 2 times." in reasons

        ids = take_in(*[failed(post, BODIES[0]) for _ in range(6)])
        tasks.repair.delay([str(id) for id in ids])
        until(through)
        assert states(ids) == ["requeued"] * 6
    authors = Revision.objects.exclude(number=0).values_list("author", flat=True)
    assert set(authors) == {"rule sound 1"}
    assert_counted()


def test_a_rule_that_hangs_is_asked_a_few_times_in_a_batch_and_then_no_more() -> None:
    staff.rule("hangs", definition(body={"as": "json"}, **hostile.does(do="hangs")))
    ids = take_in(*[bare(b"{}") for _ in range(30)])
    assert pipeline.repair(ids, [], Policy(rule_seconds=0.05)) == 30
    assert turned_off() == {"hangs"}
    reasons = Counter(letter.reason for letter in letters(ids))
    assert reasons == {"Rule hangs 1 took longer than 0.05 s.": 5, "No rule recognises this fault.": 25}


def test_the_rule_that_was_asked_when_a_repair_was_cut_off_once_more_is_found_out() -> None:
    staff.rule("sound", definition(body={"as": "json"}))
    staff.rule("other", definition(body={"as": "json"}))
    [id] = take_in(bare(b"{}"))
    for claim in (1, 2):
        lifecycle.claim([id], timedelta(seconds=-1))
        # What the repair of a message that was cut off before notes as it asks, and then its worker dies.
        lifecycle.suspect(Claim(id, claim), "rule sound 1")
        lifecycle.lapse([id])
    pipeline.repair([id], [])
    [letter] = letters([id])
    assert letter.reason == "Rule sound 1 did not finish, and its worker was lost, 2 times."
    assert letter.suspect == ""
    assert set(RepairRule.objects.filter(mode="off").values_list("name", flat=True)) == {"sound"}


def test_a_repair_that_was_cut_off_once_notes_what_it_asks() -> None:
    staff.rule("sound", definition(body={"as": "json"}))
    [id] = take_in(bare(b"{}"))
    lifecycle.claim([id], timedelta(seconds=-1))
    lifecycle.lapse([id])
    noted: list[str] = []
    asked = Made(lambda _: noted.extend(one.suspect for one in letters([id])), name="asked")
    pipeline.repair([id], [asked])
    assert noted == ["rule asked 1"]


def through(**limits: Any) -> bool:
    """Whether nothing is left to repair. A sweep that the workers had no time for is not wanted later."""
    if limits:
        _end_leases_of_the_dead()
    tasks.sweep.apply_async(expires=1, **limits)
    time.sleep(0.5)
    return not DeadLetter.objects.filter(state__in=("received", "repairing")).exists()


def _end_leases_of_the_dead() -> None:
    begun = timezone.now() + pipeline.LEASE - LOST
    left = DeadLetter.objects.filter(state="repairing", claimed_until__lt=begun)
    left.update(claimed_until="2020-01-01T00:00:00Z")


def turned_off() -> set[str]:
    """Rules that were turned off by the office, each with its audit entry."""
    told = AuditEntry.objects.filter(act="switch to off", office="triage").values_list("subject", flat=True)
    off = set(RepairRule.objects.filter(mode="off").values_list("name", flat=True))
    assert sorted(told) == sorted(f"rule {name}" for name in off)
    assert "sound" not in off
    return off
