"""Form fields for dates, with months in letters or in ISO format."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.text import dates, local_dates
from screening.clinical.text.birth_dates import BirthDate, parse_birth_date


class DateField(forms.Field):
    """A date in ISO format or with its month in letters, from ``earliest`` to ``latest`` (both inclusive).

    The month may be in English or in the language of the page.
    The error messages ``too_early`` and ``too_late`` may contain ``{limit}``.
    """

    widget = forms.TextInput
    default_error_messages = {
        "too_early": _("This date is before {limit}. Check the year."),
        "too_late": _("This date is in the future. Enter {limit} or earlier."),
    }

    def __init__(self, *, earliest: date, latest: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest
        self.widget.attrs.setdefault("autocomplete", "off")

    def prepare_value(self, value: Any) -> Any:
        """Show a date with its month in letters."""
        return local_dates.format_date(value) if isinstance(value, date) else value

    def to_python(self, value: Any) -> Any:
        """Return the date, or None for an empty value."""
        if not (text := str(value or "").strip()):
            return None
        try:
            return self.parse(local_dates.with_english_months(text))
        except dates.DateError as error:
            raise ValidationError(str(error)) from None

    def parse(self, text: str) -> Any:
        """Parse a date with its month in English.

        Raises:
            dates.DateError: the text is not a date.
        """
        return dates.parse(text)

    def limits_of(self, value: Any) -> tuple[date, date]:
        """Return the earliest and the latest possible day of a value."""
        return value, value

    def validate(self, value: Any) -> None:
        """Refuse a date that is entirely outside the limits."""
        super().validate(value)
        if value is None:
            return
        first, last = self.limits_of(value)
        if first > self.latest:
            raise self._beyond("too_late", self.latest)
        if last < self.earliest:
            raise ValidationError(
                self.error_messages["too_early"].format(limit=local_dates.format_date(self.earliest))
            )

    def _beyond(self, limit: str, day: date) -> ValidationError:
        return ValidationError(self.error_messages[limit].format(limit=local_dates.format_date(day)))


class BirthDateField(DateField):
    """A birth date without the day, or without day and month, if they are not known."""

    def parse(self, text: str) -> BirthDate:
        """Parse a full or partial birth date."""
        return parse_birth_date(text)

    def limits_of(self, value: BirthDate) -> tuple[date, date]:
        """Return the earliest and the latest possible day of birth."""
        return value.earliest, value.latest


class DateTimeField(DateField):
    """A date with a time, from the day ``earliest`` to ``now`` (aware). Its value has the time zone of ``now``.

    If clocks were put back and a time occurred twice, it is the first of the two.
    """

    def __init__(self, *, earliest: date, now: datetime, **kwargs: Any) -> None:
        super().__init__(earliest=earliest, latest=now.date(), **kwargs)
        self.now = now

    def parse(self, text: str) -> datetime:
        """Parse a date with a time. Refuse a time that was skipped when clocks were put forward."""
        moment = dates.parse_with_time(text).replace(tzinfo=self.now.tzinfo)
        if dates.was_skipped(moment):
            raise dates.DateError(
                gettext("Clocks were put forward, so there was no such time on this day. Check the time.")
            )
        return moment

    def limits_of(self, value: datetime) -> tuple[date, date]:
        """Return its day twice."""
        return value.date(), value.date()

    def validate(self, value: Any) -> None:
        """Refuse a time in the future."""
        super().validate(value)
        if value is not None and value.timestamp() > self.now.timestamp():
            message = gettext("This time is in the future. Enter {limit} or earlier.")
            raise ValidationError(message.format(limit=local_dates.format_datetime(self.now)))
