"""Lists that people come back to."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.dashboard import office
from workflow_processor.models import AuditEntry, SavedView

pytestmark = pytest.mark.django_db
PARKED = urlencode({"q": 'status:parked "8756 SHARES"'})


@pytest.fixture
def clerk(ada: User) -> Client:
    office.parked()
    return office.browser(ada)


def save(clerk: Client, name: str = "Shares", query: str = PARKED, **more: str) -> SavedView:
    clerk.post("/views/", {"page": "messages", "name": name, "query": query, **more})
    return SavedView.objects.latest("id")


def bar(clerk: Client, query: str, page: str = "messages") -> str:
    found = clerk.get(f"/{page}/?{query}").content.decode()
    return found[found.index('class="views') : found.index("js/views")]


def test_a_list_is_kept_without_the_place_in_it_and_led_to(clerk: Client) -> None:
    form = {
        "page": "messages",
        "name": "  Units   in quantities ",
        "query": f"{PARKED}&older=x&start=3&view=7",
    }
    answer = clerk.post("/views/", form)
    view = SavedView.objects.get()
    assert (view.name, view.query, view.shared) == ("Units in quantities", PARKED, False)
    assert answer["Location"] == f"/messages/?{PARKED}&view={view.pk}"
    shown = bar(clerk, f"{PARKED}&view={view.pk}")
    assert 'aria-current="true"' in shown
    assert "Changed" not in shown


def test_changed_is_shown_where_the_list_is_no_longer_as_it_was_kept(clerk: Client) -> None:
    view = save(clerk)
    shown = bar(clerk, f"q=status:waiting&view={view.pk}")
    assert "Changed" in shown
    assert "Save to Shares" in shown
    clerk.post(f"/views/{view.pk}/changes/", {"query": f"q=status:waiting&view={view.pk}"})
    assert SavedView.objects.get().query == "q=status%3Awaiting"
    assert "Changed" not in bar(clerk, f"q=status:waiting&view={view.pk}")
    assert "Save as a view" in bar(clerk, "q=status:parked")
    assert 'aria-current="true"' in bar(clerk, "q=status:waiting")


def test_a_view_is_renamed_shared_and_deleted(clerk: Client) -> None:
    view = save(clerk)
    clerk.post(f"/views/{view.pk}/changes/", {"name": "Units", "shared": "on"})
    assert SavedView.objects.values_list("name", "shared", "query").get() == ("Units", True, PARKED)
    assert clerk.post(f"/views/{view.pk}/deletions/")["Location"] == "/messages/"
    assert not SavedView.objects.exists()
    acts = AuditEntry.objects.order_by("id").values_list("act", "subject")
    assert list(acts) == [
        ("save view", "view Shares"),
        ("change view", "view Units"),
        ("delete view", "view Units"),
    ]


@pytest.mark.parametrize("name", ["", "  ", "Shares"])
def test_a_name_that_will_not_do_is_refused_and_nothing_that_was_typed_is_lost(
    clerk: Client, name: str
) -> None:
    save(clerk)
    form = {"page": "messages", "name": name, "query": "q=x", "next": "/messages/"}
    answer = clerk.post("/views/", form | {"shared": "on"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<input type="hidden" name="query" value="q=x">' in page
    assert f'name="name" value="{name.strip()}"' in page
    assert 'name="shared" checked' in page
    assert ("There is already a view named Shares." if name == "Shares" else "A view needs a name.") in page
    assert SavedView.objects.count() == 1
    assert clerk.post("/views/", {"page": "audit", "name": "x"}).status_code == 400


def test_a_view_is_not_given_the_name_of_another_one(clerk: Client) -> None:
    save(clerk)
    save(clerk, name="Units")
    view = SavedView.objects.get(name="Units")
    answer = clerk.post(f"/views/{view.pk}/changes/", {"name": "Shares", "next": "/messages/"})
    page = answer.content.decode()
    assert "There is already a view named Shares." in page
    assert f'action="/views/{view.pk}/changes/"' in page
    assert 'name="query"' not in page


def test_others_see_what_is_shared_and_not_what_is_ones_own(clerk: Client) -> None:
    own, shared = save(clerk, "My own"), save(clerk, "Ours", shared="on")
    grace = office.browser(office.person("grace", "view"))
    shown = bar(grace, f"{PARKED}&view={shared.pk}")
    assert "Ours" in shown
    assert "My own" not in shown
    assert "This view" not in shown
    for view in (own, shared):
        assert grace.post(f"/views/{view.pk}/changes/", {"name": "Hers"}).status_code == 403
        assert grace.post(f"/views/{view.pk}/deletions/").status_code == 403
    assert save(grace, "Her own").owner.username == "grace"
    form = {"page": "messages", "name": "For all", "query": "", "shared": "on"}
    assert grace.post("/views/", form).status_code == 403
    joan = office.browser(office.person("joan"))
    joan.post(f"/views/{shared.pk}/changes/", {"name": "Ours too", "shared": "on"})
    assert joan.post(f"/views/{own.pk}/changes/", {"name": "x"}).status_code == 403
    assert set(SavedView.objects.values_list("name", flat=True)) == {"My own", "Ours too", "Her own"}


def test_groups_have_views_too(clerk: Client) -> None:
    form = {"page": "groups", "name": "Ours", "query": "show=mine&queue=trades&start=50"}
    assert clerk.post("/views/", form)["Location"].startswith("/groups/?show=mine&queue=trades&view=")
    view = SavedView.objects.get()
    shown = bar(clerk, f"show=mine&queue=trades&sort=latest&view={view.pk}", "groups")
    assert "Changed" in shown
    page = clerk.get(f"/groups/?show=mine&view={view.pk}").content.decode()
    assert f'href="/groups/?view={view.pk}"' in page  # the tab of the open ones stays in the view
