"""Messages leave as a file, are corrected in it, and come back: with real files, by a real browser."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import hints
from tests.dashboard import office
from tests.workflow_processor.letters import in_threads
from workflow_processor.models import DeadLetter, State
from workflow_processor.operations import work


def test_a_corrected_file_is_brought_back_seen_and_carried_out(signed_in: Page, tmp_path: Path) -> None:
    page = signed_in
    wrong, right, moved_on = office.park(
        office.failed(b"8756 SHARES,\xc3\x9cBER\r\n"), office.failed(b"12"), office.failed(b"7 SHARES")
    )
    page.goto("/messages/?q=status:parked")
    with page.expect_download() as exported:
        page.get_by_role("link", name="JSON Lines").click()
    lines = [json.loads(line) for line in exported.value.path().read_bytes().splitlines()]
    assert len(lines) == 3
    corrected = tmp_path / "corrected <b>.jsonl"
    texts = [json.dumps(line | {"body": line["body"].replace(" SHARES", "")}) for line in lines]
    corrected.write_text("\n".join([*texts, "{ this is none"]))
    in_threads(lambda: office.discarded(moved_on))

    page.get_by_role("link", name="Import").click()
    page.get_by_label("JSON Lines").set_input_files(corrected)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change 1 message?")
    facts = page.get_by_role("region", name="The file")
    expect(facts).to_contain_text("corrected <b>.jsonl, 4 lines")
    expect(facts).to_contain_text("1 already have that body")
    expect(facts).to_contain_text("1 changed since they were exported")
    expect(page.get_by_role("region", name="Unreadable lines").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("region", name="Preview of changes")).to_contain_text("8756,ÜBER")
    assert {letter.revision for letter in DeadLetter.objects.all()} == {0}, "seen, and not done"

    page.get_by_label("Requeue each one once it is changed").check()
    page.get_by_role("button", name="Change 1", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("started")
    expect(page.locator("[data-live=on]")).to_be_visible()
    in_threads(work.carry_on)
    hints.changed()
    expect(page.get_by_role("main")).to_contain_text("Finished")
    changed, same, left = office.fresh([wrong, right, moved_on])
    assert (changed.revision, changed.state) == (1, State.REQUEUED)
    assert bytes(changed.revisions.get(number=1).body) == b"8756,\xc3\x9cBER\r\n"
    assert (same.revision, same.state, left.state) == (0, State.PARKED, State.DISCARDED)


def test_a_file_that_cannot_be_used_says_so(signed_in: Page, tmp_path: Path) -> None:
    page = signed_in
    office.parked()
    page.goto("/imports/new/")
    page.get_by_label("JSON Lines").set_input_files(
        {"name": "x.jsonl", "mimeType": "", "buffer": b"\x00\xff"}
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change 0 messages?")
    expect(page.get_by_role("region", name="Unreadable lines")).to_be_visible()
    expect(page.get_by_role("button", name="Change 0")).to_be_disabled()
