"""Preview of the draft as clinicians would see it. Nothing is recorded."""

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
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from screening.accounts.permissions import Permission, acting_role, signed_in_user
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
from screening.web.languages import RULES_LANGUAGE

from .shortcuts import open_draft

CHECK_LIST, CHANGE = "list", "change"
"""Query parameters of the form: check the medication list only; show the form again to change the answers."""

NO_RECORD = UUID(int=0)
LINES_THAT_FLAG = {Listed.OPIOID: "Codeine 30 mg at night", Listed.NALTREXONE: "Naltrexone 50 mg daily"}

Answers: TypeAlias = Mapping[str, Answer]


@dataclass(frozen=True)
class Preview:
    """A draft as if it were in use. Without a recogniser, medication lists are not read."""

    request: HttpRequest
    rule_set: RuleSet
    definition: Definition
    recogniser: Recogniser | None
    now: datetime

    @classmethod
    def from_draft(cls, request: HttpRequest, rule_set: RuleSet) -> Preview:
        """Return a preview of the draft's current content.

        Raises:
            DefinitionError: the form cannot be built from it. Lists every fault.
        """
        definition, (sha256, recogniser) = rule_set.definition(with_cases=False), _recogniser_for(rule_set)
        if uses_reserved_names(definition):
            raise DefinitionError(check(rule_set.definition()))
        return cls(request, rule_set, replace(definition, lexicon=sha256), recogniser, timezone.localtime())

    @property
    def patient(self) -> Patient:
        """An invented patient, with a dose within the range."""
        return Patient(
            name="Sample Patient",
            birth_date=BirthDate(1961, 4, 12),
            record_number="DEMO-0000",
            dose_mg=self.definition.dose_high_mg,
            indication=next(iter(self.definition.indications), ""),
        )

    def form(self) -> ScreeningForm:
        """Return the clinician's form, bound to submitted data or filled with the invented patient."""
        data = (self.request.POST, self.request.FILES) if self.request.method == "POST" else ()
        form = ScreeningForm(
            self.definition,
            *data,
            today=self.now.date(),
            last_use=lambda _: None,
            read_list=self.read if self.recogniser else None,
        )
        form.initial, form.list_address = form_values(self.patient), f"?{CHECK_LIST}"
        return form

    def read(self, text: str) -> MedicationList:
        """Return the medicines named in a medication list."""
        return self.recogniser.read(text, self.now.date()) if self.recogniser else NO_LIST

    def record(self, patient: Patient, answers: Answers, listed: MedicationList = NO_LIST) -> Record:
        """Return the record these answers would make if the draft were in use."""
        person, current, on = signed_in_user(self.request), Edition.objects.current(), self.now.date()
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
        """Return a record with every question answered yes and a list that raises the rules that are not asked."""
        raised_by = dict.fromkeys(item.listed for item in self.definition.listed if item.listed)
        listed = self.read("\n".join(LINES_THAT_FLAG[each] for each in raised_by))
        answers = {item.link_id: Answer(AnswerCode.YES) for item in self.definition.items}
        return self.record(self.patient, answers, listed)

    def page(self, template: str, *, status: int = 200, **context: object) -> HttpResponse:
        """Render a page of the preview."""
        context = {"rule_set": self.rule_set, "definition": self.definition, **context}
        return render(self.request, template, context, status=status)


def _recogniser_for(rule_set: RuleSet) -> tuple[str, Recogniser | None]:
    """Return the hash of the medicine names the draft would be published with, and their recogniser."""
    if rule_set.is_again and rule_set.started_from:
        return rule_set.started_from.definition.lexicon, rule_set.started_from.recogniser()
    return shipped_lexicon_hash(), _shipped_recogniser()


@cache
def _shipped_recogniser() -> Recogniser:
    return Recogniser(shipped_lexicon(), shipped_cues())


def uses_reserved_names(definition: Definition) -> bool:
    """Return whether a link id is the name of another field of the form."""
    follow_ups = {each.link_id for item in definition.items for each in item.follow_ups}
    return bool(definition.by_link_id.keys() & RESERVED_LINK_IDS or follow_ups & RESERVED_FOLLOW_UPS)


# Pages --------------------------------------------------------------------------------------------------------

PreviewView: TypeAlias = Callable[[Preview], HttpResponse]


def preview_page(view: PreviewView) -> Callable[[HttpRequest], HttpResponse]:
    """Decorate a preview view: require permission to read drafts, and respond 422 if the draft is not valid."""

    @permission_required(Permission.READ_DRAFT, raise_exception=True)
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        rule_set = open_draft()
        try:
            preview = Preview.from_draft(request, rule_set)
        except DefinitionError as error:
            context = {"rule_set": rule_set, "faults": error.faults}
            return render(request, "screening/drafts/preview/errors.html", context, status=422)
        return view(preview)

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@preview_page
def draft_preview_form(preview: Preview) -> HttpResponse:
    """Show the draft as the clinician's form, and the result of submitted answers."""
    form, query = preview.form(), preview.request.GET
    if CHECK_LIST in query and form.is_bound:
        return _form_page(preview, form, status=200 if form.check_list() else 422)
    if CHANGE in query or not form.is_valid():
        return _form_page(preview, form, status=422 if form.errors else 200)
    record = preview.record(form.patient, form.answers, form.listed)
    return _result_page(preview, record, submitted=list(_submitted(preview.request)))


@require_safe
@preview_page
def draft_preview_result(preview: Preview) -> HttpResponse:
    """Show the draft as a result with every rule flagged."""
    return _result_page(preview, preview.with_every_rule_flagged())


@require_safe
@preview_page
def draft_preview_print(preview: Preview) -> HttpResponse:
    """Show the draft as a printed page with every rule flagged."""
    record, now = preview.with_every_rule_flagged(), preview.now
    printing = Printing(by=record.screened_by, role=record.role, at=now)
    with translation.override(RULES_LANGUAGE):
        sheet = chart_copy(record, summarise(record, now.date()), printing)
        return preview.page("screening/drafts/draft_preview_print.html", sheet=sheet)


def _form_page(preview: Preview, form: ScreeningForm, *, status: int) -> HttpResponse:
    return preview.page(
        "screening/drafts/draft_preview_form.html",
        status=status,
        form=form,
        action=preview.request.path,
        send_words=gettext("Show the result"),
    )


def _result_page(preview: Preview, record: Record, submitted: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """Render the result page; ``submitted`` becomes hidden fields, so that the answers can be changed."""
    return preview.page(
        "screening/drafts/draft_preview_result.html",
        summary=summarise(record, preview.now.date()),
        submitted=submitted,
    )


def _submitted(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        for value in values:
            if name not in ScreeningForm.not_fields:
                yield name, str(value)
