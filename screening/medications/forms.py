"""The form for adding a local name."""

from __future__ import annotations

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.medications.reader import Recogniser
from screening.clinical.text.identifiers import folded
from screening.web.fields import PlainText, RuleTextSelect
from screening.web.forms import LONGEST_TEXT, StrictForm
from screening.web.layout import wide

from .models import LONGEST_NAME

MIN_LETTERS = 3
CHOOSE_INGREDIENT = _("Choose the ingredient.")


def recognised_already(name: str) -> str:
    """Return the error message about a name that lists are read with already."""
    return gettext("“{name}” is recognised already.").format(name=name)


class LocalNameForm(StrictForm):
    """A local name, its ingredient and the source.

    ``recogniser`` knows the names of the current edition and the local names in use.
    """

    name = PlainText(
        label=_("Name"),
        help_text=_("As written on lists, without strength: a brand, a local name or an abbreviation."),
        max_length=LONGEST_NAME,
        error_messages={"required": _("Enter the name.")},
    )
    ingredient = forms.ChoiceField(
        label=_("Ingredient"),
        widget=RuleTextSelect,
        error_messages={"required": CHOOSE_INGREDIENT, "invalid_choice": CHOOSE_INGREDIENT},
    )
    note = PlainText(
        label=_("Source"),
        help_text=_("For example: label of the bottle; formulary of this hospital, 2026."),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Enter the source of this name.")},
    )

    def __init__(self, recogniser: Recogniser, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.recogniser = recogniser
        names = sorted(recogniser.lexicon.by_name)
        self.fields["ingredient"].choices = [("", gettext("Choose one")), *((each, each) for each in names)]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Refuse a name that is too short, a look-alike or already recognised."""
        name = str(self.cleaned_data["name"])
        if sum(character.isalpha() for character in name) < MIN_LETTERS:
            too_short = gettext("Enter at least {count} letters; a shorter name matches other words.")
            raise ValidationError(too_short.format(count=MIN_LETTERS))
        if folded(name) in {folded(each) for each in self.recogniser.lexicon.look_alikes}:
            look_alike = gettext(
                "“{name}” is also the name of another medicine, so lists with that medicine would be flagged. "
                "Enter a name that is only used for this ingredient."
            )
            raise ValidationError(look_alike.format(name=name))
        if self.recogniser.knows(name):
            raise ValidationError(recognised_already(name))
        return name

    @property
    def layout(self) -> Layout:
        """Each field on its own line."""
        return Layout(*wide("name", "ingredient", "note"))
