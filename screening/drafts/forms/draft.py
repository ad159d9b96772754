"""The forms for a draft as a whole: its change note, its general texts, and the file to import."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.text import wording
from screening.editions.edition_file import LARGEST_BYTES
from screening.web.fields import NumberField, PlainLines, PlainText
from screening.web.forms import StrictForm
from screening.web.layout import WithUnit, wide

from .rows import DRAFT, EditForm
from .rule_language import mark_rule_text

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
        label=_("What changed, and why?"),
        help_text=_("Always shown with the edition. For example: “Asks about hypersensitivity after an incident.”"),
        max_length=LONGEST_NOTE,
        error_messages={"required": _("Enter what changed and why.")},
    )
    layout = Layout(*wide("change_note"))


class CommentForm(StrictForm):
    """The form for the approver's comment when a draft is sent back."""

    not_fields = NOT_FIELDS

    comment = PlainText(
        rows=3,
        label=_("What should be corrected?"),
        help_text=_("Shown to the editors on the draft’s page."),
        max_length=LONGEST_NOTE,
        error_messages={"required": _("Enter what should be corrected.")},
    )
    layout = Layout(*wide("comment"))


class TextsForm(EditForm, StrictForm):
    """The form for the general texts of the rule set. Doses are in mg a day.

    ``revision`` is the version of the texts that the page was opened on.
    """

    not_fields = NOT_FIELDS

    title = PlainText(
        label=_("Title"),
        help_text=_("Shown at the top of the edition and on every printed page."),
        max_length=200,
        error_messages={"required": _("Enter the title.")},
    )
    basis = PlainText(
        rows=3,
        label=_("Basis of the rules"),
        help_text=_("Shown below what the screen does not cover."),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Enter the basis of the rules.")},
    )
    dose_low_mg = NumberField(
        label=_("Low end of the dose range"),
        minimum=DOSE_LIMITS_MG[0],
        maximum=DOSE_LIMITS_MG[1],
        unit="mg",
        error_messages={"required": _("Enter the low end of the dose range.")},
    )
    dose_high_mg = NumberField(
        label=_("High end of the dose range"),
        minimum=DOSE_LIMITS_MG[0],
        maximum=DOSE_LIMITS_MG[1],
        unit="mg",
        error_messages={"required": _("Enter the high end of the dose range.")},
    )
    dose_note = PlainText(
        rows=3,
        label=_("Note for a dose outside the range"),
        help_text=_("Shown as a note on the result."),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Enter the note for a dose outside the range.")},
    )
    not_covered = PlainLines(
        label=_(wording.NOT_COVERED),
        help_text=_(
            "One per line. Shown on every result. When you add a rule, remove what it covers from this list."
        ),
        max_length=LONGEST_LINE,
        most=MOST_LINES,
        rows=9,
        error_messages={"required": _("Enter at least one item: no screen covers everything.")},
    )
    counselling = PlainLines(
        label=_(wording.COUNSELLING),
        help_text=_("One per line."),
        max_length=LONGEST_LINE,
        most=MOST_LINES,
        required=False,
    )
    indications = PlainLines(
        label=_("Suggested indications"),
        help_text=_("One per line. Suggested while the clinician enters the indication; other text is accepted too."),
        max_length=200,
        most=MOST_LINES,
        required=False,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    layout = Layout(
        "revision",
        Fieldset(_("The rule set"), *wide("title", "basis"), css_id="about"),
        Fieldset(
            _("The daily dose"),
            WithUnit("dose_low_mg", "mg"),
            WithUnit("dose_high_mg", "mg"),
            *wide("dose_note"),
            css_id="dose",
        ),
        Fieldset(_("On every result"), *wide("not_covered", "counselling", "indications"), css_id="lists"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mark_rule_text(self)

    def clean(self) -> dict[str, object]:
        """Refuse a high end of the dose range below its low end."""
        super().clean()
        low, high = self.cleaned_data.get("dose_low_mg"), self.cleaned_data.get("dose_high_mg")
        if low is not None and high is not None and low > high:
            self.add_error("dose_high_mg", gettext("This is below the low end of the range."))
        return self.cleaned_data


class EditionFileForm(StrictForm):
    """The form to import an edition file that this or another installation exported."""

    edition_file = forms.FileField(
        label=_("Edition file"),
        help_text=_("A JSON file that LDN Screen exported."),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file."), "invalid": _("Choose a file.")},
    )
    layout = Layout(*wide("edition_file"))

    def clean_edition_file(self) -> bytes:
        """Return the content of the file. Refuse a file that is too large for an edition."""
        uploaded: UploadedFile = self.cleaned_data["edition_file"]
        if (uploaded.size or 0) > LARGEST_BYTES:
            sentence = gettext("This file is larger than {count} MB. Choose an edition file.")
            raise ValidationError(sentence.format(count=LARGEST_BYTES // 1024**2))
        return uploaded.read()
