"""Marking a record as entered in error."""

from __future__ import annotations

from crispy_forms.layout import Layout
from django.core.exceptions import ValidationError
from django.http import QueryDict

from screening.web.fields import PlainText
from screening.web.forms import LONGEST_TEXT, StrictForm, Uploads
from screening.web.layout import wide


class VoidForm(StrictForm):
    """Why a record was entered in error, and its short id typed once more, so that no click does it by mistake."""

    void_reason = PlainText(
        label="Why was it entered in error?",
        help_text="Such as: wrong patient; a test. It stands on the record and on every print of it.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Say in a sentence why the record was entered in error."},
    )

    def __init__(self, short_id: str, data: QueryDict | None = None, files: Uploads | None = None) -> None:
        super().__init__(data, files)
        self.short_id = short_id
        self.fields["confirmation"] = PlainText(
            label=f"Type {short_id} to confirm",
            max_length=len(short_id) + 1,
            error_messages={"required": f"Type {short_id}, the number of this record."},
        )

    @property
    def layout(self) -> Layout:
        """The reason has a line to itself."""
        return Layout(*wide("void_reason"), "confirmation")

    def clean_confirmation(self) -> str:
        """The short id as it was typed, when it is this record's."""
        typed = str(self.cleaned_data["confirmation"])
        if typed.replace("-", "").replace(" ", "").lower() != self.short_id.replace("-", ""):
            raise ValidationError(f"This is not the number of this record. Type {self.short_id}.")
        return typed
