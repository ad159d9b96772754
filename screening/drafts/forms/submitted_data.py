"""What was typed into the page of a rule or a case, to be shown where it can no longer be saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from .follow_ups import FollowUpForm, numbers_sent
from .formsets import RowsField, is_empty
from .rule import RuleForm

DETAILS_PREFIX = "follow_ups"


def rule_as_sent(sent: QueryDict) -> dict[str, Any]:
    """A rule as JSON would hold it, whatever was typed; what was left empty is left out."""
    details = [
        _filled(sent, FollowUpForm, f"{DETAILS_PREFIX}-{number}-") for number in numbers_sent(sent, DETAILS_PREFIX)
    ]
    return {**_filled(sent, RuleForm), "follow_ups": [each for each in details if each]}


def _filled(sent: QueryDict, form: type[forms.ModelForm], prefix: str = "") -> dict[str, Any]:
    fields: Mapping[str, forms.Field] = form.base_fields
    typed = {name: _typed(sent, field, f"{prefix}{name}") for name, field in fields.items() if name != "place"}
    return {name: words for name, words in typed.items() if words}


def _typed(sent: QueryDict, field: forms.Field, name: str) -> Any:
    value = field.widget.value_from_datadict(sent, {}, name)
    if isinstance(field, RowsField):
        return [field.row.loosely(each) for each in value if not is_empty(each)]
    return value
