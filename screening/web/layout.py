"""Layout objects for crispy-forms."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import AppendedText
from crispy_forms.layout import Field, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language


class WithUnit(AppendedText):
    """A field with its unit after the control."""

    template = Field.template


class TemplatePart(LayoutObject):
    """A part of a form with its own template.

    The template context has ``form``, the rendered fields as ``fields``, the ``language`` of the page, by which
    cached parts differ, and the keyword arguments; layout objects among them are rendered.
    """

    def __init__(self, template: str, *fields: str | LayoutObject, **context: object) -> None:
        self.template, self.fields, self.context = template, list(fields), context

    def render(
        self, form: forms.Form, context: Context, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """Render the template."""
        fields = self.get_rendered_fields(form, context, template_pack)
        rendered = {
            name: each.render(form, context, template_pack)
            for name, each in self.context.items()
            if isinstance(each, LayoutObject)
        }
        common = {"form": form, "fields": fields, "language": get_language()}
        return render_to_string(self.template, {**common, **self.context, **rendered})


def wide(*names: str) -> list[Field]:
    """Return fields that take the full width of the form."""
    return [Field(name, wrapper_class="wide") for name in names]
