"""Reading a medication list, and checking it while it is entered."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from screening.accounts.permissions import Permission
from screening.clinical.medications.lexicon import Product
from screening.clinical.medications.reader import NO_LIST, MedicationList
from screening.editions.models import Edition
from screening.screenings.forms.medication_list import MEDICATIONS, CheckedList, ListForm


class ListReader:
    """Reads medication lists as of one day, with the names of an edition and the local names.

    The local names are fetched only when there is a list to read.
    """

    def __init__(self, edition: Edition, on: date) -> None:
        self.edition, self.on = edition, on

    @cached_property
    def local_names(self) -> tuple[Product, ...]:
        """The names that this installation added, for substances that the edition knows."""
        return self.edition.local_names()

    def read(self, text: str) -> MedicationList:
        """Return the medicines that a list names; an empty list when the edition has no names."""
        recogniser = self.edition.recogniser(self.local_names)
        return recogniser.read(text, self.on) if recogniser else NO_LIST


@require_POST
@permission_required(Permission.SCREEN, raise_exception=True)
def medication_check(request: HttpRequest) -> HttpResponse:
    """Return the part of the form that shows what a list names. Nothing is stored or logged."""
    edition = Edition.objects.current()
    if edition is None or not edition.definition.lexicon:
        raise Http404
    form = ListForm(request.POST)
    if not form.is_valid():
        errors = [sentence for sentences in form.errors.values() for sentence in sentences]
        return render(request, "screening/screenings/medication_list/fragment.html", {"errors": errors}, status=422)
    text, reader = form.cleaned_data[MEDICATIONS], ListReader(edition, timezone.localdate())
    checked = CheckedList.of(reader.read(text), edition.definition) if text else None
    return render(request, "screening/screenings/medication_list/fragment.html", {"checked": checked})
