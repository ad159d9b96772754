"""People who record and decide without pause, and a journal of what they sent and what was acknowledged."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from uuid import UUID

from tests.pages import NEW

from .people import (
    DECISION_FORM,
    SCREENING_FORM,
    UNANSWERED,
    Answer,
    Fields,
    Person,
    decision,
    hidden_fields,
    patient,
)
from .waiting import wait_until

ROLES = ("clinician", "prescriber", "clinician", "prescriber")
BETWEEN_TRIES = 0.1
"""Seconds until a person sends a form again that was not acknowledged."""
LONGEST_TRY = 90
"""Seconds after which a form that was never acknowledged is a failure."""
WORK_SECONDS = 0.5
"""How long people work before a fault and after it."""
LONGEST_RECOVERY = 30


@dataclass
class Sent:
    """A form that was sent until it was acknowledged. ``record`` is the screening; None until it is acknowledged."""

    name: str
    record_number: str
    outcome: str
    started: float
    tries: int = 0
    acknowledged: float | None = None
    record: UUID | None = None


@dataclass
class Journal:
    """What was sent and what came back. Each thread appends; none changes what another appended."""

    screenings: list[Sent] = field(default_factory=list)
    decisions: list[Sent] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def acknowledged(self) -> int:
        """Return how many forms were acknowledged."""
        return sum(each.acknowledged is not None for each in [*self.screenings, *self.decisions])

    def repeated(self) -> int:
        """Return how many forms were sent more than once."""
        return sum(each.tries > 1 for each in [*self.screenings, *self.decisions])

    def with_status(self, status: int) -> list[Answer]:
        """Return the answers with this status; 0 for those that never came."""
        return [each for each in list(self.answers) if each.status == status]

    def last_acknowledged(self) -> float:
        """Return when a form was acknowledged last, as ``time.monotonic()`` counts; 0 if none was."""
        return max([each.acknowledged or 0.0 for each in [*self.screenings, *self.decisions]], default=0.0)


class NeverAcknowledged(Exception):
    """A form was sent again and again without an acknowledgement."""


class Worker(Thread):
    """A person who records one screening after another; a prescriber decides on every second one."""

    def __init__(self, url: str, role: str, name: str, journal: Journal, stop: Event) -> None:
        super().__init__(name=f"person {name}", daemon=True)
        self.person = Person(url, role, journal.answers)
        self.number, self.journal, self.stop = name, journal, stop

    def run(self) -> None:
        """Work until ``stop`` is set; what is begun is finished."""
        try:
            for number in count(1):
                if self.stop.is_set():
                    return
                self.work(f"{self.number}-{number}", takes_opioid=number % 2 == 0)
        except Exception as fault:
            self.journal.faults.append(f"{self.name}: {fault!r}")

    def work(self, number: str, *, takes_opioid: bool) -> None:
        """Record one screening, and decide on it."""
        fields = patient(number, takes_opioid=takes_opioid)
        outcome = "contraindication_flagged" if takes_opioid else "none_identified"
        sent = Sent(fields["patient_name"], fields["record_number"], outcome, time.monotonic())
        hidden = self.open(NEW)
        self.journal.screenings.append(sent)
        self.send_until_acknowledged(NEW, hidden | fields, sent)
        if takes_opioid and self.person.role == "prescriber":
            path = f"/screenings/{sent.record}/decision/"
            decided = Sent(sent.name, sent.record_number, outcome, time.monotonic())
            hidden = self.open(path)
            self.journal.decisions.append(decided)
            self.send_until_acknowledged(path, hidden | decision(), decided)

    def open(self, path: str) -> Fields:
        """Open a form, again until it is shown, and return its hidden fields."""
        for _ in self.tries(path):
            page = self.person.get(path)
            if page.status == 200:
                return hidden_fields(page, DECISION_FORM if path.endswith("decision/") else SCREENING_FORM)
            self.check(page, path)
        raise NeverAcknowledged(path)

    def send_until_acknowledged(self, path: str, form: Fields, sent: Sent) -> None:
        """Send the very same form until the server redirects to the record."""
        for _ in self.tries(path):
            sent.tries += 1
            answer = self.person.post(path, form)
            if answer.status == 302 and answer.location.startswith("/screenings/"):
                sent.record, sent.acknowledged = UUID(answer.location.split("/")[2]), time.monotonic()
                return
            self.check(answer, path)
        raise NeverAcknowledged(path)

    def tries(self, path: str) -> Iterator[None]:
        """Yield at once and then at intervals, until it took too long."""
        end = time.monotonic() + LONGEST_TRY
        while time.monotonic() < end:
            yield
            time.sleep(BETWEEN_TRIES)

    def check(self, answer: Answer, path: str) -> None:
        """Note an answer that nobody should see while a server or database is away."""
        if answer.status == UNANSWERED or (answer.status == 503 and answer.retry_after.isdecimal()):
            return
        page = path.rstrip("/").rpartition("/")[2]
        self.journal.faults.append(f"{self.name}: {answer.status} for {page}: {answer.text[:2000]}")


_numbers = count(1)


@contextmanager
def load(url: str, people: int = len(ROLES)) -> Iterator[Journal]:
    """Let people work while the block runs, and let them finish what they have begun."""
    journal, stop, run = Journal(), Event(), next(_numbers)
    workers = [Worker(url, ROLES[place % len(ROLES)], f"{run:03}{place}", journal, stop) for place in range(people)]
    for worker in workers:
        worker.person.sign_in()
    journal.answers.clear()  # signing in is slow on purpose
    for worker in workers:
        worker.start()
    try:
        wait_until(lambda: journal.acknowledged() >= people or journal.faults, 30, "the first forms are acknowledged")
        yield journal
    finally:
        stop.set()
        for worker in workers:
            worker.join(LONGEST_TRY + 60)
    assert not any(worker.is_alive() for worker in workers), "Somebody still waits for an answer."


@contextmanager
def work(url: str) -> Iterator[Journal]:
    """Let people work before, during and after the block."""
    with load(url) as journal:
        time.sleep(WORK_SECONDS)
        yield journal
        time.sleep(WORK_SECONDS)


def until_acknowledged(journal: Journal) -> float:
    """Wait for the next acknowledgement, and return how many seconds that took."""
    start = time.monotonic()
    return wait_until(lambda: journal.last_acknowledged() > start, LONGEST_RECOVERY, "a form is acknowledged")
