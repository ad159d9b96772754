"""What is typed about a draft as a whole: its texts, why it changed, a file to bring in."""

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

LONGEST_NOTE = 1000
LONGEST_TEXT = 4000
LONGEST_LINE = 400
MOST_LINES = 40
DOSE_LIMITS_MG = (Decimal("0.1"), Decimal(100))


class ChangeNoteForm(StrictForm):
    """What changed and why, for the approver and for everyone who reads the edition later."""

    change_note = PlainText(
        rows=3,
        label="What changed, and why?",
        help_text="It stands beside the edition for good. Such as: hypersensitivity is asked since an incident.",
        max_length=LONGEST_NOTE,
        error_messages={"required": "Say in a sentence what changed and why."},
    )
    layout = Layout(*wide("change_note"))


class CommentForm(StrictForm):
    """What the editors should mend."""

    comment = PlainText(
        rows=3,
        label="What should be mended?",
        help_text="The editors read it on the draft's page.",
        max_length=LONGEST_NOTE,
        error_messages={"required": "Say in a sentence what should be mended."},
    )
    layout = Layout(*wide("comment"))


class TextsForm(StrictForm):
    """The texts of the rule set that belong to no one rule. Doses are in mg a day."""

    title = PlainText(
        label="Title",
        help_text="Stands over the edition and on every printed sheet.",
        max_length=200,
        error_messages={"required": "Enter the title."},
    )
    basis = PlainText(
        rows=3,
        label="On what the rules rest",
        help_text="Stands under what the screen does not cover.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Say on what the rules rest."},
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
        label="What is said of a dose outside that range",
        help_text="Stands as a remark on the result.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Say what a dose outside the range means."},
    )
    not_covered = PlainLines(
        label=wording.NOT_COVERED,
        help_text="One a line. Stands on every result; take out here what a new rule asks.",
        max_length=LONGEST_LINE,
        most=MOST_LINES,
        rows=9,
        error_messages={"required": "Name at least one thing: no screen covers everything."},
    )
    counselling = PlainLines(
        label=wording.COUNSELLING,
        help_text="One a line.",
        max_length=LONGEST_LINE,
        most=MOST_LINES,
        required=False,
    )
    indications = PlainLines(
        label="Indications to choose from",
        help_text="One a line. Offered while the indication is typed; anything else may be typed too.",
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
        """The range has its low end below its high end."""
        super().clean()
        low, high = self.cleaned_data.get("dose_low_mg"), self.cleaned_data.get("dose_high_mg")
        if low is not None and high is not None and low > high:
            self.add_error("dose_high_mg", "This is below the low end of the range.")
        return self.cleaned_data


class EditionFileForm(StrictForm):
    """The file of an edition that was exported here or elsewhere."""

    edition_file = forms.FileField(
        label="File of an edition",
        help_text="As this application exports it: one JSON file.",
        allow_empty_file=True,
        error_messages={"required": "Choose a file.", "invalid": "Choose a file."},
    )
    layout = Layout(*wide("edition_file"))

    def clean_edition_file(self) -> bytes:
        """The content, unless it is larger than any edition."""
        sent: UploadedFile = self.cleaned_data["edition_file"]
        if (sent.size or 0) > LARGEST_BYTES:
            raise ValidationError(f"This file is larger than {LARGEST_BYTES // 1024**2} MB, which no edition is.")
        return sent.read()
