"""People at a browser: they sign in, fill in forms and send them, over HTTP to the real server."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, NamedTuple

import requests
from lxml import html

from tests.pages import CLEAR_FORM, NEW, OPIOID_FORM

from .waiting import wait_until
from .web_server import PASSWORD

UNANSWERED = 0
PATIENCE_SECONDS = 60
"""After how many seconds without any answer a person gives up."""
SCREENING_FORM = "//form[@data-screening-form]"
DECISION_FORM = "//main//form[contains(@class, 'decide')]"
Fields = dict[str, Any]


class Answer(NamedTuple):
    """What came back; ``status`` is 0 if the connection was lost. ``seconds`` is how long it took."""

    status: int
    seconds: float
    text: str = ""
    location: str = ""
    retry_after: str = ""

    @property
    def page(self) -> Any:
        """The page as a tree."""
        return html.fromstring(self.text)

    @property
    def words(self) -> str:
        """The text of the page."""
        return " ".join(self.page.text_content().split())

    @property
    def outcome(self) -> str:
        """The outcome that a record's page shows."""
        return "".join(self.page.xpath("//main/@data-outcome"))


class Person:
    """A signed-in person in a browser session of their own. Each answer is added to ``answers``."""

    def __init__(self, url: str, role: str, answers: list[Answer] | None = None) -> None:
        self.url, self.role = url, role
        self.answers = [] if answers is None else answers
        self.browser = requests.Session()
        self.browser.trust_env = False

    def sign_in(self) -> None:
        """Sign in to the demonstration's account of this role; try again while the database is away."""
        wait_until(self._is_signed_in, PATIENCE_SECONDS, f"{self.role} is signed in")

    def _is_signed_in(self) -> bool:
        page = self.get("/accounts/login/")
        if page.status == 503:
            return False
        answer = self.post("/accounts/login/", token_of(page) | {"login": self.role, "password": PASSWORD})
        assert answer.status in {302, 503}, (answer.status, answer.seconds)
        return answer.status == 302

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._send("GET", path)

    def post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """Send a form."""
        return self._send("POST", path, data=fields)

    def _send(self, method: str, path: str, **body: Any) -> Answer:
        start = time.monotonic()
        try:
            reply = self.browser.request(
                method, self.url + path, allow_redirects=False, timeout=PATIENCE_SECONDS, **body
            )
        except requests.RequestException as lost:
            answer = Answer(UNANSWERED, time.monotonic() - start, repr(lost))
        else:
            headers = reply.headers
            seconds = time.monotonic() - start
            answer = Answer(
                reply.status_code, seconds, reply.text, headers.get("Location", ""), headers.get("Retry-After", "")
            )
        self.answers.append(answer)
        return answer

    def new_form(self, path: str = NEW) -> Fields:
        """Open the form of a screening and return its hidden fields."""
        return hidden_fields(self.get(path), SCREENING_FORM)

    def decision_form(self, path: str) -> Fields:
        """Open the form of a decision and return its hidden fields."""
        return hidden_fields(self.get(path), DECISION_FORM)


def hidden_fields(answer: Answer, form: str = "//main//form") -> Fields:
    """Return the hidden fields of the first form that a path finds."""
    assert answer.status == 200, answer
    found = answer.page.xpath(f"({form})[1]//input[@type='hidden'][@name]")
    return {each.get("name"): each.get("value", "") for each in found}


def token_of(answer: Answer) -> Fields:
    """Return the CSRF token of a page."""
    assert answer.status == 200, answer
    return {"csrfmiddlewaretoken": answer.page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]}


def signed_in(url: str, role: str) -> Person:
    """Return a person who has signed in."""
    person = Person(url, role)
    person.sign_in()
    return person


def patient(number: str, *, takes_opioid: bool = False) -> Fields:
    """Return the fields of an invented patient; the name holds the record number, so that each is unlike others."""
    form = OPIOID_FORM if takes_opioid else CLEAR_FORM
    return {**form, "record_number": f"DEMO-{number}", "patient_name": f"Sample Patient {number}"}


def decision(code: str = "do-not-prescribe") -> Fields:
    """Return the fields of a decision on a patient who takes an opioid."""
    return {"decision": code, "opioid-use.reason": "risk-benefit-ratio"}


def at_once(tasks: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Run tasks in threads that start at the same moment, and return their answers in order."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], Answer]) -> Answer:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))
