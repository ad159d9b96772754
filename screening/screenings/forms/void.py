"""The form that marks a record as entered in error."""

from __future__ import annotations

from crispy_forms.layout import Layout
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.report.record import is_short_id
from screening.web.fields import PlainText
from screening.web.forms import LONGEST_TEXT, StrictForm, Uploads
from screening.web.layout import wide


class VoidForm(StrictForm):
    """The reason, and the record's short id as confirmation, so that a click alone does not void a record."""

    void_reason = PlainText(
        label=_("Why was it entered in error?"),
        help_text=_("For example: wrong patient; a test. It is shown on the record and on every printout."),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Say in a sentence why the record was entered in error.")},
    )

    def __init__(self, short_id: str, data: QueryDict | None = None, files: Uploads | None = None) -> None:
        super().__init__(data, files)
        self.short_id = short_id
        self.fields["confirmation"] = PlainText(
            label=gettext("Type {record} to confirm").format(record=short_id),
            max_length=len(short_id) + 1,
            error_messages={"required": gettext("Type {record}, the number of this record.").format(record=short_id)},
        )

    @property
    def layout(self) -> Layout:
        """The reason in a full row, then the confirmation."""
        return Layout(*wide("void_reason"), "confirmation")

    def clean_confirmation(self) -> str:
        """Accept the short id in any case, with or without its hyphen."""
        entered = str(self.cleaned_data["confirmation"])
        if not is_short_id(entered, self.short_id):
            message = gettext("This is not the number of this record. Type {record}.")
            raise ValidationError(message.format(record=self.short_id))
        return entered
