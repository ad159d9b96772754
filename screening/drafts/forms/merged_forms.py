"""Three-way merge of submitted form data with what other editors saved after the page was opened.

A page submits the revision that it was opened on, and the draft's history has the row as of that revision. The three
versions are ``base``, the row as the page showed it; ``theirs``, the row as it is stored now; ``mine``, the submitted
data. The same form cleans all three, and ``drafts.merging`` merges them field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from screening.drafts.history import changes_since
from screening.drafts.merging import MergedFields, merge
from screening.drafts.models import Change, DraftChange, RuleSet
from screening.web.forms import OtherVersion

from .draft import TextsForm
from .formsets import PLACE, RowsField, is_empty
from .merge_results import MergeConflict, MergedChanges, MergeResult

FormData: TypeAlias = dict[str, list[str]]
"""Data as a browser submits it: a list of values by input name."""
CleanedValues: TypeAlias = dict[str, Any]
"""The comparable values of a form by field name."""
Getter: TypeAlias = Callable[[Any], Any]
"""Returns a value from a row's JSON as the history stores it."""
GetterFor: TypeAlias = Callable[[str], Getter]
"""Returns the getter for a field name."""


# Form data and cleaned values ---------------------------------------------------------------------------------


def initial_data(form: forms.BaseForm, name: str) -> FormData:
    """Return what the page of an unbound form submits for one field if nobody edits it."""
    bound_field, field = form[name], form.fields[name]
    value = bound_field.value()
    if isinstance(field, RowsField):
        filled = [{PLACE: str(number), **row} for number, row in enumerate(field.row_data_of(value), start=1)]
        return {
            f"{bound_field.html_name}-{number}-{column}": [text]
            for number, row in enumerate([*filled, {PLACE: ""}])
            for column, text in row.items()
        }
    if isinstance(field, forms.MultipleChoiceField):
        return {bound_field.html_name: [str(each) for each in value or ()]}
    return {bound_field.html_name: ["" if value is None else str(value)]}


def submitted_data(data: QueryDict, form: forms.BaseForm, name: str) -> FormData:
    """Return the part of the submitted data that belongs to one field of a form."""
    html_name = form.add_prefix(name)
    if isinstance(form.fields[name], RowsField):
        return {key: values for key, values in data.lists() if key.startswith(f"{html_name}-")}
    return {html_name: data.getlist(html_name)}


def cleaned_values(form: forms.BaseForm, names: Iterable[str]) -> CleanedValues:
    """Return the values of a bound form's fields, without those that were not submitted.

    An invalid field counts with its submitted text, with white space and empty rows normalised.
    """
    values: CleanedValues = {}
    for name in names:
        field = form.fields.get(name)
        if field is None or field.widget.value_omitted_from_data(form.data, form.files, form.add_prefix(name)):
            continue
        try:
            value = field.clean(form[name].data)
        except ValidationError:
            value = _normalised(form[name].data)
        values[name] = sorted(value) if isinstance(field, forms.MultipleChoiceField) else value
    return values


def initial_values(form: forms.BaseForm, names: Iterable[str]) -> CleanedValues:
    """Return the values of an unbound form's fields, cleaned as if its page had been submitted unchanged."""
    names = [name for name in names if name in form.fields]
    data = QueryDict(mutable=True)
    for name in names:
        for key, values in initial_data(form, name).items():
            data.setlist(key, values)
    return cleaned_values(bind(form, data), names)


def bind(form: forms.BaseForm, data: QueryDict) -> forms.BaseForm:
    """Return a bound copy of an unbound form."""
    instance = {"instance": form.instance} if isinstance(form, forms.BaseModelForm) else {}
    return type(form)(data, prefix=form.prefix, **instance)


def display_lines(form: forms.BaseForm, name: str) -> tuple[str, ...]:
    """Return the value of an unbound form's field as text, line by line."""
    bound_field, field = form[name], form.fields[name]
    value = bound_field.value()
    if isinstance(field, RowsField):
        rows = field.rows(bound_field.html_name, field.row_data_of(value), are_bound=False)
        return tuple(
            "; ".join(f"{cell.label}: {_display(cell.field, cell.value())}" for cell in row.cells if cell.value())
            for row in rows
        )
    if isinstance(field, forms.MultipleChoiceField):
        return tuple(_display(field, each) for each in value or ())
    return tuple(line for line in _display(field, value).split("\n") if line)


def _display(field: forms.Field, value: object) -> str:
    if isinstance(field, forms.ChoiceField):
        choices: Iterable[Any] = field.widget.choices
        return str({str(code): label for code, label in choices}.get(str(value or ""), value or ""))
    return "" if value is None else str(value)


def _normalised(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        return {column: _normalised(text) for column, text in value.items() if text.strip()}
    if isinstance(value, Sequence):
        return [_normalised(each) for each in value if isinstance(each, str) or not is_empty(each)]
    return value


# Other editors' changes ---------------------------------------------------------------------------------------


class LaterChanges:
    """The changes of a row that were saved after a page was opened, by whom, and which of them were merged."""

    def __init__(self, changes: Sequence[DraftChange]) -> None:
        self.changes = changes
        self._labels: dict[str, list[str]] = {}

    @property
    def base(self) -> Any:
        """The row's JSON as of the page's revision; None if the history does not have it."""
        return self.changes[0].before if self.changes else None

    def other_version(self, getter: Getter, lines: tuple[str, ...] = ()) -> OtherVersion:
        """Return who last changed a value and when, with the text of their version."""
        change = self._last_change_of(getter)
        return OtherVersion(self._name(change), change.at if change else None, lines)

    def add_merged(self, label: str, getter: Getter) -> None:
        """Record that another editor's change of a value was merged without a conflict."""
        self._labels.setdefault(self._name(self._last_change_of(getter)), []).append(label)

    def add_merged_fields(self, form: forms.BaseForm, merged: MergedForm, getter_for: GetterFor) -> None:
        """Record every field of a form that was merged without a conflict."""
        for name in merged.by_them:
            self.add_merged(f"“{form[name].label}”", getter_for(name))

    @property
    def merged(self) -> list[MergedChanges]:
        """The changes merged without a conflict, by editor."""
        return [MergedChanges(who, labels) for who, labels in self._labels.items()]

    def _last_change_of(self, getter: Getter) -> DraftChange | None:
        if not self.changes:
            return None
        changed = [each for each in self.changes if getter(each.before) != getter(each.after)]
        return (changed or self.changes)[-1]

    def _name(self, change: DraftChange | None) -> str:
        return change.by_name if change else "Someone else"


def parse_revision(text: str) -> int:
    """Return a submitted revision; -1, which no row has, if the text is not a number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


# Merging one form ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MergedForm:
    """The merged data of one form.

    ``by_them`` are the fields that only the other editor changed, ``theirs`` their version of each conflicting field.
    ``lost`` are fields that this editor changed and that the form no longer has.
    """

    data: FormData
    by_them: tuple[str, ...]
    theirs: dict[str, OtherVersion]
    lost: list[str]


def merge_form(
    data: QueryDict,
    opened: forms.BaseForm | None,
    stored: forms.BaseForm,
    names: Sequence[str],
    changes: LaterChanges,
    getter_for: GetterFor,
) -> MergedForm:
    """Merge the submitted data of a form.

    ``opened`` is an unbound form with the row as the page showed it, None if that is unknown.
    ``stored`` is an unbound form with the row as it is stored now.
    """
    base = initial_values(opened, names) if opened else {}
    theirs = initial_values(stored, names)
    submitted = bind(opened or stored, data)
    mine = {**(base if opened else theirs), **cleaned_values(submitted, names)}
    return merged_form(data, submitted, stored, merge(base, theirs, mine), changes, getter_for)


def merged_form(
    data: QueryDict,
    submitted: forms.BaseForm,
    stored: forms.BaseForm,
    merged: MergedFields,
    changes: LaterChanges,
    getter_for: GetterFor,
) -> MergedForm:
    """Return the data for merged fields: submitted where my value is used, stored elsewhere.

    A stored list whose rows the page did not show is left out: without data its form keeps it.
    """
    is_mine = {*merged.mine, *merged.conflicts}
    is_saved = isinstance(stored, forms.BaseModelForm) and stored.instance.pk is not None
    merged_data: FormData = {}
    for name, field in stored.fields.items():
        if name in is_mine:
            merged_data |= submitted_data(data, submitted, name)
        elif name in merged.values:
            was_hidden = isinstance(field, RowsField) and not submitted_data(data, stored, name)
            if not (is_saved and was_hidden):
                merged_data |= initial_data(stored, name)
    conflicts = [name for name in merged.conflicts if name in stored.fields]
    return MergedForm(
        data=merged_data,
        by_them=tuple(name for name in merged.theirs if name in stored.fields),
        theirs={name: changes.other_version(getter_for(name), display_lines(stored, name)) for name in conflicts},
        lost=[name for name in is_mine if name not in stored.fields],
    )


def field_getter(name: str) -> Getter:
    """Return the getter for a field of a row."""
    return lambda plain: plain.get(name)


def conflicts_of(form: forms.BaseForm, theirs: Mapping[str, OtherVersion], lead: str = "") -> list[MergeConflict]:
    """Return the conflicts in a form's fields for the summary."""
    return [
        MergeConflict(target_id_of(form, name), f"{lead}{form[name].label}", other) for name, other in theirs.items()
    ]


def target_id_of(form: forms.BaseForm, name: str) -> str:
    """Return the HTML id that a link to a field leads to."""
    bound_field, widget = form[name], form.fields[name].widget
    if isinstance(form.fields[name], RowsField):
        return f"div_{bound_field.auto_id}"
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return widget.id_for_label(bound_field.auto_id, "0") if is_group else bound_field.id_for_label


def replace_fields(data: QueryDict, names: Iterable[str], replacement: FormData) -> QueryDict:
    """Return a copy of the submitted data with other data for some fields."""
    copy = data.copy()
    for key in [*copy]:
        if any(key == name or key.startswith(f"{name}-") for name in names):
            del copy[key]
    for key, values in replacement.items():
        copy.setlist(key, values)
    return copy


# The general texts of a draft ---------------------------------------------------------------------------------


def merge_texts(data: QueryDict, draft: RuleSet) -> MergeResult:
    """Merge the draft's general texts, submitted from a page of an earlier revision, with those stored now."""
    revision = parse_revision(data.get("revision", ""))
    changes = LaterChanges(changes_since(draft.pk, Change.TEXTS_CHANGED, None, revision))
    opened = TextsForm(initial=changes.base) if changes.base else None
    stored = TextsForm(initial=draft.texts())
    merged = merge_form(data, opened, stored, RuleSet.FIELDS, changes, field_getter)
    changes.add_merged_fields(stored, merged, field_getter)
    merged_data = replace_fields(data, [*RuleSet.FIELDS], merged.data)
    merged_data["revision"] = str(draft.revision)
    return MergeResult(merged_data, merged.theirs, conflicts_of(stored, merged.theirs), changes.merged)
