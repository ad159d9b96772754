"""What the forms for rows of the draft have in common: nobody overwrites another without knowing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from screening.drafts.models import RuleSet
from screening.web.forms import AppForm
from screening.web.layout import TemplatePart

from .formsets import RowsField

SEEN = "seen"
"""The field that tells what the page was opened on: the row's revision, or the draft that a new one is for."""
OVERTAKEN, TAKEN = "overtaken", "taken"


def fixed(label: str, words: str, why: str = "") -> TemplatePart:
    """Something that is shown and not typed."""
    return TemplatePart("screening/drafts/row/fixed.html", label=label, words=words, why=why)


def with_unchanged_lists(form: forms.ModelForm, typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed; a list that says the same as before stays what it was."""
    for name in typed.keys() - set(form.changed_data):
        if isinstance(form.fields[name], RowsField):
            typed[name] = form.initial.get(name, typed[name])
    return typed


class DraftRowForm(AppForm, forms.ModelForm):
    """A row of the draft. What is in the way of saving it is said beside each field."""

    @property
    def was_overtaken(self) -> bool:
        """True when somebody else changed the row, or opened another draft, since the page was opened."""
        known = self.instance.revision if self.instance.pk else RuleSet.objects.values_list("pk").get(is_open=True)[0]
        return bool(self.data.get(SEEN) != str(known))

    def clean(self) -> dict[str, Any]:
        """Nobody is overwritten without knowing."""
        typed = with_unchanged_lists(self, super().clean() or {})
        if self.was_overtaken:
            self.add_error(None, ValidationError("Somebody else changed this meanwhile.", code=OVERTAKEN))
        return typed
