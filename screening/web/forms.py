"""What all forms of the app have in common: how they are rendered, and what they refuse."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

LONGEST_TEXT = 500

Uploads = MultiValueDict[str, UploadedFile]


class AppBoundField(BoundField):
    """A bound field whose HTML id holds no dot, and which knows what is said beside its control."""

    @cached_property
    def auto_id(self) -> str:
        """``id_opioid-use__last-dose`` for the field ``opioid-use.last-dose``."""
        return str(super().auto_id).replace(".", "__")

    @property
    def note(self) -> FieldNote | None:
        """What is said of an unlikely value, if anything can be."""
        return self.form.notes.get(self.name)  # type: ignore[attr-defined]  # of an AppForm

    @property
    def theirs(self) -> OtherVersion | None:
        """What another editor made of the field, when it was changed on this page too."""
        return self.form.theirs.get(self.name)  # type: ignore[attr-defined]

    @property
    def is_marked_optional(self) -> bool:
        """True when the label has to say that the field may be left empty."""
        is_plain = self.name in self.form.plainly_optional or getattr(self.field, "says_none", False)  # type: ignore[attr-defined]
        return not (self.field.required or is_plain)

    @property
    def aria_describedby(self) -> str | None:
        """The ids of all that is said beside the control."""
        note = f"{self.auto_id}_note" if self.note and self.note.is_shown else ""
        theirs = f"{self.auto_id}_theirs" if self.theirs else ""
        return " ".join(filter(None, (super().aria_describedby, theirs, note))) or None


class AppForm(forms.BaseForm):
    """How every form is rendered: its fields by ``layout``; the page has the form tag and the token.

    ``notes`` are said beside unlikely values, ``theirs`` is what another editor made of a field that was changed here
    too; both by the names of fields. ``plainly_optional`` are the fields of which the page itself says so.
    """

    bound_field_class = AppBoundField
    use_required_attribute = False
    notes: Mapping[str, FieldNote] = {}
    theirs: Mapping[str, OtherVersion] = {}
    plainly_optional: Collection[str] = ()

    @property
    def layout(self) -> Layout:
        """Every field in its order."""
        return Layout(*self.fields)

    @cached_property
    def helper(self) -> FormHelper:
        """What ``{% crispy form %}`` asks for, twice, once the form is checked."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.template = "screening/web/form_fields.html"
        helper.layout = self.layout
        return helper


class StrictForm(AppForm, forms.Form):
    """A form that refuses what it does not ask for, and what is sent twice.

    ``not_fields`` are the names that come with every form of its kind and are no fields of it.
    """

    not_fields: Collection[str] = frozenset({"csrfmiddlewaretoken"})

    data: QueryDict

    def clean(self) -> dict[str, Any]:
        """Put an error where something was sent that the form does not ask for, or sent twice."""
        for name in (*self.data, *self.files):
            field = self.fields.get(name)
            if field is None and name not in self.not_fields:
                self.add_error(None, f"This form has no field “{name[:60]}”. Send only what it asks for.")
            several = isinstance(field, forms.MultipleChoiceField)
            if field is not None and not several and len(self.data.getlist(name)) > 1:
                self.add_error(name, "This was sent twice. Give one answer.")
        return self.cleaned_data


class OtherVersion(NamedTuple):
    """What another person made of something that this one changed too: who, when, and the words, line by line."""

    who: str
    at: datetime | None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldNote:
    """What is said of a value, and whether it is said of the one that was sent.

    ``above`` is the number beyond which a script says it while it is typed, ``years`` how many years back a date is.
    """

    words: str
    is_shown: bool
    above: str = ""
    years: str = ""
