"""A rule with its details, or a case, as it is sent from a page that another editor outran."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import QueryDict

from screening.drafts.history import changes_since
from screening.drafts.merging import Merge, MergedRows, merge_rows
from screening.drafts.models import Case, Change, FollowUp, Rule
from screening.web.forms import OtherVersion

from .case import ANSWER, CaseForm
from .draft_row import SEEN
from .follow_ups import FollowUpForm, numbers_sent
from .formsets import moved_to
from .merge_results import FollowUpMerge, MergeQuestion, MergeResult
from .merged_forms import (
    Boxes,
    Changes,
    Content,
    MergedForm,
    by_name,
    content_of,
    content_shown,
    filled,
    merge_form,
    put_together,
    questions_of,
    replaced,
    seen_revision,
)
from .rule import RuleForm
from .submitted_data import DETAILS_PREFIX as DETAILS

AnyRow = TypeVar("AnyRow", Rule, Case, FollowUp)
_OWN = [*FollowUp.FIELDS]


def as_it_was(row: AnyRow, plain: Mapping[str, Any]) -> AnyRow:
    """A row, not to be saved, with what the history says that it held."""
    then, fields = copy(row), {each.name: each for each in row._meta.fields}
    for name in row.FIELDS:
        if name in plain:
            setattr(then, name, fields[name].to_python(plain[name]))
    return then


# A case -------------------------------------------------------------------------------------------------------


def merge_case(sent: QueryDict, case: Case) -> MergeResult:
    """What was sent of a case from a page of an earlier revision, merged with what it is now."""
    changes = _changes(sent, case, Change.CASE_CHANGED)
    opened = CaseForm(instance=as_it_was(case, changes.base)) if changes.base else None
    stored = CaseForm(instance=case)
    found = merge_form(sent, opened, stored, [*stored.fields], changes, _of_case)
    changes.take_fields(stored, found, _of_case)
    data = replaced(sent, [*stored.fields, *(name for name in sent if name.startswith(ANSWER))], found.boxes)
    lost = [*found.lost, *_not_asked(sent, stored, changes.base)]
    return _settled(MergeResult(data, found.theirs, questions_of(stored, found.theirs), changes.taken, lost), case)


def _of_case(name: str) -> Callable[[Any], Any]:
    if not name.startswith(ANSWER):
        return by_name(name)
    return lambda plain: plain["answers"].get(name.removeprefix(ANSWER))


def _not_asked(sent: QueryDict, form: CaseForm, base: Any) -> list[str]:
    """Questions that the draft asks no longer, to which another answer was sent than the page showed."""
    before = base["answers"] if base else {}
    gone = [key for key in sent if key.startswith(ANSWER) and key not in form.fields]
    return [key for key in gone if (sent[key] or None) != before.get(key.removeprefix(ANSWER))]


# A rule -------------------------------------------------------------------------------------------------------


def merge_rule(sent: QueryDict, rule: Rule) -> MergeResult:
    """What was sent of a rule and its details from a page of an earlier revision, merged with what they are now."""
    changes = _changes(sent, rule, Change.RULE_CHANGED)
    opened = RuleForm(instance=as_it_was(rule, changes.base)) if changes.base else None
    stored = RuleForm(instance=rule)
    found = merge_form(sent, opened, stored, [*RuleForm.base_fields], changes, by_name)
    changes.take_fields(stored, found, by_name)
    details = _Details(sent, rule, changes)
    details.take()
    names = [*RuleForm.base_fields, *([DETAILS] if details.boxes else [])]
    data = replaced(sent, names, {**found.boxes, **details.boxes})
    merged = MergeResult(data, found.theirs, questions_of(stored, found.theirs), changes.taken, found.lost)
    if rule.is_raised_by_list:
        merged.lost += [*details.merged.rows]
    else:
        merged.questions += details.questions
        merged.details, merged.order = details.notes, details.order
    return _settled(merged, rule)


def _changes(sent: QueryDict, row: Rule | Case, what: Change) -> Changes:
    return Changes(changes_since(row.rule_set_id, what, row.pk, seen_revision(sent.get(SEEN, ""))))


def _settled(merged: MergeResult, row: Rule | Case) -> MergeResult:
    """With nothing to ask, what was merged is sent as if from a page of the present revision."""
    if not merged.has_conflicts:
        merged.data[SEEN] = str(row.revision)
    return merged


# Its details --------------------------------------------------------------------------------------------------


@dataclass
class _Detail:
    """A detail under one key: its number among those sent, what the page showed of it, and what is stored."""

    number: int
    opened: FollowUp | None = None
    stored: FollowUp | None = None
    is_sent: bool = False

    def form(self, of: FollowUp | None) -> FollowUpForm:
        return FollowUpForm(instance=of, prefix=f"{DETAILS}-{self.number}")

    @property
    def last_known(self) -> FollowUp | None:
        return self.stored or self.opened


class _Details:
    """The details of a rule, merged one by one.

    A page shows the stored details in their order, so the first that it sends are those of the row as it was opened.
    They keep the link id that they had then as their key, whatever it is now.
    """

    def __init__(self, sent: QueryDict, rule: Rule, changes: Changes) -> None:
        self.sent, self.changes = sent, changes
        self.stored: list[FollowUp] = list(rule.follow_ups.all())
        self.numbers = numbers_sent(sent, DETAILS)
        self.known: dict[str, _Detail] = {}
        self._opened(changes.base)
        self._now_stored()
        self._new()
        self.merged: MergedRows = merge_rows(self._base(), self._theirs(), self._mine())
        self.notes: list[FollowUpMerge] = []
        self.questions: list[MergeQuestion] = []
        self.order: OtherVersion | None = None
        self.boxes: Boxes = {}
        if self.numbers or self.knows_base:
            self._compose()

    # Who is who ---------------------------------------------------------------------------------------------------

    def _opened(self, base: Any) -> None:
        """The details that the page showed."""
        numbers = [number for number in self.numbers if self._value(number, "id")]
        entries = base["follow_ups"] if base else []
        self.knows_base = bool(base) and len(entries) == len(numbers)
        by_pk = {str(each.pk): each for each in self.stored}
        for place, number in enumerate(numbers):
            stored = by_pk.get(self._value(number, "id"))
            opened = as_it_was(FollowUp(), entries[place]) if self.knows_base else None
            known = opened or stored
            key = known.link_id if known else self._value(number, "link_id")
            self.known[self._free(key, number)] = _Detail(number, opened, stored, is_sent=True)

    def _now_stored(self) -> None:
        """Those that were added since, or removed and added again."""
        taken = {each.stored.pk for each in self.known.values() if each.stored}
        for number, each in enumerate(self.stored, start=len(self.numbers)):
            if each.pk not in taken:
                known = self.known.get(each.link_id)
                if known and known.stored is None:
                    known.stored = each
                else:
                    self.known[self._free(each.link_id, number)] = _Detail(number, stored=each)

    def _new(self) -> None:
        """Those that this person adds; one that somebody else added under the same link id is the same."""
        for number in self.numbers:
            form = FollowUpForm(self.sent, prefix=f"{DETAILS}-{number}")
            if self._value(number, "id") or not form.has_changed() or self._value(number, "DELETE"):
                continue
            same = self.known.get(self._value(number, "link_id"))
            if same and not same.is_sent:
                same.number, same.is_sent = number, True
            else:
                self.known[self._free(self._value(number, "link_id"), number)] = _Detail(number, is_sent=True)

    def _free(self, key: str, number: int) -> str:
        return key if key and key not in self.known else f"{key} {number}"

    def _value(self, number: int, name: str) -> str:
        return str(self.sent.get(f"{DETAILS}-{number}-{name}", "")).strip()

    # The three sides ----------------------------------------------------------------------------------------------

    def _base(self) -> dict[str, Content]:
        return {key: content_shown(each.form(each.opened), _OWN) for key, each in self.known.items() if each.opened}

    def _theirs(self) -> dict[str, Content]:
        at = {each.stored.pk: key for key, each in self.known.items() if each.stored}
        in_order = [at[each.pk] for each in self.stored]
        return {key: content_shown(self.known[key].form(self.known[key].stored), _OWN) for key in in_order}

    def _mine(self) -> dict[str, Content]:
        mine = {}
        for key in sorted((key for key, each in self.known.items() if each.is_sent), key=self._wanted_place):
            each = self.known[key]
            if not self._value(each.number, "DELETE"):
                shown = each.opened or each.stored
                before = content_shown(each.form(shown), _OWN) if shown else {}
                mine[key] = {**before, **content_of(filled(each.form(None), self.sent), _OWN)}
        return mine

    def _wanted_place(self, key: str) -> float:
        number, typed = self.known[key].number + 1, self._value(self.known[key].number, "place")
        return moved_to(seen_revision(typed) if seen_revision(typed) > 0 else number, number)

    # What comes of it ---------------------------------------------------------------------------------------------

    def _compose(self) -> None:
        """The boxes of all details: first those that are stored, in their order, then those that are not."""
        at = {each.stored.pk: key for key, each in self.known.items() if each.stored}
        first = [at[each.pk] for each in self.stored]
        rest = [key for key in self.merged.rows if key not in first]
        places = {key: place for place, key in enumerate((key for key in self.merged.rows if key in first), start=1)}
        self.boxes = {
            f"{DETAILS}-TOTAL_FORMS": [str(len(first) + len(rest) + 1)],
            f"{DETAILS}-INITIAL_FORMS": [str(len(first))],
        }
        for index, key in enumerate([*first, *rest]):
            each, prefix = self.known[key], f"{DETAILS}-{index}"
            found = self._form(key)
            length = len(f"{DETAILS}-{each.number}")
            self.boxes |= {f"{prefix}{name[length:]}": words for name, words in found.boxes.items()}
            if each.stored:
                self.boxes[f"{prefix}-id"] = [str(each.stored.pk)]
                self.boxes[f"{prefix}-place"] = [str(places.get(key, index + 1))]
                if each.is_sent and self._value(each.number, "DELETE"):
                    self.boxes[f"{prefix}-DELETE"] = ["on"]
            self._note(key, prefix, found)
        if self.merged.order_conflicts:
            words = tuple(each.name for each in self.stored)
            self.order = self.changes.theirs(_order, words)
            self.questions.append(MergeQuestion("details", "Order of the details", self.order))

    def _form(self, key: str) -> MergedForm:
        each = self.known[key]
        row = self.merged.rows.get(key) or Merge(dict.fromkeys(_OWN), (), (), ())
        shown = each.form(each.last_known)
        return put_together(
            self.sent, filled(each.form(None), self.sent), shown, row, self.changes, self._value_in(key)
        )

    def _note(self, key: str, prefix: str, found: MergedForm) -> None:
        each, note = self.known[key], FollowUpMerge(found.theirs)
        last = each.last_known
        name = last.name if last else ""
        if key in self.merged.removed_by_them:
            note.removed_by_them = self.changes.theirs(self._entry(key))
            self.questions.append(MergeQuestion(prefix, f"Detail “{name}”", note.removed_by_them))
        elif key in self.merged.removed_by_me:
            note.removed_by_me = self.changes.theirs(self._entry(key))
            self.questions.append(MergeQuestion(prefix, f"Detail “{name}”", note.removed_by_me))
        else:
            form = FollowUpForm(instance=last, prefix=prefix)
            self.questions += questions_of(form, found.theirs, f"Detail “{name}”: ")
        self.notes.append(note)

    def take(self) -> None:
        """Note what is taken over from others."""
        for key, label in self._taken():
            self.changes.take(label, self._entry(key))
        for key, row in self.merged.rows.items():
            last = self.known[key].last_known
            if key not in (*self.merged.added, *self.merged.removed_by_me) and last:
                form = self.known[key].form(last)
                for name in row.theirs:
                    self.changes.take(f"“{form[name].label}” of the detail “{last.name}”", self._value_in(key)(name))
        if self.merged.is_reordered:
            self.changes.take("the order of the details", _order)

    def _taken(self) -> Iterator[tuple[str, str]]:
        for key in self.merged.added:
            if stored := self.known[key].stored:
                yield key, f"the detail “{stored.name}” (added)"
        for key in self.merged.removed:
            if opened := self.known[key].opened:
                yield key, f"the detail “{opened.name}” (removed)"

    def _entry(self, key: str) -> Callable[[Any], Any]:
        """Finds a detail in the history, under any link id that it had."""
        each = self.known[key]
        ids = {of.link_id for of in (each.opened, each.stored) if of}
        return lambda plain: next((one for one in plain["follow_ups"] if one["link_id"] in ids), None)

    def _value_in(self, key: str) -> Callable[[str], Callable[[Any], Any]]:
        entry = self._entry(key)
        return lambda name: lambda plain: (entry(plain) or {}).get(name)


def _order(plain: Any) -> list[str]:
    return [each["link_id"] for each in plain["follow_ups"]]
