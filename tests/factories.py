"""Factories that create rows with the application's own actions. All patients are obviously invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import factory

from screening.accounts import actions as account_actions
from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.medications.lexicon import Lexicon, Product
from screening.clinical.medications.reader import MedicationList
from screening.clinical.report.record import Patient
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.text.birth_dates import BirthDate
from screening.drafts import actions as draft_actions
from screening.models import Edition, Screening, User
from screening.screenings import actions as screening_actions
from screening.screenings.submission import PaperForm, Submission
from tests.rules import shipped_lexicon, shipped_rules

PASSWORD = "an invented password of some length"

AMENDMENT_REASON = "The dose was remembered wrongly"
VOID_REASON = "Entered for the wrong patient"

NO = Answer(AnswerCode.NO)
NOT_KNOWN = Answer(AnswerCode.UNKNOWN, "asked-unknown")
TRAMADOL = Answer(
    AnswerCode.YES,
    details={
        "agent": "Tramadol 50 mg, as needed",
        "kind": ("short-acting",),
        "last-dose": date(2026, 11, 19),
        "urine-screen": "none",
    },
)


CURRENT_OPIOID = "Metformin 500 mg\nPercocet 5/325, one at night\nLisinopril 10 mg"
NALTREXONE = "Naltrexone 50 mg daily"
NO_OPIOID = "Metformin 500 mg\nLisinopril 10 mg"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """An account with one role."""

    class Meta:
        model = User

    role = Role.CLINICIAN
    username = factory.Sequence(lambda number: f"person{number}")
    first_name = "Sample"
    last_name = factory.LazyAttribute(lambda made: made.role.value.capitalize())
    password = PASSWORD
    is_demo = False

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return account_actions.create_account(**kwargs)


class EditionFactory(factory.django.DjangoModelFactory[Edition]):
    """The next edition, published from a definition."""

    class Meta:
        model = Edition

    definition = factory.LazyFunction(shipped_rules)
    lexicon: Lexicon | None = factory.LazyFunction(shipped_lexicon)
    """The lexicon for medication lists; None as in editions of earlier releases."""
    change_note = "First edition"
    at = factory.LazyFunction(lambda: datetime.now(UTC))

    @classmethod
    def _create(cls, model_class: type[Edition], *args: Any, **kwargs: Any) -> Edition:
        draft = draft_actions.load_rules(kwargs["definition"], by=None, at=kwargs["at"])
        return draft_actions.publish(
            draft, by=None, at=kwargs["at"], change_note=kwargs["change_note"], lexicon=kwargs["lexicon"]
        )


class PatientFactory(factory.Factory[Patient]):
    """An invented patient, born in 1961."""

    class Meta:
        model = Patient

    name = "Sample Patient"
    birth_date = BirthDate(1961, 4, 12)
    record_number = factory.Sequence(lambda number: f"DEMO-{number:04}")
    dose_mg = Decimal("4.5")
    indication = "Fibromyalgia"


class PaperFormFactory(factory.Factory[PaperForm]):
    """A paper form of the current edition, completed two hours ago by a nurse."""

    class Meta:
        model = PaperForm

    edition = factory.LazyAttribute(lambda made: made.edition_in_use)
    completed_at = factory.LazyFunction(lambda: datetime.now(UTC) - timedelta(hours=2))
    completed_by = "Sample Nurse"
    edition_in_use = factory.LazyFunction(lambda: Edition.objects.numbers()[0])


class ScreeningFactory(factory.django.DjangoModelFactory[Screening]):
    """A recorded screening with the current edition; all answers are no unless a trait changes them."""

    class Meta:
        model = Screening

    class Params:
        taking_opioid = factory.Trait(given={"opioid-use": TRAMADOL})
        liver_not_known = factory.Trait(given={"severe-liver-disease": NOT_KNOWN})
        all_flagged = factory.Trait(given={item.link_id: Answer(AnswerCode.YES) for item in shipped_rules().items})
        opioid_in_list = factory.Trait(listed=CURRENT_OPIOID)
        naltrexone_in_list = factory.Trait(listed=NALTREXONE)
        nothing_in_list = factory.Trait(listed=NO_OPIOID)

    amends: Screening | None = None
    """The amended record; patient and user are the same by default."""
    amendment_reason = factory.LazyAttribute(lambda made: AMENDMENT_REASON if made.amends else "")
    superseded = False
    """Amended by a later screening with all answers no."""
    voided = False
    """Marked as entered in error by the user who screened."""

    listed = ""
    """The medication list, read with the lexicon of the edition and ``local_names``."""
    local_names: tuple[Product, ...] = ()

    paper: PaperForm | None = None
    """The paper form that it was transcribed from."""

    patient = factory.LazyAttribute(lambda made: made.amends.patient if made.amends else PatientFactory())
    given: dict[str, Answer] = {}
    by = factory.LazyAttribute(lambda made: made.amends.screened_by if made.amends else UserFactory())
    edition = factory.LazyFunction(lambda: Edition.objects.current() or EditionFactory())
    key = factory.LazyFunction(uuid4)
    at = factory.LazyFunction(lambda: datetime.now(UTC))

    @classmethod
    def _create(cls, model_class: type[Screening], *args: Any, **kwargs: Any) -> Screening:
        edition, by, at = kwargs["edition"], kwargs["by"], kwargs["at"]
        answers = {item.link_id: NO for item in edition.definition.items} | kwargs["given"]
        recogniser = edition.recogniser(kwargs["local_names"])
        listed = kwargs["listed"]
        submission = Submission(
            kwargs["key"],
            kwargs["patient"],
            answers,
            kwargs["amends"],
            kwargs["amendment_reason"],
            medications=recogniser.read(listed, at.date()) if listed and recogniser else MedicationList(listed),
            local_names=kwargs["local_names"],
            paper=kwargs["paper"],
        )
        screening = screening_actions.record_screening(
            edition=edition, submission=submission, by=by, role=Role.CLINICIAN, at=at
        )
        if kwargs["superseded"]:
            cls(amends=screening, at=at)
        if kwargs["voided"]:
            screening_actions.void_screening(screening, by=by, role=Role.CLINICIAN, at=at, reason=VOID_REASON)
        return screening
