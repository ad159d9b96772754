"""A screening as it was kept: what was asked, answered and found, by whom and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from .definition import Definition
from .evaluation import Answer, Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Who was screened, and the context that was given. ``dose_mg`` is the intended daily dose in mg."""

    name: str
    birth_date: date
    record_number: str
    dose_mg: Decimal | None = None
    indication: str = ""

    def age_on(self, day: date) -> int:
        """Age in whole years on a day."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (0 if had_birthday else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One screening. ``screened_at`` is aware and already in the clinic's own time zone."""

    uuid: UUID
    patient: Patient
    definition: Definition
    edition_number: int
    answers: Mapping[str, Answer]
    evaluation: Evaluation
    screened_at: datetime
    screened_by: str
    role: str

    @property
    def short_id(self) -> str:
        """The first eight hexadecimal digits of the uuid: ``5d3a-91c7``."""
        digits = self.uuid.hex
        return f"{digits[:4]}-{digits[4:8]}"
