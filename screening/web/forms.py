"""The base classes of all forms: how forms are rendered and what they refuse."""

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
from django.utils.translation import gettext

from screening.clinical.text.printable import visible

from .form_owner import CONTINUE, OWNER_FIELD

LONGEST_TEXT = 500

Uploads = MultiValueDict[str, UploadedFile]


class AppBoundField(BoundField):
    """A bound field with the notes shown beside its control. Its HTML id has ``__`` instead of a dot."""

    @cached_property
    def auto_id(self) -> str:
        """``id_opioid-use__last-dose`` for the field ``opioid-use.last-dose``."""
        return str(super().auto_id).replace(".", "__")

    @property
    def note(self) -> FieldNote | None:
        """The note about an unlikely value, if the field has one."""
        return self.form.notes.get(self.name)  # type: ignore[attr-defined]  # of an AppForm

    @property
    def theirs(self) -> OtherVersion | None:
        """The value saved by another editor, if both changed the field."""
        return self.form.theirs.get(self.name)  # type: ignore[attr-defined]

    @property
    def is_marked_optional(self) -> bool:
        """True if the label says that the field is optional."""
        is_plain = self.name in self.form.plainly_optional or getattr(self.field, "shows_optional", False)  # type: ignore[attr-defined]
        return not (self.field.required or is_plain)

    @property
    def aria_describedby(self) -> str | None:
        """The ids of the help text, errors and notes of the control."""
        note = f"{self.auto_id}_note" if self.note and self.note.is_shown else ""
        theirs = f"{self.auto_id}_theirs" if self.theirs else ""
        return " ".join(filter(None, (super().aria_describedby, theirs, note))) or None


class ContinuedForm(forms.BaseForm):
    """A form that can be stored and shown again filled in, if the session had ended when it was sent."""

    @property
    def is_continued(self) -> bool:
        """True if the form is shown again to be checked. A row of a form with rows is not a form of its own."""
        return self.is_bound and self.prefix is None and CONTINUE in self.data

    def clean(self) -> dict[str, Any]:
        """Add an error if the form is shown again, so that no view acts on it before it was checked."""
        cleaned = super().clean()
        if self.is_continued:
            message = gettext("Your session had ended when you sent this form. Check it, and send it again.")
            self.add_error(None, message)
        return self.cleaned_data if cleaned is None else cleaned


class AppForm(ContinuedForm):
    """A form rendered by crispy-forms according to ``layout``, without form tag and CSRF token.

    ``notes`` are shown beside unlikely values; ``theirs`` are the values saved by another editor where both changed a
    field. Both are by field name. ``plainly_optional`` are optional fields whose label need not say so.
    """

    bound_field_class = AppBoundField
    use_required_attribute = False
    notes: Mapping[str, FieldNote] = {}
    theirs: Mapping[str, OtherVersion] = {}
    plainly_optional: Collection[str] = ()

    @property
    def layout(self) -> Layout:
        """All fields in their order."""
        return Layout(*self.fields)

    @cached_property
    def helper(self) -> FormHelper:
        """The helper of ``{% crispy form %}``, cached because the tag asks for it twice."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.template = "screening/web/form_fields.html"
        helper.layout = self.layout
        return helper


class StrictForm(AppForm, forms.Form):
    """A form that refuses unknown fields and repeated values.

    ``not_fields`` are names that are submitted with the form but are not fields of it.
    """

    not_fields: Collection[str] = frozenset({"csrfmiddlewaretoken", OWNER_FIELD, CONTINUE})

    data: QueryDict

    def clean(self) -> dict[str, Any]:
        """Add an error for each unknown field and each repeated value."""
        super().clean()
        for name in (*self.data, *self.files):
            field = self.fields.get(name)
            if field is None and name not in self.not_fields:
                message = gettext("This form has no field “{name}”. Send only its own fields.")
                self.add_error(None, message.format(name=visible(name[:60])))
            several = isinstance(field, forms.MultipleChoiceField)
            if field is not None and not several and len(self.data.getlist(name)) > 1:
                self.add_error(name, gettext("This was sent twice. Give one answer."))
        return self.cleaned_data


class OtherVersion(NamedTuple):
    """The value that another person saved meanwhile: who saved it, when, and its text line by line."""

    who: str
    at: datetime | None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldNote:
    """A note about an unlikely value; ``is_shown`` is True if it applies to the submitted value.

    For the script that shows the note during input: ``above`` is the number, ``years`` the age of a date in years,
    above which it applies.
    """

    words: str
    is_shown: bool
    above: str = ""
    years: str = ""
