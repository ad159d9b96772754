"""Filling the screening form: for a new screening, or to amend a record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

from screening import actions, errors
from screening.actions import NoLongerStands, RecordedWithOtherContent, Submission
from screening.clinical.definition import Changes
from screening.forms import ScreeningForm, without_answers_to
from screening.models import Edition, Screening
from screening.permissions import Permission, acting_role, may, may_correct, requires, signed_in
from screening.sessions import came_from_here, keeps_what_was_typed, send_again
from screening.tickets import TICKET_FIELD, Ticket

from .blank import blank_form
from .common import local_now
from .record import correctable, no_longer_stands

Uploads = MultiValueDict[str, UploadedFile]
FORMS = {"screening_new", "screening_amend", "screening_void"}


@keeps_what_was_typed
@requires(Permission.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def screening_new(request: HttpRequest) -> HttpResponse:
    """Show the form of the current edition, or record what was filled in."""
    edition = Edition.objects.current()
    if edition is None:
        return render(request, "screening/no_edition.html", status=503)
    return Filling.of(request, edition).answer()


@keeps_what_was_typed
@requires(Permission.CORRECT)
@require_http_methods(["GET", "HEAD", "POST"])
def screening_amend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the form beside the earlier answers of a record, or record the screening that supersedes it."""
    screening = correctable(request, uuid)
    if screening.standing and request.method != "POST":
        return no_longer_stands(request, screening)
    edition = Edition.objects.current()
    return Filling.of(request, edition or screening.edition, screening).answer()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403; a form of our own whose token a new sign-in replaced comes back filled in, to be sent once more."""
    match = request.resolver_match
    if match is None or match.url_name not in FORMS or not came_from_here(request):
        return errors.forbidden_form(request)
    edition = Edition.objects.current()
    if edition is None or match.url_name != "screening_new" or not may(request.user, Permission.SCREEN):
        return send_again(request)
    filling = Filling.of(request, edition)
    return filling.page(filling.form(request.POST), status=403, signed_in_again=True)


@dataclass(frozen=True)
class Filling:
    """A form that is being filled: under which edition and ticket, and which record it amends, if any."""

    request: HttpRequest
    edition: Edition
    ticket: Ticket
    amends: Screening | None = None

    @classmethod
    def of(cls, request: HttpRequest, edition: Edition, amends: Screening | None = None) -> Filling:
        """The form as it was sent, known by its ticket; one that is opened now gets a new ticket."""
        ticket = Ticket.read(request.POST.get(TICKET_FIELD, ""))
        return cls(request, edition, ticket or Ticket.issue(edition), amends)

    def answer(self) -> HttpResponse:
        """The empty form; or what was sent is recorded, or comes back with what stands in the way."""
        if self.request.method != "POST":
            return self.page(self.form()) if self.amends else blank_form(self.request, self.edition)
        if self.ticket.edition_number == self.edition.number and not (self.amends and self.amends.standing):
            return self._record()
        opened_on = get_object_or_404(Edition, number=self.ticket.edition_number)
        if Screening.objects.filter(submission=self.ticket.key).exists():
            return replace(self, edition=opened_on)._record()
        if self.amends and self.amends.standing:
            return self._offer_instead(self.amends, opened_on, recorded=False)
        return self._ask_again(opened_on)

    def form(self, data: QueryDict | None = None, files: Uploads | None = None) -> ScreeningForm:
        """The form, filled with what was sent if anything was."""
        return ScreeningForm(
            self.edition.definition,
            data,
            files,
            today=local_now().date(),
            last_patient=Screening.objects.last_patient,
            amends=self.amends.record() if self.amends else None,
        )

    def page(self, form: ScreeningForm, *, status: int = 200, **told: object) -> HttpResponse:
        """The page of a form, with what is told above it."""
        context = {
            "form": form,
            "action": self._address,
            "amends": self.amends,
            "edition_number": self.edition.number,
            "definition": self.edition.definition,
            "ticket": self.ticket.signed(),
            "ticket_field": TICKET_FIELD,
            **told,
        }
        return render(self.request, "screening/form.html", context, status=status)

    @property
    def _address(self) -> str:
        if self.amends:
            return reverse("screening:screening_amend", args=[self.amends.uuid])
        return reverse("screening:screening_new")

    def _record(self) -> HttpResponse:
        form = self.form(self.request.POST, self.request.FILES)
        role = acting_role(self.request.user, Permission.CORRECT if self.amends else Permission.SCREEN)
        if not form.is_valid() or role is None:
            return self.page(form, status=422)
        submission = Submission(self.ticket.key, form.patient, form.answers, self.amends, form.amendment_reason)
        try:
            screening = actions.record_screening(
                edition=self.edition, submission=submission, by=signed_in(self.request), role=role, at=timezone.now()
            )
        except RecordedWithOtherContent as conflict:
            return self._offer_instead(conflict.screening, self.edition, recorded=True)
        except NoLongerStands as conflict:
            return self._offer_instead(conflict.screening, self.edition, recorded=False)
        return redirect("screening:screening_result", screening.uuid)

    def _ask_again(self, opened_on: Edition) -> HttpResponse:
        """409: the edition changed while the form was open; it comes back, asking only what changed."""
        changes = self.edition.definition.changes_since(opened_on.definition)
        kept = _still_answering(self.request.POST, changes)
        renewed = replace(self, ticket=Ticket(self.edition.number, self.ticket.key))
        return renewed.page(renewed.form(kept), status=409, changes=changes)

    def _offer_instead(self, record: Screening, opened_on: Edition, *, recorded: bool) -> HttpResponse:
        """409: nothing is stored; what was typed comes back, to be sent as an amendment of the record that stands.

        ``recorded`` says that this form made the record itself. Where that was entered in error, what was typed
        comes back as a new screening.
        """
        current = Screening.objects.read(record.uuid).last_amendment()
        stands = None if current.is_void else current
        told = {"conflict": current, "recorded": recorded, "voided": stands is None, "may_amend": True}
        if stands and not may_correct(self.request.user, stands):
            return self.page(self.form(self.request.POST), status=409, **{**told, "may_amend": False})
        edition = Edition.objects.current() or self.edition
        instead = Filling(self.request, edition, Ticket.issue(edition), stands)
        changes = edition.definition.changes_since(opened_on.definition)
        kept = _still_answering(self.request.POST, changes)
        if not stands:
            kept.pop("amendment_reason", None)
        return instead.page(instead.form(kept), status=409, changes=changes, **told)


def _still_answering(sent: QueryDict, changes: Changes) -> QueryDict:
    return without_answers_to((*changes.ask_again, *changes.no_longer_asked), sent)
