"""Parts of forms, as crispy-forms lays them out."""

from __future__ import annotations

from typing import Any

from crispy_forms.bootstrap import AppendedText
from crispy_forms.layout import Field, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


class WithUnit(AppendedText):
    """A field with its unit behind the control, by the template of every field."""

    template = Field.template


class Part(LayoutObject):
    """A part of a form with a template of its own.

    The template gets the form as ``form``, the rendered fields of the part as ``fields``, and whatever else the part
    was made with; a layout among that is rendered too.
    """

    def __init__(self, template: str, *fields: str | LayoutObject, **context: object) -> None:
        self.template, self.fields, self.context = template, list(fields), context

    def render(
        self, form: forms.Form, context: Context, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """The HTML of the part."""
        fields = self.get_rendered_fields(form, context, template_pack)
        rendered = {
            name: each.render(form, context, template_pack)
            for name, each in self.context.items()
            if isinstance(each, LayoutObject)
        }
        return render_to_string(self.template, {"form": form, "fields": fields, **self.context, **rendered})


def wide(*names: str) -> list[Field]:
    """Fields that have a line of the page to themselves."""
    return [Field(name, wrapper_class="wide") for name in names]
