"""A completed screening form, ready to be recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from screening.accounts.models import User
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.evaluation.follow_up_values import to_plain
from screening.clinical.medications.lexicon import Product
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.clinical.report.record import Patient

from .models import Screening


class PaperForm(NamedTuple):
    """The paper form that a submission was transcribed from.

    ``edition`` is the number printed on it, ``completed_at`` the time on it (aware), ``completed_by`` the name on it.
    ``edition_in_use`` is the number of the edition that is current when it is transcribed.
    """

    edition: int
    completed_at: datetime
    completed_by: str
    edition_in_use: int


class Submission(NamedTuple):
    """A completed form. ``key`` identifies the form and stays the same when it is sent again.

    ``amends`` is the record that the form corrects. ``medications`` is the medication list, read with the names of
    the edition and with ``local_names``. ``begun_by`` is set only when another person began the form.
    """

    key: UUID
    patient: Patient
    answers: Mapping[str, Answer]
    amends: Screening | None = None
    amendment_reason: str = ""
    medications: MedicationList = NO_LIST
    local_names: tuple[Product, ...] = ()
    begun_by: User | None = None
    paper: PaperForm | None = None

    @property
    def content_hash(self) -> str:
        """Hexadecimal SHA-256 of the form's content.

        A medication list counts by its text, not by what it names. Of a paper form, what is written on it counts.
        """
        patient = self.patient
        answers = {
            link_id: [each.code.value, each.reason, to_plain(each.details)] for link_id, each in self.answers.items()
        }
        content = [
            patient.name,
            patient.birth_date,
            patient.record_number,
            patient.dose_mg,
            patient.indication,
        ]
        if self.amends:
            content += [self.amends.uuid, self.amendment_reason]
        if self.paper:
            content += [self.paper.edition, self.paper.completed_at, self.paper.completed_by]
        filled = [content, answers, self.medications.text] if self.medications else [content, answers]
        return hashlib.sha256(json.dumps(filled, sort_keys=True, default=str).encode()).hexdigest()
