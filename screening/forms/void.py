"""Marking a record as entered in error."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from screening.fields import PlainText

from .common import LONGEST_TEXT, refuse_foreign_fields

Uploads = MultiValueDict[str, UploadedFile]


class VoidForm(forms.Form):
    """Why a record was entered in error, and its short id typed once more, so that no click does it by mistake."""

    use_required_attribute = False
    void_reason = PlainText(
        label="Why was it entered in error?",
        help_text="Such as: wrong patient; a test. It stands on the record and on every print of it.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Say in a sentence why the record was entered in error."},
    )

    def __init__(self, short_id: str, data: QueryDict | None = None, files: Uploads | None = None) -> None:
        super().__init__(data, files)
        self.short_id, self.sent = short_id, data if data is not None else QueryDict()
        self.fields["confirmation"] = PlainText(
            label=f"Type {short_id} to confirm",
            max_length=len(short_id) + 1,
            error_messages={"required": f"Type {short_id}, the number of this record."},
        )

    def clean(self) -> dict[str, object]:
        """Refuse what this form does not ask for, and what is sent twice."""
        refuse_foreign_fields(self, self.sent, self.files)
        return self.cleaned_data

    def clean_confirmation(self) -> str:
        """The short id as it was typed, when it is this record's."""
        typed = str(self.cleaned_data["confirmation"])
        if typed.replace("-", "").replace(" ", "").lower() != self.short_id.replace("-", ""):
            raise ValidationError(f"This is not the number of this record. Type {self.short_id}.")
        return typed
