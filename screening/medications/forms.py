"""The form for adding a local name."""

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

MIN_LETTERS = 3
CHOOSE_INGREDIENT = "Choose the ingredient."


class LocalNameForm(StrictForm):
    """A local name, its ingredient and the source.

    ``recogniser`` knows the names of the current edition and the local names in use.
    """

    name = PlainText(
        label="Name",
        help_text="As written on lists, without strength: a brand, a local name or an abbreviation.",
        max_length=LONGEST_NAME,
        error_messages={"required": "Enter the name."},
    )
    ingredient = forms.ChoiceField(
        label="Ingredient", error_messages={"required": CHOOSE_INGREDIENT, "invalid_choice": CHOOSE_INGREDIENT}
    )
    note = PlainText(
        label="Source",
        help_text="For example: label of the bottle; formulary of this hospital, 2026.",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Enter the source of this name."},
    )

    def __init__(self, recogniser: Recogniser, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.recogniser = recogniser
        names = sorted(recogniser.lexicon.by_name)
        self.fields["ingredient"].choices = [("", "Choose one"), *((each, each) for each in names)]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Refuse a name that is too short, a look-alike or already recognised."""
        name = str(self.cleaned_data["name"])
        if sum(character.isalpha() for character in name) < MIN_LETTERS:
            raise ValidationError(f"Enter at least {MIN_LETTERS} letters; a shorter name matches other words.")
        if folded(name) in {folded(each) for each in self.recogniser.lexicon.look_alikes}:
            raise ValidationError(
                f"“{name}” is also the name of another medicine, so lists with that medicine would be flagged. "
                "Enter a name that is only used for this ingredient."
            )
        if self.recogniser.knows(name):
            raise ValidationError(f"“{name}” is recognised already.")
        return name

    @property
    def layout(self) -> Layout:
        """Each field on its own line."""
        return Layout(*wide("name", "ingredient", "note"))
