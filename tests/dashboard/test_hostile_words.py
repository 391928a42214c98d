"""What people write to each other is shown as text, whoever they are and whatever they write."""

import pytest

from tests.dashboard import office
from tests.dashboard.test_pages import HOSTILE, Elements
from workflow_processor.acts import assignments, comments, notes, saved_views, snoozes, tickets
from workflow_processor.models import AuditEntry, SavedView
from workflow_processor.subjects import Subject

pytestmark = pytest.mark.django_db


def test_whatever_people_write_is_shown_as_text() -> None:
    ada, mallory = office.person("ada"), office.person("<img src=x onerror=alert(1)>")
    letter = office.parked()
    subjects = Subject(group=letter.group_id), Subject(dead_letter=letter.id)
    for subject in subjects:
        comments.comment(mallory, subject, f"@ada {HOSTILE}")
        tickets.link(mallory, subject, "https://x.example/?'\"><script>alert(1)</script>", HOSTILE)
    notes.note(mallory, letter.group, HOSTILE, seen="")
    assignments.assign(mallory, [letter.id], mallory)
    assignments.assign_groups(mallory, [letter.group], mallory)
    snoozes.snooze(mallory, [letter.group], more=5)
    saved_views.save(mallory, SavedView.Page.MESSAGES, HOSTILE[:80], f"q={HOSTILE}", shared=True)
    browser = office.browser(ada)
    addresses = [
        "/groups/?show=snoozed",
        f"/groups/{letter.group_id}/",
        f"/messages/{letter.id}/",
        "/messages/",
        "/notifications/",
        "/settings/",
        "/audit/",
        *(f"/audit/{entry.pk}/" for entry in AuditEntry.objects.all()),
    ]
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        for tag, attributes in Elements(answer.content.decode()).found:
            assert not any(name.startswith("on") for name in attributes), address
            assert tag != "script" or "src" in attributes or attributes.get("type") == "application/json"
            assert tag != "img", address
            assert not (attributes.get("href") or "").startswith("javascript:"), address
