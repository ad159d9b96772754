"""The screening form for a form that was filled in on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from crispy_forms.layout import Layout
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules.definition import Definition
from screening.clinical.text.dates import EXAMPLE_WITH_TIME
from screening.web.date_fields import DateField, DateTimeField
from screening.web.fields import OneOf, PlainText
from screening.web.layout import TemplatePart

from .medication_list import ReadList
from .screening_form import FindLastUse, ScreeningForm, Takeover

COMPLETED_AT, COMPLETED_BY, EDITION = PAPER_FIELDS = ("paper_completed_at", "paper_completed_by", "paper_edition")
SHOW = "show"
"""The name of the button that shows the questions of the chosen edition."""
EARLIEST_PAPER = date(2000, 1, 1)
AFTER_THE_PAPER = _("This date is after the day on the paper. Enter {limit} or earlier.")


def time_on_paper(data: QueryDict, now: datetime) -> datetime | None:
    """Return the submitted time on the paper; None while it is missing or invalid."""
    try:
        return _completed_at_field(now).clean(data.get(COMPLETED_AT))
    except ValidationError:
        return None


class TranscriptionForm(ScreeningForm):
    """The screening form, with the time, the name and the edition on the paper.

    ``editions`` are the numbers of all editions, the current one first; ``shown`` is the edition whose questions the
    form has. ``completed_at`` is the time on the paper, as returned by ``time_on_paper``. No other date may be after
    its day.
    """

    not_fields = {*ScreeningForm.not_fields, SHOW}
    only_edition_checked = False
    """True after ``check_edition``: the page then says whose questions it shows."""

    def __init__(
        self,
        definition: Definition,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        editions: Sequence[int],
        shown: int,
        now: datetime,
        completed_at: datetime | None,
        last_use: FindLastUse,
        read_list: ReadList | None = None,
        takeover: Takeover | None = None,
    ) -> None:
        today = (completed_at or now).date()
        super().__init__(
            definition, data, files, today=today, last_use=last_use, read_list=read_list, takeover=takeover
        )
        if completed_at:
            for field in self.fields.values():
                if isinstance(field, DateField):
                    field.error_messages["too_late"] = AFTER_THE_PAPER
        self.in_use, self.shown, self.completed_at = editions[0], shown, completed_at
        self.fields = {**self._paper_fields(editions, now), **self.fields}
        self.initial[EDITION] = str(shown)

    @staticmethod
    def _paper_fields(editions: Sequence[int], now: datetime) -> dict[str, DateTimeField | PlainText | OneOf]:
        labels = {str(number): str(number) for number in editions}
        labels[str(editions[0])] = gettext("{number} (current)").format(number=editions[0])
        return {
            COMPLETED_AT: _completed_at_field(now),
            COMPLETED_BY: PlainText(
                label=_("Filled in by"),
                help_text=_("The name after “Completed by”"),
                max_length=200,
                error_messages={"required": _("Enter the name of the person who filled in the paper form.")},
            ),
            EDITION: OneOf(
                labels,
                sentence=_("Choose the edition that is printed on the paper form."),
                label=_("Edition printed on it"),
                help_text=_("At the head of each sheet"),
            ),
        }

    @property
    def layout(self) -> Layout:
        """The paper, then the parts of the screening form."""
        paper = TemplatePart(
            "screening/screenings/form/paper.html", COMPLETED_AT, COMPLETED_BY, edition=Layout(EDITION)
        )
        return Layout(paper, *super().layout)

    def check_edition(self) -> bool:
        """Validate the edition only, without errors of other fields. Return False if it is invalid."""
        self.only_edition_checked = True
        return self.check_only(EDITION)


def _completed_at_field(now: datetime) -> DateTimeField:
    example = gettext(EXAMPLE_WITH_TIME)
    return DateTimeField(
        label=_("Date and time on the paper"),
        help_text=gettext("As in {example}").format(example=example),
        earliest=EARLIEST_PAPER,
        now=now,
        error_messages={
            "required": gettext("Enter the date and time on the paper, as in {example}.").format(example=example)
        },
    )
