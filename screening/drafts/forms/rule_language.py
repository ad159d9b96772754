"""The language of the rules in the forms that edit them."""

from __future__ import annotations

from django import forms

from screening.web.fields import PlainLines, PlainText, RuleCode
from screening.web.languages import language_of_rules


def mark_rule_text(form: forms.BaseForm) -> None:
    """Mark the inputs for rule text with their language, if the page has another one."""
    language = language_of_rules()
    if not language:
        return
    for field in form.fields.values():
        if isinstance(field, PlainText | PlainLines) and not isinstance(field, RuleCode):
            field.widget.attrs["lang"] = language
