"""Pages that stay true by themselves, and say when they cannot."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import hints
from tests.browser.conftest import sign_in
from tests.browser.server import WebProcess
from tests.dashboard import office
from tests.workflow_processor.letters import in_threads
from workflow_processor.models import DeadLetter, ProcessHealth, QueueSample


def test_figures_change_without_a_reload(signed_in: Page) -> None:
    page = signed_in
    office.parked()
    page.goto("/")
    page.evaluate("window.same = true")
    figure = page.locator("main [data-figure=parked]")
    expect(figure).to_have_text("1")
    expect(page.locator("[data-live=on]")).to_be_visible()
    office.parked(error_type="KeyError")
    office.processed(office.parked())
    hints.figures_now()
    hints.changed()
    expect(figure).to_have_text("2")
    expect(page.locator(".rail [data-figure=parked]")).to_have_text("2")
    expect(page.locator(".chart-legend").get_by_text("Failed").locator("xpath=..")).to_contain_text("3")
    expect(page.locator("#groups")).to_contain_text("KeyError")
    assert page.evaluate("window.same")


def test_queues_and_their_charts_move(signed_in: Page) -> None:
    from django.utils import timezone

    page = signed_in
    office.parked()
    QueueSample.objects.create(queue="trades", subscriber="placement", at=timezone.now(), ready=1)
    page.goto("/queues/")
    ready = page.locator("[data-queue='trades › placement'][data-field=ready]")
    expect(ready).to_have_text("1")
    expect(page.locator("[data-live=on]")).to_be_visible()
    hints.queues_now(**{"trades › placement": {"ready": 1412, "unacknowledged": None, "oldest_seconds": 75}})
    expect(ready).to_have_text("1,412")
    expect(page.locator("[data-field=oldest_seconds]")).to_have_text("1 min 15 s")
    legend = page.locator(".chart-legend").first
    expect(legend).to_contain_text("1.4K")
    expect(legend).to_contain_text("–")
    page.get_by_text("As a table").first.click()
    expect(page.locator(".chart-table td", has_text="1412").first).to_be_visible()


def test_a_worker_that_died_is_told_on_an_open_page(signed_in: Page) -> None:
    """Nobody tells figures any more; what the web process says by itself is enough."""
    from django.utils import timezone

    page = signed_in
    office.parked()
    now = timezone.now()
    for kind in ("worker", "sampler"):
        ProcessHealth.objects.create(name=kind, kind=kind, host="", started_at=now, seen_at=now)
    QueueSample.objects.create(queue="trades", subscriber="placement", at=now, ready=1)
    queues = page.context.new_page()
    for one, address in ((page, "/"), (queues, "/queues/")):
        one.goto(address)
        one.evaluate("window.same = true")
        expect(one.locator("[data-live=on]")).to_be_visible()
    worker = page.locator(".health li", has_text="worker")
    expect(worker).not_to_contain_text("last seen")
    expect(queues.locator("main")).not_to_contain_text("not live")

    for record in (ProcessHealth.objects.all(), QueueSample.objects.all()):
        record.update(**{"seen_at" if record.model is ProcessHealth else "at": now - timedelta(minutes=5)})
    for one in (page, queues):
        hints.alive(one)
    expect(worker).to_contain_text("last seen")
    expect(queues.locator("main")).to_contain_text("These figures are not live.")
    expect(queues.locator("main table").first).to_contain_text("measured 5 min ago")
    assert page.evaluate("window.same")
    assert queues.evaluate("window.same")


def test_a_page_says_that_it_changed_when_it_did_and_until_it_is_shown(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    expect(page.locator("[data-live=on]")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    dialog = page.get_by_role("dialog")
    held = page.get_by_role("button", name="This has changed")
    with page.expect_response(re.compile("/status/")) as nothing:
        hints.changed()
    assert nothing.value.status == 204
    expect(dialog).to_be_visible()
    expect(page.locator("[data-held]")).to_have_count(0)
    office.requeued(letter)
    hints.changed()
    expect(page.locator("[data-held]")).to_have_count(1)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(held).to_be_visible()
    hints.changed()
    expect(page.locator("#standing .badge").first).to_have_text("Requeued")
    expect(held).to_have_count(0)


@pytest.mark.parametrize("address", ["/", "/groups/"])
def test_rows_keep_their_places_under_the_pointer_and_their_figures_move(
    signed_in: Page, address: str
) -> None:
    page = signed_in
    office.park(*(office.failed(error_type="KeyError") for _ in range(2)))
    other = office.parked(error_type="TypeError")
    page.goto(address)
    expect(page.locator("[data-live=on]")).to_be_visible()
    titles, counts = page.locator(".group-row .row-title"), page.locator(".group-row .count")
    expect(titles).to_contain_text(["KeyError", "TypeError"])
    titles.last.hover()
    office.park(*(office.failed(error_type="TypeError") for _ in range(3)))
    office.parked(error_type="OSError")
    hints.changed()
    expect(counts.last).to_have_text("4 dead letters")
    expect(titles).to_contain_text(["KeyError", "TypeError"])
    office.discarded(office.fresh([other])[0])
    for letter in DeadLetter.objects.filter(error_type="KeyError"):
        office.discarded(letter)
    hints.changed()
    expect(counts.last).to_have_text("3 dead letters")
    expect(titles).to_contain_text(["KeyError", "TypeError"])
    page.mouse.move(0, 0)
    expect(titles).to_contain_text(["TypeError", "OSError"])


def test_what_comes_back_announces_itself_in_the_list_of_what_is_parked(signed_in: Page) -> None:
    page = signed_in
    letter = office.requeued(office.parked())
    other = office.parked()
    page.goto("/messages/?q=status:parked")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-live=on]")).to_be_visible()
    office.came_back(letter)
    hints.changed()
    page.get_by_role("button", name="1 new").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator(f"#row-{letter.id}")).to_be_visible()
    expect(page.locator(f"#row-{other.id}")).to_be_visible()


def test_a_lost_socket_is_told_and_comes_back_by_itself(
    signed_in: Page, web: WebProcess, forgiven: list[str]
) -> None:
    forgiven += ["WebSocket connection", "ERR_CONNECTION_REFUSED"]
    page = signed_in
    letter = office.requeued(office.parked())
    page.goto(f"/messages/{letter.id}/")
    page.evaluate("window.same = true")
    sign = page.locator("[data-live]")
    expect(sign).to_have_attribute("data-live", "on")
    web.kill()
    try:
        expect(sign).to_have_attribute("data-live", "off")
        expect(sign).to_contain_text("Not live, reconnecting")
        office.processed(letter)
    finally:
        web.start()
    expect(sign).to_have_attribute("data-live", "on", timeout=40_000)
    # What was missed is fetched.
    expect(page.locator(".way")).to_contain_text("Processed")
    assert page.evaluate("window.same")


def test_what_happens_while_a_page_is_on_its_way_is_seen(signed_in: Page) -> None:
    page = signed_in
    letter = office.parked()

    def meanwhile(route: Route) -> None:
        """The page is drawn; what opens its socket is not there yet."""
        in_threads(lambda: office.requeued(letter))
        hints.changed()
        route.continue_()

    page.route(re.compile(r"/js/live\."), meanwhile, times=1)
    page.goto(f"/messages/{letter.id}/")
    expect(page.locator("#standing .badge").first).to_have_text("Requeued")


def test_an_empty_office_opens_by_itself_when_the_first_message_fails(signed_in: Page) -> None:
    page = signed_in
    page.goto("/")
    expect(page.get_by_text("No failures yet")).to_be_visible()
    expect(page.locator("[data-live=on]")).to_be_visible()
    office.parked()
    hints.changed()
    expect(page.locator("main [data-figure=parked]")).to_have_text("1")


def test_what_one_person_does_another_sees(signed_in: Page, browser: Browser, base_url: str) -> None:
    page = signed_in
    letter = office.parked()
    page.goto(f"/messages/{letter.id}/")
    page.evaluate("window.same = true")
    expect(page.locator("[data-live=on]")).to_be_visible()
    other = browser.new_context(base_url=base_url)
    sign_in(other, office.person("grace"), base_url)
    hers = other.new_page()
    hers.goto(f"/messages/{letter.id}/")
    hers.get_by_role("button", name="Requeue").click()
    expect(page.locator("#standing .badge").first).to_have_text("Requeued")
    expect(page.locator("#timeline")).to_contain_text("by grace")
    assert page.evaluate("window.same")
    other.close()
