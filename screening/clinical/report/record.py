"""A stored screening: what was asked, answered and found, by whom and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from screening.clinical.evaluation.evaluate import Answer, Evaluation
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import Definition
from screening.clinical.text.birth_dates import BirthDate
from screening.clinical.text.translation import gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The person screened. ``dose_mg`` is the intended daily dose in mg."""

    name: str
    birth_date: BirthDate
    record_number: str
    dose_mg: Decimal | None = None
    indication: str = ""


@dataclass(frozen=True, slots=True)
class LastUse:
    """The latest record with a record number, and its patient."""

    record: UUID
    patient: Patient


def short_id_of(uuid: UUID) -> str:
    """Format the first eight hexadecimal digits of a record's uuid: ``5d3a-91c7``."""
    return f"{uuid.hex[:4]}-{uuid.hex[4:8]}"


def is_short_id(text: str, short_id: str) -> bool:
    """True when a text is this short id, in any case, with a space or nothing for its hyphen if need be."""
    return text.strip().lower() in {short_id, short_id.replace("-", ""), short_id.replace("-", " ")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """The earlier record that a screening corrects, and why."""

    uuid: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """The status of a record that was corrected by a later one: which, when and why.

    ``current`` is the record at the end of the chain of corrections; None when that one was entered in error.
    """

    by: UUID
    at: datetime
    reason: str
    current: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    """The status of a record that was entered in error: who marked it, in which role, when and why."""

    by: str
    role: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """How a screening was transcribed from a paper form.

    ``completed_by`` is the name on the paper. ``at`` is when it was transcribed (aware, in the time zone of the
    record), and ``edition_in_use`` the number of the edition that was current then. ``is_before_edition`` is true if
    the time on the paper is before the edition on it was published.
    """

    completed_by: str
    at: datetime
    edition_in_use: int
    is_before_edition: bool = False


RecordStatus: TypeAlias = Superseded | Voided | None
"""The status of a record; None while it is current. Times are aware, in the time zone of the record."""


@dataclass(frozen=True, slots=True)
class GivenReason:
    """The reason for one finding as it was recorded: the label of its code, and the prescriber's own words."""

    link_id: str
    label: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A prescriber's decision on a screening.

    ``asked_again`` are the link ids of the answers that had expired, were asked again and had not changed.
    ``overrides`` is true when the prescriber typed a confirmation of what is overridden. ``at`` is aware, in the
    clinic's time zone; ``dose_mg`` is the daily dose in mg.
    """

    code: DecisionCode
    by: str
    role: str
    at: datetime
    reasons: tuple[GivenReason, ...] = ()
    defer_until: date | None = None
    asked_again: tuple[str, ...] = ()
    overrides: bool = False
    dose_mg: Decimal | None = None
    product: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One screening. ``screened_at`` is aware and in the clinic's time zone.

    ``listed`` is the medication list as entered, with what was found in it at the time. ``without_second_reviewer``
    is true when only its authors reviewed the edition before it was published. ``is_draft`` is true for the preview
    of a draft, which is shown and not stored: ``edition_number`` is then the edition before the draft, 0 if there is
    no edition yet. ``begun_by`` is the person who began the form, if another person submitted it. If the screening
    was ``transcribed``, ``screened_at`` is the time on the paper, and ``screened_by`` the person who transcribed it.
    """

    uuid: UUID
    patient: Patient
    definition: Definition
    edition_number: int
    answers: Mapping[str, Answer]
    evaluation: Evaluation
    screened_at: datetime
    screened_by: str
    role: str
    amends: Amended | None = None
    listed: MedicationList = NO_LIST
    without_second_reviewer: bool = False
    is_draft: bool = False
    begun_by: str = ""
    transcribed: Transcribed | None = None

    @property
    def rules(self) -> str:
        """The name of the rules it was made with: ``Edition 3``."""
        if not self.is_draft:
            return gettext("Edition {number}").format(number=self.edition_number)
        if not self.edition_number:
            return gettext("Draft of the first edition")
        return gettext("Draft after edition {number}").format(number=self.edition_number)

    @property
    def short_id(self) -> str:
        """The first eight hexadecimal digits of the uuid: ``5d3a-91c7``."""
        return short_id_of(self.uuid)
