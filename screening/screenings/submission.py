"""One filled form, as it is handed over to be recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from screening.accounts.models import User
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.evaluation.follow_up_values import to_plain
from screening.clinical.medications.lexicon import Product
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.clinical.report.record import Patient

from .models import Screening


class Submission(NamedTuple):
    """One filled form: ``key`` is the same each time that form is sent; ``amends`` is the record that it corrects.

    ``medications`` is the list that was given, as it was read by the edition's names and by ``local_names``.
    ``begun_by`` is who began the form, where that was somebody else than who sends it.
    """

    key: UUID
    patient: Patient
    answers: Mapping[str, Answer]
    amends: Screening | None = None
    amendment_reason: str = ""
    medications: MedicationList = NO_LIST
    local_names: tuple[Product, ...] = ()
    begun_by: User | None = None

    @property
    def content_hash(self) -> str:
        """SHA-256 over what was filled in, in hexadecimal; of a list what was typed, not what was found in it."""
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
        filled = [content, answers, self.medications.text] if self.medications else [content, answers]
        return hashlib.sha256(json.dumps(filled, sort_keys=True, default=str).encode()).hexdigest()
