"""The medication list: read by an edition's names and those added here; and checked while it is typed."""

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
    """Reads lists as of a day by the names of an edition and by local ones, which are looked up only for a list."""

    def __init__(self, edition: Edition, on: date) -> None:
        self.edition, self.on = edition, on

    @cached_property
    def local_names(self) -> tuple[Product, ...]:
        """The names that were added here, but for those of a substance that the edition does not have."""
        return self.edition.local_names()

    def read(self, text: str) -> MedicationList:
        """What a list names; nothing without names to read it by."""
        recogniser = self.edition.recogniser(self.local_names)
        return recogniser.read(text, self.on) if recogniser else NO_LIST


@require_POST
@permission_required(Permission.SCREEN, raise_exception=True)
def medication_check(request: HttpRequest) -> HttpResponse:
    """What a list says, as a part of the form that is being filled; nothing is kept and nothing put on record."""
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
