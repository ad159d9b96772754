"""The filters of the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.accounts.models import User
from screening.audit.actions import COMMAND_LINE, NOT_SIGNED_IN, Action
from screening.web.date_fields import DateField
from screening.web.fields import PlainText
from screening.web.forms import StrictForm

from .events import EventFilter, key_or_none, subjects_of
from .words import ACTION_GROUPS, WITHOUT_ACCOUNT

EARLIEST_DAY, LATEST_DAY = date(2000, 1, 1), date(9998, 12, 31)
"""The latest day may be in the future, but the day after it must be a valid date too."""
_HEX4 = "(?:[0-9a-fA-F]{4})"
NO_ACCOUNT = "(no such account)"
_NO_PLACE = _("The address names no event to continue after. “Show” starts with the newest event.")


class TrailForm(StrictForm):
    """Who, what, which record and from which day to which. ``after`` is the id of the last event of a page."""

    not_fields = frozenset({"after"})
    after: int | None = None

    person = PlainText(label=_("Person"), help_text=_("User name"), max_length=200, required=False)
    action = forms.ChoiceField(
        label=_("Action"),
        required=False,
        choices=[
            ("", _("Any")),
            *(
                (_(group), [(each.value, _(label)) for each, label in of.items()])
                for group, of in ACTION_GROUPS.items()
            ),
        ],
        error_messages={"invalid_choice": _("Choose one of the actions in the list.")},
    )
    record = forms.RegexField(
        rf"^\s*{_HEX4}-?{_HEX4}(-?{_HEX4}-?{_HEX4}-?{_HEX4}-?{_HEX4}{{3}})?\s*\Z",
        label=_("Record"),
        required=False,
        help_text=_("As printed: 5d3a-91c7"),
        error_messages={"invalid": _("Enter the eight characters as printed: 5d3a-91c7, or the whole id.")},
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name, label in (("from", gettext("From")), ("to", gettext("To"))):
            self.fields[name] = DateField(
                required=False,
                label=label,
                help_text=gettext("As in 27 Mar 2026"),
                earliest=EARLIEST_DAY,
                latest=LATEST_DAY,
            )
        self.fields["record"].widget.attrs.update(autocomplete="off", spellcheck="false")

    @property
    def plainly_optional(self) -> Collection[str]:  # type: ignore[override]
        """Every field: a form of filters needs no "optional" labels."""
        return self.fields

    def clean_person(self) -> str:
        """Return the name as it is stored; the words for no account may be entered as the page shows them."""
        name = str(self.cleaned_data["person"])
        return {gettext(shown): stored for stored, shown in WITHOUT_ACCOUNT.items()}.get(name, name)

    def clean_record(self) -> str:
        """Return the hexadecimal digits without hyphens."""
        return str(self.cleaned_data["record"]).strip().replace("-", "").lower()

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order, and an ``after`` that is not the id of an event."""
        cleaned = super().clean()
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and last < first:
            self.add_error("to", gettext("This day is before the first one. Enter the same day or a later one."))
        keys = [key for key in self.data.getlist("after") if key]
        if keys:
            self.after = key_or_none(keys[0]) if len(keys) == 1 else None
            if self.after is None:
                self.add_error(None, _NO_PLACE)
        return cleaned

    @property
    def event_filter(self) -> EventFilter:
        """The filter of a valid form. Days are those of the clinic."""
        asked, zone = self._set, ZoneInfo(settings.TIME_ZONE)
        first, last = asked.get("from"), asked.get("to")
        return EventFilter(
            person=asked.get("person", ""),
            actions=[Action(asked["action"])] if "action" in asked else (),
            subjects=subjects_of(asked["record"]) if "record" in asked else None,
            since=datetime.combine(first, time.min, zone) if first else None,
            before=datetime.combine(last + timedelta(days=1), time.min, zone) if last else None,
        )

    @property
    def submitted(self) -> dict[str, str]:
        """The filters that are set, as text for a link."""
        return {name: str(self[name].value()).strip() for name in self._set}

    @property
    def to_log(self) -> dict[str, str | int]:
        """The filters that are set, for the audit trail. A person is logged only if there is one of this name."""
        details: dict[str, str | int] = {name: str(value) for name, value in self._set.items()}
        if "person" in details and not _is_person(str(details["person"])):
            details["person"] = NO_ACCOUNT
        if digits := self.cleaned_data["record"]:
            details["record"] = str(UUID(digits)) if len(digits) == 32 else f"{digits[:4]}-{digits[4:]}"
        return details | ({"after": self.after} if self.after else {})

    @property
    def _set(self) -> Mapping[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value}


def _is_person(name: str) -> bool:
    """Whatever else was typed may name a patient."""
    return name in {COMMAND_LINE, NOT_SIGNED_IN} or User.objects.filter(username=name).exists()
