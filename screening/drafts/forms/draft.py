"""The forms for a draft as a whole: its change note, its general texts, and the file to import."""

from __future__ import annotations

from decimal import Decimal

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from screening.clinical.text import wording
from screening.editions.edition_file import LARGEST_BYTES
from screening.web.fields import NumberField, PlainLines, PlainText
from screening.web.forms import StrictForm
from screening.web.layout import WithUnit, wide

from .rows import DRAFT, EditForm

NOT_FIELDS = frozenset({*StrictForm.not_fields, DRAFT})
LONGEST_NOTE = 1000
LONGEST_TEXT = 4000
LONGEST_LINE = 400
MOST_LINES = 40
DOSE_LIMITS_MG = (Decimal("0.1"), Decimal(100))


class ChangeNoteForm(StrictForm):
    """The form for the change note, for the approver and for later readers of the edition."""

    not_fields = NOT_FIELDS

    change_note = PlainText(
        rows=3,
        label="What changed, and why?",
        help_text="Always shown with the edition. For example: “Asks about hypersensitivity after an incident.”",
        max_length=LONGEST_NOTE,
        error_messages={"required": "Enter what changed and why."},
    )
    layout = Layout(*wide("change_note"))


class CommentForm(StrictForm):
    """The form for the approver's comment when a draft is sent back."""

    not_fields = NOT_FIELDS

    comment = PlainText(
        rows=3,
        label="What should be corrected?",
        help_text="Shown to the editors on the draft’s page.",
        max_length=LONGEST_NOTE,
        error_messages={"required": "Enter what should be corrected."},
    )
    layout = Layout(*wide("comment"))


class TextsForm(EditForm, StrictForm):
    """The form for the general texts of the rule set. Doses are in mg a day.

    ``revision`` is the version of the texts that the page was opened on.
    """

    not_fields = NOT_FIELDS

    title = PlainText(
        label="Title",
        help_text="Shown at the top of the edition and on every printed page.",
        max_length=200,
        error_messages={"required": "Enter the title."},
    )
    basis = PlainText(
        rows=3,
        label="Basis of the rules",
        help_text="Shown below what the screen does not cover.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Enter the basis of the rules."},
    )
    dose_low_mg = NumberField(
        label="Low end of the dose range",
        minimum=DOSE_LIMITS_MG[0],
        maximum=DOSE_LIMITS_MG[1],
        unit="mg",
        error_messages={"required": "Enter the low end of the dose range."},
    )
    dose_high_mg = NumberField(
        label="High end of the dose range",
        minimum=DOSE_LIMITS_MG[0],
        maximum=DOSE_LIMITS_MG[1],
        unit="mg",
        error_messages={"required": "Enter the high end of the dose range."},
    )
    dose_note = PlainText(
        rows=3,
        label="Note for a dose outside the range",
        help_text="Shown as a note on the result.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Enter the note for a dose outside the range."},
    )
    not_covered = PlainLines(
        label=wording.NOT_COVERED,
        help_text="One per line. Shown on every result. When you add a rule, remove what it covers from this list.",
        max_length=LONGEST_LINE,
        most=MOST_LINES,
        rows=9,
        error_messages={"required": "Enter at least one item: no screen covers everything."},
    )
    counselling = PlainLines(
        label=wording.COUNSELLING,
        help_text="One per line.",
        max_length=LONGEST_LINE,
        most=MOST_LINES,
        required=False,
    )
    indications = PlainLines(
        label="Suggested indications",
        help_text="One per line. Suggested while the clinician enters the indication; other text is accepted too.",
        max_length=200,
        most=MOST_LINES,
        required=False,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    layout = Layout(
        "revision",
        Fieldset("The rule set", *wide("title", "basis"), css_id="about"),
        Fieldset(
            "The daily dose",
            WithUnit("dose_low_mg", "mg"),
            WithUnit("dose_high_mg", "mg"),
            *wide("dose_note"),
            css_id="dose",
        ),
        Fieldset("On every result", *wide("not_covered", "counselling", "indications"), css_id="lists"),
    )

    def clean(self) -> dict[str, object]:
        """Refuse a high end of the dose range below its low end."""
        super().clean()
        low, high = self.cleaned_data.get("dose_low_mg"), self.cleaned_data.get("dose_high_mg")
        if low is not None and high is not None and low > high:
            self.add_error("dose_high_mg", "This is below the low end of the range.")
        return self.cleaned_data


class EditionFileForm(StrictForm):
    """The form to import an edition file that this or another installation exported."""

    edition_file = forms.FileField(
        label="Edition file",
        help_text="A JSON file that LDN Screen exported.",
        allow_empty_file=True,
        error_messages={"required": "Choose a file.", "invalid": "Choose a file."},
    )
    layout = Layout(*wide("edition_file"))

    def clean_edition_file(self) -> bytes:
        """Return the content of the file. Refuse a file that is too large for an edition."""
        uploaded: UploadedFile = self.cleaned_data["edition_file"]
        if (uploaded.size or 0) > LARGEST_BYTES:
            raise ValidationError(f"This file is larger than {LARGEST_BYTES // 1024**2} MB. Choose an edition file.")
        return uploaded.read()
