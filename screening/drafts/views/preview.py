"""The draft as clinicians would see it; nothing of it is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, wraps
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from screening.accounts.permissions import Permission, acting_role, signed_in
from screening.clinical.evaluation.evaluate import Answer, evaluate
from screening.clinical.medications.reader import NO_LIST, MedicationList, Recogniser
from screening.clinical.report.chart_copy import Printing, chart_copy
from screening.clinical.report.record import Patient, Record
from screening.clinical.report.summary import summarise
from screening.clinical.rules.definition import AnswerCode, Definition, Listed
from screening.clinical.rules.reviews import overdue
from screening.clinical.rules.validation import RESERVED_FOLLOW_UPS, RESERVED_LINK_IDS, check
from screening.clinical.text.birth_dates import BirthDate
from screening.clinical.text.json_errors import DefinitionError
from screening.drafts.models import RuleSet
from screening.editions.models import Edition
from screening.medications.shipped_data import shipped_cues, shipped_lexicon, shipped_lexicon_hash
from screening.screenings.forms.screening_form import ScreeningForm, form_values

from .shortcuts import open_draft

CHECK_LIST, CHANGE = "list", "change"
"""What a form is sent for other than its result: to have its list read, or to be changed once more."""
CSRF_FIELD = "csrfmiddlewaretoken"

NO_RECORD = UUID(int=0)
LINES_THAT_FLAG = {Listed.OPIOID: "Codeine 30 mg at night", Listed.NALTREXONE: "Naltrexone 50 mg daily"}

Answers: TypeAlias = Mapping[str, Answer]


@dataclass(frozen=True)
class Preview:
    """A draft as it would be in use: its definition, and what reads medication lists, if anything does."""

    request: HttpRequest
    rule_set: RuleSet
    definition: Definition
    recogniser: Recogniser | None
    now: datetime

    @classmethod
    def of(cls, request: HttpRequest, rule_set: RuleSet) -> Preview:
        """The draft as it stands now.

        Raises:
            DefinitionError: no form can be made of it; all that is wrong is listed.
        """
        definition, (sha256, recogniser) = rule_set.definition(with_cases=False), _names_of(rule_set)
        if _takes_names_of_the_form(definition):
            raise DefinitionError(check(rule_set.definition()))
        return cls(request, rule_set, replace(definition, lexicon=sha256), recogniser, timezone.localtime())

    @property
    def patient(self) -> Patient:
        """An invented patient for whom the dose is a low one."""
        return Patient(
            name="Sample Patient",
            birth_date=BirthDate(1961, 4, 12),
            record_number="DEMO-0000",
            dose_mg=self.definition.dose_high_mg,
            indication=next(iter(self.definition.indications), ""),
        )

    def form(self) -> ScreeningForm:
        """The clinician's form, filled with what was sent; until then the patient is."""
        sent = (self.request.POST, self.request.FILES) if self.request.method == "POST" else ()
        form = ScreeningForm(
            self.definition,
            *sent,
            today=self.now.date(),
            last_use=lambda _: None,
            read_list=self.read if self.recogniser else None,
        )
        form.initial, form.list_address = form_values(self.patient), f"?{CHECK_LIST}"
        return form

    def read(self, text: str) -> MedicationList:
        """What a medication list names."""
        return self.recogniser.read(text, self.now.date()) if self.recogniser else NO_LIST

    def record(self, patient: Patient, answers: Answers, listed: MedicationList = NO_LIST) -> Record:
        """What these answers would make, were the draft in use."""
        person, current, on = signed_in(self.request), Edition.objects.current(), self.now.date()
        past = overdue(self.definition, on) if settings.OVERDUE_CANNOT_CONCLUDE else ()
        return Record(
            uuid=NO_RECORD,
            patient=patient,
            definition=self.definition,
            edition_number=current.number if current else 0,
            answers=answers,
            evaluation=evaluate(self.definition, answers, on, listed, past),
            screened_at=self.now,
            screened_by=person.display_name,
            role=acting_role(person, Permission.READ_DRAFT) or "",
            listed=listed,
            is_draft=True,
        )

    def with_every_rule_flagged(self) -> Record:
        """A record in which every question is answered yes, and a list raises the rules that are not asked."""
        raised_by = dict.fromkeys(item.listed for item in self.definition.listed if item.listed)
        listed = self.read("\n".join(LINES_THAT_FLAG[each] for each in raised_by))
        answers = {item.link_id: Answer(AnswerCode.YES) for item in self.definition.items}
        return self.record(self.patient, answers, listed)

    def page(self, name: str, *, status: int = 200, **told: object) -> HttpResponse:
        """A page of the preview."""
        context = {"rule_set": self.rule_set, "definition": self.definition, **told}
        return render(self.request, f"screening/drafts/draft_preview_{name}.html", context, status=status)


def _names_of(rule_set: RuleSet) -> tuple[str, Recogniser | None]:
    """The names by which lists would be read once the draft is published, by their hash."""
    if rule_set.is_again and rule_set.started_from:
        return rule_set.started_from.definition.lexicon, rule_set.started_from.recogniser()
    return shipped_lexicon_hash(), _shipped_recogniser()


@cache
def _shipped_recogniser() -> Recogniser:
    return Recogniser(shipped_lexicon(), shipped_cues())


def _takes_names_of_the_form(definition: Definition) -> bool:
    """True when a link id is the name of something else that the form asks for."""
    follow_ups = {each.link_id for item in definition.items for each in item.follow_ups}
    return bool(definition.by_link_id.keys() & RESERVED_LINK_IDS or follow_ups & RESERVED_FOLLOW_UPS)


# Pages --------------------------------------------------------------------------------------------------------

View: TypeAlias = Callable[[Preview], HttpResponse]


def of_draft(view: View) -> Callable[[HttpRequest, int], HttpResponse]:
    """Let those who may read the draft see it; 422 with its faults while no form can be made of it."""

    @permission_required(Permission.READ_DRAFT, raise_exception=True)
    @wraps(view)
    def shown(request: HttpRequest, pk: int) -> HttpResponse:
        rule_set = open_draft(pk)
        try:
            preview = Preview.of(request, rule_set)
        except DefinitionError as error:
            told = {"rule_set": rule_set, "faults": error.faults}
            return render(request, "screening/drafts/preview/errors.html", told, status=422)
        return view(preview)

    return shown


@require_http_methods(["GET", "HEAD", "POST"])
@of_draft
def draft_preview_form(preview: Preview) -> HttpResponse:
    """The draft as the clinician's form; what is answered there is shown as a result."""
    form, asked_for = preview.form(), preview.request.GET
    if CHECK_LIST in asked_for and form.is_bound:
        return _form_page(preview, form, status=200 if form.check_list() else 422)
    if CHANGE in asked_for or not form.is_valid():
        return _form_page(preview, form, status=422 if form.errors else 200)
    record = preview.record(form.patient, form.answers, form.listed)
    return _result_page(preview, record, sent=list(_sent(preview.request)))


@require_safe
@of_draft
def draft_preview_result(preview: Preview) -> HttpResponse:
    """The draft as a result in which every rule is flagged."""
    return _result_page(preview, preview.with_every_rule_flagged())


@require_safe
@of_draft
def draft_preview_print(preview: Preview) -> HttpResponse:
    """The same as the printed page."""
    record, now = preview.with_every_rule_flagged(), preview.now
    printing = Printing(by=record.screened_by, role=record.role, at=now)
    return preview.page("print", sheet=chart_copy(record, summarise(record, now.date()), printing))


def _form_page(preview: Preview, form: ScreeningForm, *, status: int) -> HttpResponse:
    return preview.page(
        "form",
        status=status,
        form=form,
        action=preview.request.path,
        send_words="Show the result",
    )


def _result_page(preview: Preview, record: Record, sent: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """The result page; what was sent is kept on it, to be changed."""
    return preview.page("result", summary=summarise(record, preview.now.date()), sent=sent)


def _sent(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        for value in values:
            if name != CSRF_FIELD:
                yield name, str(value)
