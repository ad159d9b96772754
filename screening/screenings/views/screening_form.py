"""The screening form: for a new screening, or to amend a record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import ClassVar
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from screening.accounts.access import log_access
from screening.accounts.models import User
from screening.accounts.permissions import Permission, acting_role, signed_in_user
from screening.accounts.sessions import unsent_forms
from screening.audit.actions import Action
from screening.clinical.rules.definition import QuestionChanges
from screening.editions.models import Edition
from screening.screenings import actions
from screening.screenings.actions import NotCurrent, RecordedWithOtherContent
from screening.screenings.form_ticket import TICKET_FIELD, FormTicket
from screening.screenings.forms.medication_list import MEDICATIONS
from screening.screenings.forms.screening_form import ScreeningForm, Takeover, drop_answers
from screening.screenings.forms.transcription import PAPER_FIELDS
from screening.screenings.models import Screening
from screening.screenings.permissions import may_correct
from screening.screenings.submission import Submission
from screening.web import errors
from screening.web.fields import confirmation_of
from screening.web.form_owner import OWNER_FIELD
from screening.web.resubmission import is_same_origin, resubmission_page

from .medication_list import ListReader
from .record import get_correctable, not_current

Uploads = MultiValueDict[str, UploadedFile]
NEW_FORMS = {"screening_new", "new_medications"}


@permission_required(Permission.SCREEN, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def screening_new(request: HttpRequest) -> HttpResponse:
    """Show the form of the current edition, or record the submitted form."""
    edition = Edition.objects.current()
    if edition is None:
        return render(request, "screening/editions/no_edition.html", status=503)
    return FormRequest.of(request, edition).respond()


@permission_required(Permission.CORRECT, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def screening_amend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the form with the earlier answers of a record, or record the screening that supersedes it."""
    screening = get_correctable(request, uuid)
    if not screening.is_current and request.method != "POST":
        return not_current(request, screening)
    edition = Edition.objects.current()
    return FormRequest.of(request, edition or screening.edition, screening).respond()


@permission_required(Permission.SCREEN, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def new_medications(request: HttpRequest) -> HttpResponse:
    """Show the submitted form again with the medicines that its list names. Nothing is recorded."""
    edition = Edition.objects.current()
    if edition is None or request.method != "POST":
        return redirect("screening:screening_new")
    return FormRequest.of(request, edition).check_list()


@permission_required(Permission.CORRECT, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_medications(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a submitted amendment again with the medicines that its list names. Nothing is recorded."""
    screening = get_correctable(request, uuid)
    if request.method != "POST":
        return redirect("screening:screening_amend", uuid)
    return FormRequest.of(request, Edition.objects.current() or screening.edition, screening).check_list()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return 403 for a wrong CSRF token.

    Signing in again replaces the token, so a form of this site comes back filled in, to be sent again. If nobody is
    signed in, it is stored for the person who opened it.
    """
    match = request.resolver_match
    if match is None or OWNER_FIELD not in request.POST or not is_same_origin(request):
        return errors.forbidden_form(request)
    if not request.user.is_authenticated:
        return unsent_forms.keep(request)
    edition = Edition.objects.current()
    if edition is None or match.url_name not in NEW_FORMS or not request.user.has_perm(Permission.SCREEN):
        return resubmission_page(request)
    form_request = FormRequest.of(request, edition)
    return form_request.page(form_request.form(request.POST), status=403, signed_in_again=True)


@dataclass(frozen=True)
class FormRequest:
    """A request for the screening form: its edition, its ticket, and the record that it amends, if any."""

    request: HttpRequest
    edition: Edition
    ticket: FormTicket
    amends: Screening | None = None

    template: ClassVar[str] = "screening/screenings/screening_form.html"

    @classmethod
    def of(cls, request: HttpRequest, edition: Edition, amends: Screening | None = None) -> FormRequest:
        """Return the request with the ticket that was submitted, or with a new ticket."""
        ticket = FormTicket.read(request.POST.get(TICKET_FIELD, ""))
        return cls(request, edition, ticket or FormTicket.issue(edition, request.user.pk), amends)

    def respond(self) -> HttpResponse:
        """Show the form, record it, or show it again with its errors or with the conflict (409)."""
        if self.request.method != "POST":
            return self.page(self.form()) if self.amends else _blank_page(self.request, self)
        if self.ticket.edition_number == self.edition.number and not (self.amends and not self.amends.is_current):
            return self.record()
        opened_on = get_object_or_404(Edition, number=self.ticket.edition_number)
        if Screening.objects.filter(submission=self.ticket.key).exists():
            return replace(self, edition=opened_on).record()
        if self.amends and not self.amends.is_current:
            return self._conflict_page(self.amends, opened_on, recorded=False)
        return self._edition_changed_page(opened_on)

    def check_list(self) -> HttpResponse:
        """Show the submitted form again under the same ticket. Only the medication list is validated."""
        if self.ticket.edition_number != self.edition.number:
            opened_on = get_object_or_404(Edition, number=self.ticket.edition_number)
            return replace(self, edition=opened_on).check_list()
        form = self.form(self.request.POST)
        return self.page(form, status=200 if form.check_list() else 422)

    @property
    def today(self) -> date:
        """The day of the screening."""
        return timezone.localdate()

    @cached_property
    def reader(self) -> ListReader | None:
        """The reader of medication lists; None when the edition has no names."""
        return ListReader(self.edition, self.today) if self.edition.definition.lexicon else None

    def form(self, data: QueryDict | None = None, files: Uploads | None = None) -> ScreeningForm:
        """Return the form, bound to ``data`` if it is given."""
        return ScreeningForm(
            self.edition.definition,
            data,
            files,
            today=self.today,
            last_use=partial(Screening.objects.last_use, is_known=self.amends is not None),
            amends=self.amends.record() if self.amends else None,
            read_list=self.reader.read if self.reader else None,
            takeover=self.takeover,
        )

    @cached_property
    def begun_by(self) -> User | None:
        """The person who began the form; None when it is the person who sends it."""
        if self.ticket.begun_by in (None, self.request.user.pk):
            return None
        return User.objects.filter(pk=self.ticket.begun_by).first()

    @property
    def takeover(self) -> Takeover | None:
        """The takeover to confirm; None when the person who sends the form began it."""
        if self.begun_by is None:
            return None
        confirms = confirmation_of(self.ticket.key, self.begun_by.pk, self.request.user.pk)
        return Takeover(self.begun_by.display_name, confirms)

    def page(self, form: ScreeningForm, *, status: int = 200, **context: object) -> HttpResponse:
        """Render the page of a form, and log access to each record that it shows."""
        self._log_access(form)
        return self.render(status=status, form=form, **context)

    def render(self, *, status: int = 200, **extra: object) -> HttpResponse:
        """Render the page without logging access."""
        context = {
            "action": self.address,
            "amends": self.amends,
            "edition_number": self.edition.number,
            "definition": self.edition.definition,
            "remarks": self.edition.remarks(timezone.localdate()),
            "ticket": self.ticket.signed(),
            "ticket_field": TICKET_FIELD,
            **extra,
        }
        return render(self.request, self.template, context, status=status)

    def _log_access(self, form: ScreeningForm) -> None:
        """Log access to the record to amend, and to the earlier record that the confirmation question names."""
        _ = form.errors  # validation finds out whether the question is asked
        shown = [self.amends.uuid] if self.amends else []
        if form.last_use_to_confirm:
            shown.append(form.last_use_to_confirm.record)
        for uuid in dict.fromkeys(shown):
            log_access(self.request, Action.SCREENING_READ, uuid)

    @property
    def address(self) -> str:
        """The URL to which the form is submitted."""
        if self.amends:
            return reverse("screening:screening_amend", args=[self.amends.uuid])
        return reverse("screening:screening_new")

    def record(self) -> HttpResponse:
        """Record the form, or show it again with its errors (422) or with the conflict (409)."""
        form = self.form(self.request.POST, self.request.FILES)
        role = acting_role(self.request.user, Permission.CORRECT if self.amends else Permission.SCREEN)
        if not form.is_valid() or role is None:
            return self.page(form, status=422)
        try:
            screening = actions.record_screening(
                edition=self.edition,
                submission=self.submission(form),
                by=signed_in_user(self.request),
                role=role,
                at=timezone.now(),
            )
        except RecordedWithOtherContent as conflict:
            return self._conflict_page(conflict.screening, self.edition, recorded=True)
        except NotCurrent as conflict:
            return self._conflict_page(conflict.screening, self.edition, recorded=False)
        return redirect("screening:screening_result", screening.uuid)

    def submission(self, form: ScreeningForm) -> Submission:
        """Return the content of a valid form."""
        return Submission(
            key=self.ticket.key,
            patient=form.patient,
            answers=form.answers,
            amends=self.amends,
            amendment_reason=form.amendment_reason,
            medications=form.listed,
            local_names=self.reader.local_names if self.reader and form.listed else (),
            begun_by=self.begun_by,
        )

    def _edition_changed_page(self, opened_on: Edition) -> HttpResponse:
        """Return 409 with the form under the new edition; only the questions that changed must be answered again."""
        changes = self.edition.definition.changes_since(opened_on.definition)
        data = without_changed_questions(self.request.POST, changes, self.edition)
        renewed = replace(self, ticket=replace(self.ticket, edition_number=self.edition.number))
        return renewed.page(renewed.form(data), status=409, changes=changes)

    def _conflict_page(self, record: Screening, opened_on: Edition, *, recorded: bool) -> HttpResponse:
        """Return 409 with the submitted form as an amendment of the current record. Nothing is stored.

        ``recorded`` is true when this very form made the record, false when somebody else changed the record. If the
        current record is void, the form comes back as a new screening.
        """
        current = Screening.objects.complete().get(pk=record.pk).last_amendment()
        to_amend = None if current.is_void else current
        context = {"conflict": current, "recorded": recorded, "voided": to_amend is None, "may_amend": True}
        if to_amend and not may_correct(self.request.user, to_amend):
            return self.page(self.form(self.request.POST), status=409, **{**context, "may_amend": False})
        edition = Edition.objects.current() or self.edition
        amendment = FormRequest(self.request, edition, FormTicket.issue(edition, self.ticket.begun_by), to_amend)
        changes = edition.definition.changes_since(opened_on.definition)
        data = without_changed_questions(self.request.POST, changes, edition)
        for name in PAPER_FIELDS if to_amend else ("amendment_reason", *PAPER_FIELDS):
            data.pop(name, None)
        return amendment.page(amendment.form(data), status=409, changes=changes, **context)


@gzip_page
def _blank_page(request: HttpRequest, form_request: FormRequest) -> HttpResponse:
    """Render the blank form; the template builds it only when its questions are not cached.

    Only this page is compressed. The length of a compressed page can leak its content, so pages with patient data
    are not.
    """
    return form_request.render(blank_form=form_request.form, blank_form_of=form_request.edition.sha256)


def without_changed_questions(data: QueryDict, changes: QuestionChanges, edition: Edition) -> QueryDict:
    """Return a copy of the submitted data with only those answers that are still valid under ``edition``."""
    remaining = drop_answers((*changes.ask_again, *changes.no_longer_asked), data)
    if not edition.definition.lexicon:
        remaining.pop(MEDICATIONS, None)
    return remaining
