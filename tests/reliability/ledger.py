"""Comparing what was acknowledged with what is stored: in the tables, and on the pages."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from .conftest import Site
from .databases import Database
from .load import Journal
from .people import Person, signed_in
from .web_server import manage

QUESTIONS = 4
"""How many rules the shipped rules have: each screening has an answer to each."""
PAGES_OPENED = 25
"""How many records of a round are opened, of those that were acknowledged; all are compared in the tables."""


class Ledger:
    """What the tables hold now, read without the application."""

    def __init__(self, database: Database) -> None:
        screenings = database.rows(
            "SELECT id, uuid, record_number, patient_name, outcome FROM screening_screening ORDER BY id"
        )
        self.screenings = {UUID(str(uuid)): (pk, *rest) for pk, uuid, *rest in screenings}
        self.answers = dict(
            database.rows("SELECT screening_id, count(*) FROM screening_answer GROUP BY screening_id")
        )
        self.on_worklist = {pk for (pk,) in database.rows("SELECT screening_id FROM screening_worklistentry")}
        amended = database.rows("SELECT supersedes_id FROM screening_screening WHERE supersedes_id IS NOT NULL")
        self.superseded = {UUID(str(uuid)) for (uuid,) in amended}
        self.decisions = dict(database.rows("SELECT id, screening_id FROM screening_decision"))
        self.reasons = dict(
            database.rows("SELECT decision_id, count(*) FROM screening_decisionreason GROUP BY decision_id")
        )
        self.recorded = self._events(database, "screening.recorded")
        self.decided = self._events(database, "decision.recorded")

    @staticmethod
    def _events(database: Database, action: str) -> Counter[UUID]:
        rows = database.rows(f"SELECT subject FROM screening_auditevent WHERE action = '{action}'")
        return Counter(UUID(subject) for (subject,) in rows)

    def half_records(self) -> Iterator[str]:
        """Name each record without what belongs to it, and each event without its record."""
        decided = Counter(self.decisions.values())
        for uuid, (pk, *_) in self.screenings.items():
            if self.answers.get(pk) != QUESTIONS:
                yield f"{uuid} has {self.answers.get(pk)} answers"
            if self.recorded[uuid] != 1:
                yield f"{uuid} has {self.recorded[uuid]} events of its recording"
            if self.decided[uuid] != decided[pk]:
                yield f"{uuid} has {decided[pk]} decisions and {self.decided[uuid]} events of them"
            if (pk in self.on_worklist) is (pk in decided or uuid in self.superseded):
                yield f"{uuid} has {decided[pk]} decisions; on the worklist: {pk in self.on_worklist}"
        for decision in self.decisions:
            if not self.reasons.get(decision):
                yield f"decision {decision} has no reason"
        for subject in (self.recorded.keys() | self.decided.keys()) - self.screenings.keys():
            yield f"{subject} has an event and no record"

    def missing(self, journal: Journal) -> Iterator[str]:
        """Name what was acknowledged and is not there, is another one, or is there more than once."""
        numbers = Counter(number for _, number, *_ in self.screenings.values())
        for sent in journal.screenings:
            if numbers[sent.record_number] > 1 or (sent.record and not numbers[sent.record_number]):
                yield f"{sent.record_number} is there {numbers[sent.record_number]} times after {sent.tries} tries"
            kept = self.screenings.get(sent.record) if sent.record else None
            if sent.record and (kept is None or kept[1:] != (sent.record_number, sent.name, sent.outcome)):
                yield f"{sent.record} was acknowledged as {sent}; stored is {kept}"
        decided = Counter(self.decisions.values())
        for sent in journal.decisions:
            times = decided[self.screenings[sent.record][0]] if sent.record in self.screenings else 0
            if sent.record and times != 1:
                yield f"{sent.record} has {times} decisions after {sent.tries} tries"


def faults_of_pages(person: Person, journal: Journal) -> Iterator[str]:
    """Name acknowledged records whose page does not show the right name and outcome, or not the decision."""
    decided = {each.record for each in journal.decisions if each.record}
    recorded = [each for each in journal.screenings if each.record]
    for sent in random.sample(recorded, min(len(recorded), PAGES_OPENED)):
        page = person.get(f"/screenings/{sent.record}/")
        shown: Any = page.status == 200 and (
            page.outcome,
            sent.name in page.words,
            "Do not prescribe" in page.words,
        )
        if shown != (sent.outcome, True, sent.record in decided):
            yield f"{sent.record}: {page.status}, {shown}"


def faults(site: Site, journal: Journal) -> list[str]:
    """Return everything that is lost, half, twice, or not shown; empty if all is well."""
    ledger, reader = Ledger(site.database), signed_in(site.url, "prescriber")
    return [
        *journal.faults,
        *ledger.missing(journal),
        *ledger.half_records(),
        *faults_of_pages(reader, journal),
    ]


def audit_fault(database: Database) -> str:
    """Seal the audit trail and verify it; return what is wrong with it, if anything."""
    sealed = manage(database.url, "seal_audit")
    verified = manage(database.url, "verify_audit")
    return "" if sealed.returncode == verified.returncode == 0 else sealed.stderr + verified.stderr
