"""The submitted data of the page of a rule, as JSON: shown to the editor where it can no longer be saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from .follow_ups import FollowUpForm, submitted_form_numbers
from .formsets import RowsField, is_empty
from .rule import RuleForm

FOLLOW_UPS_PREFIX = "follow_ups"


def submitted_rule(data: QueryDict) -> dict[str, Any]:
    """Return the submitted rule in the shape of its JSON, without validation and without empty fields."""
    follow_ups = [
        _filled_fields(data, FollowUpForm, f"{FOLLOW_UPS_PREFIX}-{number}-")
        for number in submitted_form_numbers(data, FOLLOW_UPS_PREFIX)
    ]
    return {**_filled_fields(data, RuleForm), "follow_ups": [each for each in follow_ups if each]}


def _filled_fields(data: QueryDict, form_class: type[forms.ModelForm], prefix: str = "") -> dict[str, Any]:
    fields: Mapping[str, forms.Field] = form_class.base_fields
    values = {name: _submitted_value(data, field, f"{prefix}{name}") for name, field in fields.items()}
    return {name: value for name, value in values.items() if value and name != "place"}


def _submitted_value(data: QueryDict, field: forms.Field, input_name: str) -> Any:
    value = field.widget.value_from_datadict(data, {}, input_name)
    if isinstance(field, RowsField):
        return [field.row_form.unvalidated_entry(row) for row in value if not is_empty(row)]
    return value
