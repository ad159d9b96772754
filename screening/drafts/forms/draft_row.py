"""What the forms for rules and cases of a draft share: optimistic locking, and lists that keep their stored form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from screening.drafts.models import RuleSet
from screening.web.forms import AppForm
from screening.web.layout import TemplatePart

from .formsets import RowsField

VERSION_FIELD = "seen"
"""The hidden field with the version that the page was opened on: the row's revision, or a new row's draft."""
STALE, DUPLICATE = "stale", "duplicate"
"""Error codes: the page was opened on an earlier version, or the draft already has the same row."""


def read_only_field(label: str, words: str, why: str = "") -> TemplatePart:
    """Return the layout of a value that is shown but cannot be edited."""
    return TemplatePart("screening/drafts/row/fixed.html", label=label, words=words, why=why)


def keep_unchanged_lists(form: forms.ModelForm, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Return the cleaned data with each unchanged list exactly as it is stored."""
    for name in cleaned.keys() - set(form.changed_data):
        if isinstance(form.fields[name], RowsField):
            cleaned[name] = form.initial.get(name, cleaned[name])
    return cleaned


class DraftRowForm(AppForm, forms.ModelForm):
    """The form of a rule or a case of the draft. It refuses data from a page of an earlier version."""

    @property
    def is_stale(self) -> bool:
        """True if someone else changed the row, or opened another draft, after the page was opened."""
        is_new = self.instance.pk is None
        version = RuleSet.objects.values_list("pk").get(is_open=True)[0] if is_new else self.instance.revision
        return bool(self.data.get(VERSION_FIELD) != str(version))

    def clean(self) -> dict[str, Any]:
        """Add an error if the page is stale."""
        cleaned = keep_unchanged_lists(self, super().clean() or {})
        if self.is_stale:
            self.add_error(None, ValidationError("Someone else changed this after you opened the page.", code=STALE))
        return cleaned
