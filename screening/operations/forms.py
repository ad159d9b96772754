"""The forms that ask for a purge and confirm it."""

from __future__ import annotations

from datetime import date

from crispy_forms.layout import Layout
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.text.local_dates import format_date, format_short_date
from screening.web.date_fields import DateField
from screening.web.fields import PlainText
from screening.web.forms import LONGEST_TEXT, StrictForm
from screening.web.layout import wide

from .purging import EARLIEST, latest_date


class PurgeRequestForm(StrictForm):
    """The day before which screenings are purged, and why."""

    reason = PlainText(
        label=_("Why may these records be deleted?"),
        help_text=_("For example the law or the policy that sets how long records are kept. No patient’s name."),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Say in a sentence why these records may be deleted.")},
    )

    def __init__(self, today: date, data: QueryDict | None = None) -> None:
        super().__init__(data)
        latest = latest_date(today)
        example = format_short_date(date(latest.year - 9, 1, 1))
        self.fields["before"] = DateField(
            earliest=EARLIEST,
            latest=latest,
            label=gettext("Purge screenings before"),
            help_text=gettext("Day, month in letters, year: {example}. That day itself is kept.").format(
                example=example
            ),
            error_messages={
                "required": gettext("Enter the day before which screenings are purged, such as {example}.").format(
                    example=example
                ),
                "too_late": gettext("Records are kept for at least a year. Enter {limit} or earlier."),
            },
        )
        self.order_fields(["before", "reason"])

    @property
    def layout(self) -> Layout:
        """The day, then the reason in a full row."""
        return Layout("before", *wide("reason"))


class PurgeConfirmationForm(StrictForm):
    """The day of the request, typed again."""

    def __init__(self, before: date, today: date, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.before = before
        self.fields["confirmation"] = DateField(
            earliest=EARLIEST,
            latest=today,
            label=gettext("Type {date} to confirm").format(date=format_date(before)),
            error_messages={"required": self._wrong},
        )

    @property
    def _wrong(self) -> str:
        return gettext("Type {date}, the day of this purge.").format(date=format_date(self.before))

    def clean_confirmation(self) -> date:
        """Accept only the day of the request."""
        entered: date = self.cleaned_data["confirmation"]
        if entered != self.before:
            raise ValidationError(self._wrong)
        return entered
