"""Three-way merge of submitted form data with what other editors saved after the page was opened.

A page submits the revision that it was opened on, and the draft's history has the row as of that revision. The three
versions are ``base``, the row as the page showed it; ``theirs``, the row as it is stored now; ``mine``, the submitted
data. The same form cleans all three, and ``drafts.merging`` merges them field by field. A list counts as one field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext

from screening.clinical.text.translation import join_with_and
from screening.drafts.history import changes_since
from screening.drafts.merging import MergedFields, merge
from screening.drafts.models import Case, Change, DraftChange, FollowUp, Rule, RuleSet
from screening.web.forms import OtherVersion

from .case import ANSWER, CaseForm
from .draft import TextsForm
from .follow_up import FollowUpForm
from .rows import VERSION, EditForm, whole_number
from .rule import RuleForm

Getter: TypeAlias = Callable[[Any], Any]
"""Returns a value from a row's JSON as the history stores it."""
GetterFor: TypeAlias = Callable[[str], Getter]
"""Returns the getter for a field name."""
AnyRow = TypeVar("AnyRow", Rule, Case, FollowUp)


class MergeConflict(NamedTuple):
    """A conflict that the editor has to resolve: the HTML id to link to, its label, and the other version."""

    target_id: str
    label: str
    theirs: OtherVersion


class MergedChanges(NamedTuple):
    """One other editor's changes that were merged without a conflict, by the labels of the fields."""

    who: str
    labels: list[str]

    @property
    def sentence(self) -> str:
        """For example ``Other Person changed “Why it matters” and “Next step”``."""
        labels = join_with_and([gettext("“{name}”").format(name=label) for label in self.labels])
        return gettext("{person} changed {fields}").format(person=self.who, fields=labels)


@dataclass
class MergeResult:
    """Submitted data from a page of an earlier revision, merged with the stored row.

    ``data`` is the merged data for a bound form. ``theirs`` has the other version of each conflicting field by name;
    ``conflicts`` lists them for the summary, ``merged_changes`` what was merged without one. ``lost`` are submitted
    changes to fields that the row no longer has.
    """

    data: QueryDict
    theirs: dict[str, OtherVersion]
    conflicts: list[MergeConflict]
    merged_changes: list[MergedChanges]
    lost: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """The message about the other editors' changes that were merged; empty if there were none."""
        changes = "; ".join(each.sentence for each in self.merged_changes)
        if not changes:
            return ""
        return gettext("Merged with changes made after you opened the page: {changes}.").format(changes=changes)


# The kinds of rows --------------------------------------------------------------------------------------------


def merge_texts(data: QueryDict, draft: RuleSet) -> MergeResult:
    """Merge the draft's general texts, submitted from a page of an earlier revision, with those stored now."""
    changes = changes_since(draft.pk, Change.TEXTS_CHANGED, None, _revision(data, "revision"))
    opened = TextsForm(initial=changes[0].before) if changes else None
    return _Merge(data, opened, TextsForm(initial=draft.texts()), changes, [*RuleSet.FIELDS]).result()


def merge_rule(data: QueryDict, rule: Rule) -> MergeResult:
    """Merge a rule, submitted from a page of an earlier revision, with the stored rule."""
    changes = changes_since(rule.rule_set_id, Change.RULE_CHANGED, rule.pk, _revision(data, VERSION))
    base = changes[0].before if changes else None
    opened = RuleForm(instance=_row_from_history(rule, base)) if base else None
    return _Merge(data, opened, RuleForm(instance=rule), changes).result()


def merge_follow_up(data: QueryDict, follow_up: FollowUp, code: str) -> MergeResult:
    """Merge a follow-up, submitted from a page of an earlier revision of its rule, with the stored follow-up.

    ``code`` is the link id that it had when the page was opened.
    """
    rule = follow_up.rule
    changes = changes_since(rule.rule_set_id, Change.RULE_CHANGED, rule.pk, _revision(data, VERSION))

    def entry(plain: Any) -> Any:
        codes = (code, follow_up.link_id)
        return next((each for each in plain["follow_ups"] if each["link_id"] in codes), {})

    base = entry(changes[0].before) if changes else {}
    opened = FollowUpForm(instance=_row_from_history(follow_up, base)) if base else None
    stored = FollowUpForm(instance=follow_up)
    return _Merge(
        data, opened, stored, changes, getter_for=lambda name: lambda plain: entry(plain).get(name)
    ).result()


def merge_case(data: QueryDict, case: Case) -> MergeResult:
    """Merge a case, submitted from a page of an earlier revision, with the stored case."""
    changes = changes_since(case.rule_set_id, Change.CASE_CHANGED, case.pk, _revision(data, VERSION))
    base = changes[0].before if changes else None
    opened = CaseForm(instance=_row_from_history(case, base)) if base else None
    stored = CaseForm(instance=case)
    result = _Merge(data, opened, stored, changes, getter_for=_case_getter, prefixes=(ANSWER,)).result()
    result.lost += _lost_answers(data, stored, base)
    return result


def _case_getter(name: str) -> Getter:
    if not name.startswith(ANSWER):
        return lambda plain: plain.get(name)
    return lambda plain: plain["answers"].get(name.removeprefix(ANSWER))


def _lost_answers(data: QueryDict, form: CaseForm, base: Any) -> list[str]:
    """Return the changed answers to questions that the draft no longer asks."""
    answers = base["answers"] if base else {}
    not_asked = [key for key in data if key.startswith(ANSWER) and key not in form.fields]
    return [key for key in not_asked if (data[key] or None) != answers.get(key.removeprefix(ANSWER))]


def _row_from_history(row: AnyRow, plain: Mapping[str, Any]) -> AnyRow:
    """Return an unsaved copy of a row with the field values that the history has as JSON."""
    earlier, fields = copy(row), {field.name: field for field in row._meta.fields}
    for name in row.FIELDS:
        if name in plain:
            setattr(earlier, name, fields[name].to_python(plain[name]))
    return earlier


def _revision(data: QueryDict, name: str) -> int:
    """Return the submitted revision; -1, which no row has, if it is not a number."""
    number = whole_number(data, name)
    return -1 if number is None or number > 10**9 else number


# Merging one form ---------------------------------------------------------------------------------------------


class _Merge:
    """The merge of one form.

    ``opened`` is an unbound form with the row as the page showed it, None if that is unknown; ``stored`` an unbound
    form with the row as it is stored now; ``changes`` are those between the two. ``names`` are the fields to merge,
    all of them by default; submitted data with one of the ``prefixes`` belongs to them too.
    """

    def __init__(
        self,
        data: QueryDict,
        opened: EditForm | None,
        stored: EditForm,
        changes: Sequence[DraftChange],
        names: Iterable[str] | None = None,
        getter_for: GetterFor = lambda name: lambda plain: plain.get(name),
        prefixes: Iterable[str] = (),
    ) -> None:
        self.data, self.stored, self.changes, self.getter_for = data, stored, changes, getter_for
        self.names = [*dict.fromkeys(names or (*stored.names, *(opened.names if opened else ())))]
        lists = {*stored.lists, *(opened.lists if opened else ())}
        self.prefixes = (*prefixes, *(f"{name}-" for name in lists))
        self.submitted = bind(opened or stored, data)
        base = values_of_page(opened, self.names) if opened else {}
        theirs = values_of_page(stored, self.names)
        mine = {**(base if opened else theirs), **values_of(self.submitted, self.names)}
        self.merged: MergedFields = merge(base, theirs, mine)

    def result(self) -> MergeResult:
        """Return the merged data: submitted where my value is used, stored elsewhere."""
        is_mine = {*self.merged.mine, *self.merged.conflicts}
        data = self.data.copy()
        for key in [key for key in data if key in self.names or key.startswith(self.prefixes)]:
            del data[key]
        for name in self.stored.names:
            if name in is_mine:
                self._copy(data, name)
            elif name in self.merged.values:
                for key, values in page_data(self.stored, name).items():
                    data.setlist(key, values)
        theirs = {name: self._other_version(name) for name in self.merged.conflicts if name in self.stored.names}
        return MergeResult(
            data=data,
            theirs=theirs,
            conflicts=[
                MergeConflict(self.stored.target_id_of(name), self.stored.label_of(name), other)
                for name, other in theirs.items()
            ],
            merged_changes=self._merged_changes(),
            lost=[name for name in is_mine if name not in self.stored.names],
        )

    def _copy(self, data: QueryDict, name: str) -> None:
        """Copy the submitted values of a field to the merged data."""
        for key, values in self.data.lists():
            if key == name or (name in self.stored.lists and key.startswith(f"{name}-")):
                data.setlist(key, values)

    def _merged_changes(self) -> list[MergedChanges]:
        labels: dict[str, list[str]] = {}
        for name in self.merged.theirs:
            if name in self.stored.names:
                who = _name(self._last_change_of(name))
                labels.setdefault(who, []).append(self.stored.label_of(name))
        return [MergedChanges(who, each) for who, each in labels.items()]

    def _other_version(self, name: str) -> OtherVersion:
        change = self._last_change_of(name)
        return OtherVersion(_name(change), change.at if change else None, lines_of(self.stored, name))

    def _last_change_of(self, name: str) -> DraftChange | None:
        if not self.changes:
            return None
        getter = self.getter_for(name)
        changed = [each for each in self.changes if getter(each.before) != getter(each.after)]
        return (changed or self.changes)[-1]


def _name(change: DraftChange | None) -> str:
    return change.by_name if change else gettext("Someone else")


# Form data and comparable values ------------------------------------------------------------------------------


def page_data(form: EditForm, name: str) -> dict[str, list[str]]:
    """Return what the page of an unbound form submits for a field or list if nobody edits it."""
    if name not in form.lists:
        return {form[name].html_name: _texts(form[name])}
    formset = form.lists[name]
    fields = [field for each in (formset.management_form, *formset.forms) for field in each]
    return {field.html_name: _texts(field) for field in fields if not isinstance(field.field, forms.BooleanField)}


def _texts(field: forms.BoundField) -> list[str]:
    value = field.value()
    if isinstance(field.field, forms.MultipleChoiceField):
        return [str(each) for each in value or ()]
    return ["" if value is None else str(value)]


def bind(form: EditForm, data: QueryDict) -> EditForm:
    """Return a bound copy of an unbound form."""
    instance = {"instance": copy(form.instance)} if isinstance(form, forms.BaseModelForm) else {}
    return type(form)(data, **instance)


def values_of_page(form: EditForm, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of an unbound form, cleaned as if its page had been submitted unchanged."""
    names = [name for name in names if name in form.names]
    data = QueryDict(mutable=True)
    for name in names:
        for key, values in page_data(form, name).items():
            data.setlist(key, values)
    return values_of(bind(form, data), names)


def values_of(form: EditForm, names: Iterable[str]) -> dict[str, Any]:
    """Return the comparable values of a bound form's fields and lists, without those that were not submitted.

    An invalid field or list counts with its submitted text, with white space normalised.
    """
    values: dict[str, Any] = {}
    for name in names:
        if formset := form.lists.get(name):
            if formset.management_form.is_valid():
                values[name] = formset.entries if formset.is_valid() else _normalised(formset.data_as_entered)
        elif name in form.fields:
            field_, widget = form.fields[name], form.fields[name].widget
            if widget.value_omitted_from_data(form.data, form.files, name):
                continue
            try:
                value = field_.clean(form[name].data)
            except ValidationError:
                value = _normalised(form[name].data)
            values[name] = sorted(value) if isinstance(field_, forms.MultipleChoiceField) else value
    return values


def _normalised(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        return {name: _normalised(each) for name, each in value.items() if each}
    return [_normalised(each) for each in value] if isinstance(value, Sequence) else value


def lines_of(form: EditForm, name: str) -> tuple[str, ...]:
    """Return the value of an unbound form's field or list as text, line by line."""
    if formset := form.lists.get(name):
        rows = [[row[column] for column in row.columns] for row in formset.forms]
        return tuple(
            "; ".join(f"{each.label}: {_words(each, each.value())}" for each in row if each.value()) for row in rows
        )
    bound_field = form[name]
    if isinstance(bound_field.field, forms.MultipleChoiceField):
        return tuple(_words(bound_field, each) for each in bound_field.value() or ())
    return tuple(line for line in _words(bound_field, bound_field.value()).split("\n") if line)


def _words(field: forms.BoundField, value: object) -> str:
    if isinstance(field.field, forms.ChoiceField):
        choices: Any = field.field.choices
        return str({str(code): label for code, label in choices}.get(str(value or ""), value or ""))
    return "" if value is None else str(value)
