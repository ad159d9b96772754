"""Transcribing a form that was filled in on paper, under the edition that is printed on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from screening.accounts.permissions import Permission
from screening.editions.models import Edition
from screening.screenings.form_ticket import TICKET_FIELD, FormTicket
from screening.screenings.forms.screening_form import ScreeningForm
from screening.screenings.forms.transcription import (
    COMPLETED_AT,
    COMPLETED_BY,
    EDITION,
    SHOW,
    TranscriptionForm,
    time_on_paper,
)
from screening.screenings.models import Screening
from screening.screenings.submission import PaperForm, Submission

from .screening_form import FormRequest, Uploads, without_changed_questions


@permission_required(Permission.SCREEN, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def screening_transcribe(request: HttpRequest) -> HttpResponse:
    """Show the questions of an edition for a paper form, or record the submitted form."""
    editions = Edition.objects.numbers()
    if not editions:
        return render(request, "screening/editions/no_edition.html", status=503)
    return TranscriptionRequest.begin(request, editions).respond()


@permission_required(Permission.SCREEN, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def transcribe_medications(request: HttpRequest) -> HttpResponse:
    """Show the submitted form again with the medicines that its list names. Nothing is recorded."""
    editions = Edition.objects.numbers()
    if not editions or request.method != "POST":
        return redirect("screening:screening_transcribe")
    return TranscriptionRequest.begin(request, editions).check_list()


@dataclass(frozen=True)
class TranscriptionRequest(FormRequest):
    """A request for the form of a paper form. ``edition`` is the one whose questions are shown.

    ``editions`` are the numbers of all editions, the current one first.
    """

    editions: tuple[int, ...] = ()

    template = "screening/screenings/screening_transcribe.html"

    @classmethod
    def begin(cls, request: HttpRequest, editions: tuple[int, ...]) -> TranscriptionRequest:
        """Return the request for the questions that were shown, that are asked for, or of the current edition.

        Raises:
            Http404: an edition is asked for that does not exist.
        """
        ticket = FormTicket.read(request.POST.get(TICKET_FIELD, ""))
        number = ticket.edition_number if ticket else _asked_for(request, editions)
        edition = get_object_or_404(Edition, number=number)
        return cls(request, edition, ticket or FormTicket.issue(edition, request.user.pk), editions=editions)

    def respond(self) -> HttpResponse:
        """Show the questions of an edition, record the form, or show it again with its errors or the conflict."""
        if self.request.method != "POST":
            return self.page(self.form())
        chosen, only_shows = _number(self.request.POST.get(EDITION), self.editions), SHOW in self.request.POST
        if chosen and chosen != self.edition.number:
            return self._questions_page(get_object_or_404(Edition, number=chosen), only_shows=only_shows)
        if not only_shows:
            return self.record()
        form = self.form(self.request.POST)
        return self.page(form, status=200 if form.check_edition() else 422)

    def _questions_page(self, chosen: Edition, *, only_shows: bool) -> HttpResponse:
        """Show the questions of the chosen edition, with the answers to those that are the same. Record nothing.

        Unless the page was asked for by its button, it is a 422: other questions than those of the paper were
        answered.
        """
        changes = chosen.definition.changes_since(self.edition.definition)
        data = without_changed_questions(self.request.POST, changes, chosen)
        other = replace(self, edition=chosen, ticket=replace(self.ticket, edition_number=chosen.number))
        form = other.form(data)
        if only_shows:
            form.check_edition()
            return other.page(form)
        form.check_only(EDITION)
        not_recorded = {"answered": self.edition.number, "changes": changes}
        return other.page(form, status=422, not_recorded=not_recorded)

    @cached_property
    def now(self) -> datetime:
        """The time of the request, in the clinic's time zone."""
        return timezone.localtime()

    @cached_property
    def completed_at(self) -> datetime | None:
        """The time on the paper; None while it is missing or invalid."""
        return time_on_paper(self.request.POST, self.now)

    @property
    def today(self) -> date:
        """The day on the paper; today while it is missing or invalid."""
        return (self.completed_at or self.now).date()

    @property
    def address(self) -> str:
        """The URL to which the form is submitted."""
        return reverse("screening:screening_transcribe")

    def form(self, data: QueryDict | None = None, files: Uploads | None = None) -> TranscriptionForm:
        """Return the form, bound to ``data`` if it is given."""
        form = TranscriptionForm(
            self.edition.definition,
            data,
            files,
            editions=self.editions,
            shown=self.edition.number,
            now=self.now,
            completed_at=self.completed_at,
            last_use=Screening.objects.last_use,
            read_list=self.reader.read if self.reader else None,
            takeover=self.takeover,
        )
        form.list_address = reverse("screening:transcribe_medications")
        return form

    def submission(self, form: ScreeningForm) -> Submission:
        """Return the content of a valid form, with what is written on the paper."""
        paper = PaperForm(
            edition=self.edition.number,
            completed_at=form.cleaned_data[COMPLETED_AT],
            completed_by=form.cleaned_data[COMPLETED_BY],
            edition_in_use=self.editions[0],
        )
        return super().submission(form)._replace(paper=paper)


def _asked_for(request: HttpRequest, editions: tuple[int, ...]) -> int:
    """Return the number of the edition to show: the one asked for, or the current one.

    Raises:
        Http404: the address names an edition that does not exist.
    """
    if request.method == "POST":
        return _number(request.POST.get(EDITION), editions) or editions[0]
    number = _number(request.GET.get("edition", str(editions[0])), editions)
    if number is None:
        raise Http404
    return number


def _number(text: str | None, editions: tuple[int, ...]) -> int | None:
    return next((number for number in editions if str(number) == text), None)
