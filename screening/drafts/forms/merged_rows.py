"""Three-way merge of a submitted rule with its follow-ups, or of a submitted case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import QueryDict

from screening.drafts.history import changes_since
from screening.drafts.merging import MergedFields, MergedRows, merge_rows
from screening.drafts.models import Case, Change, FollowUp, Rule
from screening.web.forms import OtherVersion

from .case import ANSWER, CaseForm
from .draft_row import VERSION_FIELD
from .follow_ups import FollowUpForm, submitted_form_numbers
from .formsets import sort_key_of
from .merge_results import FollowUpMergeResult, MergeConflict, MergeResult
from .merged_forms import (
    CleanedValues,
    FormData,
    Getter,
    GetterFor,
    LaterChanges,
    MergedForm,
    bind,
    cleaned_values,
    conflicts_of,
    field_getter,
    initial_values,
    merge_form,
    merged_form,
    parse_revision,
    replace_fields,
)
from .rule import RuleForm
from .submitted_data import FOLLOW_UPS_PREFIX as PREFIX

AnyRow = TypeVar("AnyRow", Rule, Case, FollowUp)
_FIELDS = [*FollowUp.FIELDS]


def row_from_history(row: AnyRow, plain: Mapping[str, Any]) -> AnyRow:
    """Return an unsaved copy of a row with the field values that the history has as JSON."""
    earlier, fields = copy(row), {field.name: field for field in row._meta.fields}
    for name in row.FIELDS:
        if name in plain:
            setattr(earlier, name, fields[name].to_python(plain[name]))
    return earlier


# A case -------------------------------------------------------------------------------------------------------


def merge_case(data: QueryDict, case: Case) -> MergeResult:
    """Merge a case, submitted from a page of an earlier revision, with the stored case."""
    changes = _later_changes(data, case, Change.CASE_CHANGED)
    opened = CaseForm(instance=row_from_history(case, changes.base)) if changes.base else None
    stored = CaseForm(instance=case)
    merged = merge_form(data, opened, stored, [*stored.fields], changes, _case_getter)
    changes.add_merged_fields(stored, merged, _case_getter)
    names = [*stored.fields, *(name for name in data if name.startswith(ANSWER))]
    result = MergeResult(
        data=replace_fields(data, names, merged.data),
        theirs=merged.theirs,
        conflicts=conflicts_of(stored, merged.theirs),
        merged_changes=changes.merged,
        lost=[*merged.lost, *_lost_answers(data, stored, changes.base)],
    )
    return _with_current_revision(result, case)


def _case_getter(name: str) -> Getter:
    if not name.startswith(ANSWER):
        return field_getter(name)
    return lambda plain: plain["answers"].get(name.removeprefix(ANSWER))


def _lost_answers(data: QueryDict, form: CaseForm, base: Any) -> list[str]:
    """Return the changed answers to questions that the draft no longer asks."""
    answers = base["answers"] if base else {}
    not_asked = [key for key in data if key.startswith(ANSWER) and key not in form.fields]
    return [key for key in not_asked if (data[key] or None) != answers.get(key.removeprefix(ANSWER))]


# A rule -------------------------------------------------------------------------------------------------------


def merge_rule(data: QueryDict, rule: Rule) -> MergeResult:
    """Merge a rule and its follow-ups, submitted from a page of an earlier revision, with those stored now."""
    changes = _later_changes(data, rule, Change.RULE_CHANGED)
    opened = RuleForm(instance=row_from_history(rule, changes.base)) if changes.base else None
    stored = RuleForm(instance=rule)
    merged = merge_form(data, opened, stored, [*RuleForm.base_fields], changes, field_getter)
    changes.add_merged_fields(stored, merged, field_getter)
    follow_ups = _FollowUpMerger(data, rule, changes)
    follow_ups.add_merged_changes()
    names = [*RuleForm.base_fields, *([PREFIX] if follow_ups.data else [])]
    result = MergeResult(
        data=replace_fields(data, names, {**merged.data, **follow_ups.data}),
        theirs=merged.theirs,
        conflicts=conflicts_of(stored, merged.theirs),
        merged_changes=changes.merged,
        lost=merged.lost,
    )
    if rule.is_raised_by_list:
        result.lost += [*follow_ups.merged.rows]
    else:
        result.conflicts += follow_ups.conflicts
        result.follow_ups, result.order = follow_ups.results, follow_ups.order
    return _with_current_revision(result, rule)


def _later_changes(data: QueryDict, row: Rule | Case, what: Change) -> LaterChanges:
    revision = parse_revision(data.get(VERSION_FIELD, ""))
    return LaterChanges(changes_since(row.rule_set_id, what, row.pk, revision))


def _with_current_revision(result: MergeResult, row: Rule | Case) -> MergeResult:
    """Without conflicts, give the merged data the current revision, so that the form accepts it."""
    if not result.has_conflicts:
        result.data[VERSION_FIELD] = str(row.revision)
    return result


# The follow-ups of a rule -------------------------------------------------------------------------------------


@dataclass
class _FollowUpVersions:
    """The versions of one follow-up: its submitted form number, the row as the page showed it, and the stored row."""

    number: int
    opened: FollowUp | None = None
    stored: FollowUp | None = None
    is_submitted: bool = False

    def form(self, instance: FollowUp | None) -> FollowUpForm:
        return FollowUpForm(instance=instance, prefix=f"{PREFIX}-{self.number}")

    @property
    def latest(self) -> FollowUp | None:
        return self.stored or self.opened


class _FollowUpMerger:
    """The merge of a rule's follow-ups, one by one.

    A page shows the stored follow-ups in their order, so the first forms that it submits belong to the follow-ups of
    the row as the page showed it. The link id that a follow-up had then is its key here, even if it changed since.
    """

    def __init__(self, data: QueryDict, rule: Rule, changes: LaterChanges) -> None:
        self.submitted, self.changes = data, changes
        self.stored: list[FollowUp] = list(rule.follow_ups.all())
        self.numbers = submitted_form_numbers(data, PREFIX)
        self.versions: dict[str, _FollowUpVersions] = {}
        self._add_opened(changes.base)
        self._add_stored()
        self._add_new()
        self.merged: MergedRows = merge_rows(self._base(), self._theirs(), self._mine())
        self.results: list[FollowUpMergeResult] = []
        self.conflicts: list[MergeConflict] = []
        self.order: OtherVersion | None = None
        self.data: FormData = {}
        if self.numbers or self.has_base:
            self._build()

    # Matching the versions ----------------------------------------------------------------------------------------

    def _add_opened(self, base: Any) -> None:
        """Add the follow-ups that the page showed."""
        numbers = [number for number in self.numbers if self._value(number, "id")]
        entries = base["follow_ups"] if base else []
        self.has_base = bool(base) and len(entries) == len(numbers)
        by_pk = {str(each.pk): each for each in self.stored}
        for index, number in enumerate(numbers):
            stored = by_pk.get(self._value(number, "id"))
            opened = row_from_history(FollowUp(), entries[index]) if self.has_base else None
            known = opened or stored
            key = known.link_id if known else self._value(number, "link_id")
            key = self._unique_key(key, number)
            self.versions[key] = _FollowUpVersions(number, opened, stored, is_submitted=True)

    def _add_stored(self) -> None:
        """Add the follow-ups that others added since then, or removed and added again."""
        matched = {each.stored.pk for each in self.versions.values() if each.stored}
        for number, stored in enumerate(self.stored, start=len(self.numbers)):
            if stored.pk not in matched:
                versions = self.versions.get(stored.link_id)
                if versions and versions.stored is None:
                    versions.stored = stored
                else:
                    key = self._unique_key(stored.link_id, number)
                    self.versions[key] = _FollowUpVersions(number, stored=stored)

    def _add_new(self) -> None:
        """Add this editor's new follow-ups. If another editor added the same link id, it is the same follow-up."""
        for number in self.numbers:
            form = FollowUpForm(self.submitted, prefix=f"{PREFIX}-{number}")
            if self._value(number, "id") or not form.has_changed() or self._value(number, "DELETE"):
                continue
            link_id = self._value(number, "link_id")
            same = self.versions.get(link_id)
            if same and not same.is_submitted:
                same.number, same.is_submitted = number, True
            else:
                self.versions[self._unique_key(link_id, number)] = _FollowUpVersions(number, is_submitted=True)

    def _unique_key(self, key: str, number: int) -> str:
        return key if key and key not in self.versions else f"{key} {number}"

    def _value(self, number: int, name: str) -> str:
        return str(self.submitted.get(f"{PREFIX}-{number}-{name}", "")).strip()

    # Base, theirs, mine -------------------------------------------------------------------------------------------

    def _base(self) -> dict[str, CleanedValues]:
        return {
            key: initial_values(each.form(each.opened), _FIELDS) for key, each in self.versions.items() if each.opened
        }

    def _theirs(self) -> dict[str, CleanedValues]:
        return {
            key: initial_values(self.versions[key].form(self.versions[key].stored), _FIELDS)
            for key in self._stored_keys()
        }

    def _mine(self) -> dict[str, CleanedValues]:
        mine = {}
        for key in sorted((key for key, each in self.versions.items() if each.is_submitted), key=self._sort_key):
            each = self.versions[key]
            if not self._value(each.number, "DELETE"):
                shown = each.opened or each.stored
                before = initial_values(each.form(shown), _FIELDS) if shown else {}
                mine[key] = {**before, **cleaned_values(bind(each.form(None), self.submitted), _FIELDS)}
        return mine

    def _sort_key(self, key: str) -> float:
        number = self.versions[key].number + 1
        place = parse_revision(self._value(self.versions[key].number, "place"))
        return sort_key_of(place if place > 0 else number, number)

    def _stored_keys(self) -> list[str]:
        key_of = {each.stored.pk: key for key, each in self.versions.items() if each.stored}
        return [key_of[each.pk] for each in self.stored]

    # The result ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        """Build the data and the conflicts: first the stored follow-ups in their order, then those not stored."""
        stored_keys = self._stored_keys()
        other_keys = [key for key in self.merged.rows if key not in stored_keys]
        in_order = [key for key in self.merged.rows if key in stored_keys]
        places = {key: place for place, key in enumerate(in_order, start=1)}
        self.data = {
            f"{PREFIX}-TOTAL_FORMS": [str(len(stored_keys) + len(other_keys) + 1)],
            f"{PREFIX}-INITIAL_FORMS": [str(len(stored_keys))],
        }
        for index, key in enumerate([*stored_keys, *other_keys]):
            each, prefix = self.versions[key], f"{PREFIX}-{index}"
            merged = self._merged_form(key)
            length = len(f"{PREFIX}-{each.number}")
            self.data |= {f"{prefix}{name[length:]}": values for name, values in merged.data.items()}
            if each.stored:
                self.data[f"{prefix}-id"] = [str(each.stored.pk)]
                self.data[f"{prefix}-place"] = [str(places.get(key, index + 1))]
                if each.is_submitted and self._value(each.number, "DELETE"):
                    self.data[f"{prefix}-DELETE"] = ["on"]
            self._add_result(key, prefix, merged)
        if self.merged.order_conflicts:
            self.order = self.changes.other_version(_order_getter, tuple(each.name for each in self.stored))
            self.conflicts.append(MergeConflict("details", "Order of the details", self.order))

    def _merged_form(self, key: str) -> MergedForm:
        each = self.versions[key]
        row = self.merged.rows.get(key) or MergedFields(dict.fromkeys(_FIELDS), (), (), ())
        submitted, stored = bind(each.form(None), self.submitted), each.form(each.latest)
        return merged_form(self.submitted, submitted, stored, row, self.changes, self._getter_for(key))

    def _add_result(self, key: str, prefix: str, merged: MergedForm) -> None:
        latest, result = self.versions[key].latest, FollowUpMergeResult(merged.theirs)
        label = f"Detail “{latest.name if latest else ''}”"
        if key in self.merged.removed_by_them:
            result.removed_by_them = self.changes.other_version(self._entry_getter(key))
            self.conflicts.append(MergeConflict(prefix, label, result.removed_by_them))
        elif key in self.merged.removed_by_me:
            result.removed_by_me = self.changes.other_version(self._entry_getter(key))
            self.conflicts.append(MergeConflict(prefix, label, result.removed_by_me))
        else:
            form = FollowUpForm(instance=latest, prefix=prefix)
            self.conflicts += conflicts_of(form, merged.theirs, f"{label}: ")
        self.results.append(result)

    def add_merged_changes(self) -> None:
        """Record the other editors' changes that were merged without a conflict."""
        for key, label in self._added_and_removed():
            self.changes.add_merged(label, self._entry_getter(key))
        for key, row in self.merged.rows.items():
            latest = self.versions[key].latest
            if key not in (*self.merged.added, *self.merged.removed_by_me) and latest:
                form = self.versions[key].form(latest)
                for name in row.theirs:
                    label = f"“{form[name].label}” of the detail “{latest.name}”"
                    self.changes.add_merged(label, self._getter_for(key)(name))
        if self.merged.is_reordered:
            self.changes.add_merged("the order of the details", _order_getter)

    def _added_and_removed(self) -> Iterator[tuple[str, str]]:
        for key in self.merged.added:
            if stored := self.versions[key].stored:
                yield key, f"the detail “{stored.name}” (added)"
        for key in self.merged.removed:
            if opened := self.versions[key].opened:
                yield key, f"the detail “{opened.name}” (removed)"

    def _entry_getter(self, key: str) -> Getter:
        """Return the getter for a follow-up, under any link id that it had."""
        each = self.versions[key]
        link_ids = {row.link_id for row in (each.opened, each.stored) if row}
        return lambda plain: next((entry for entry in plain["follow_ups"] if entry["link_id"] in link_ids), None)

    def _getter_for(self, key: str) -> GetterFor:
        entry = self._entry_getter(key)
        return lambda name: lambda plain: (entry(plain) or {}).get(name)


def _order_getter(plain: Any) -> list[str]:
    return [entry["link_id"] for entry in plain["follow_ups"]]
