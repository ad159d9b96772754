"""Adding a name by which medication lists are read here."""

from __future__ import annotations

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from screening.clinical.medications.reader import Recogniser
from screening.clinical.text.identifiers import folded
from screening.web.fields import PlainText
from screening.web.forms import LONGEST_TEXT, StrictForm
from screening.web.layout import wide

from .models import LONGEST_NAME

LEAST_LETTERS = 3
CHOOSE = "Choose what it stands for."


class LocalNameForm(StrictForm):
    """A name, the substance that it stands for, and where that was found.

    ``recogniser`` knows the names of the edition in force and those that are in use here.
    """

    name = PlainText(
        label="Name",
        help_text="As it stands on lists, without strength: a brand, a house name, an abbreviation.",
        max_length=LONGEST_NAME,
        error_messages={"required": "Enter the name."},
    )
    ingredient = forms.ChoiceField(label="Stands for", error_messages={"required": CHOOSE, "invalid_choice": CHOOSE})
    note = PlainText(
        label="How is that known?",
        help_text="Such as: label of the bottle; formulary of this hospital, 2026.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Say in a sentence how that is known."},
    )

    def __init__(self, recogniser: Recogniser, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.recogniser = recogniser
        names = sorted(recogniser.lexicon.by_name)
        self.fields["ingredient"].choices = [("", "Choose one"), *((each, each) for each in names)]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """A name that can be told from others, and says something new."""
        name = str(self.cleaned_data["name"])
        if sum(character.isalpha() for character in name) < LEAST_LETTERS:
            raise ValidationError(
                f"Enter at least {LEAST_LETTERS} letters; a shorter name is found where it is not meant."
            )
        if folded(name) in {folded(each) for each in self.recogniser.lexicon.look_alikes}:
            raise ValidationError(
                f"“{name}” is the name of another medicine, which lists would then be flagged for. "
                "Enter a name that stands for the substance alone."
            )
        if self.recogniser.knows(name):
            raise ValidationError(f"“{name}” is recognised already.")
        return name

    @property
    def layout(self) -> Layout:
        """Each field has a line to itself."""
        return Layout(*wide("name", "ingredient", "note"))
