"""A hundred people who save the same message at the same moment: one is first, the others are told."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tests.browser.server import WebProcess
from tests.dashboard import office
from workflow_processor.models import AuditEntry

PEOPLE = 100
TOKEN = "t" * 32
"""A form's token against forgery, which is good where the cookie says the same."""


def test_of_a_hundred_edits_at_once_one_wins_and_the_others_are_told(web: WebProcess) -> None:
    letter = office.parked()
    form = {"id": letter.id, "version": letter.version, "base": 0, "body_newline": "lf", "then": "save"}
    sessions = [office.browser(office.person(f"person-{n}")).cookies for n in range(PEOPLE)]
    ready = Barrier(PEOPLE)

    def save(number: int) -> tuple[int, str]:
        [session] = sessions[number].values()
        fields = {**form, "body_text": f"edited by {number}", "csrfmiddlewaretoken": TOKEN}
        cookies = f"{session.key}={session.value}; office_csrf={TOKEN}"
        request = Request(f"{web.url}/edits/", urlencode(fields).encode(), {"Cookie": cookies})
        ready.wait()
        return answered(request)

    with ThreadPoolExecutor(PEOPLE) as people:
        answers = list(people.map(save, range(PEOPLE)))
    assert Counter(status for status, _ in answers) == {302: 1, 409: PEOPLE - 1}
    for number, (status, page) in enumerate(answers):
        if status == 409:
            assert "Not saved: the message was changed while you were editing it." in page
            assert f"edited by {number}" in page, "their own work is kept"
    [winner] = [number for number, (status, _) in enumerate(answers) if status == 302]
    [now] = office.fresh([letter])
    assert now.revision == 1
    assert bytes(now.revisions.get(number=1).body) == f"edited by {winner}".encode()
    assert AuditEntry.objects.count() == 1


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def answered(request: Request) -> tuple[int, str]:
    try:
        with build_opener(_Stay).open(request, timeout=200) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()
