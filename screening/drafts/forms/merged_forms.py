"""What is sent from a page that another editor outran: merged with what they saved, three ways.

A page carries the revision on which it was opened. The draft's history has the row as it was then, so nothing else
need be sent. What the page showed, what it would show now and what was sent are each read by the same form, field by
field, and merged by ``actions.merging``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from screening.drafts.history import changes_since
from screening.drafts.merging import Merge, merge
from screening.drafts.models import Change, DraftChange, RuleSet
from screening.web.forms import OtherVersion

from .draft import TextsForm
from .formsets import PLACE, RowsField, is_empty
from .merge_results import MergeQuestion, MergeResult, OtherChange

Boxes: TypeAlias = dict[str, list[str]]
"""What a page sends, by the names of its boxes."""
Content: TypeAlias = dict[str, Any]
"""What a form says, by field."""
ValueIn: TypeAlias = Callable[[str], Callable[[Any], Any]]
"""For the name of a field, what finds its value in a row of the history."""


# What a form says ---------------------------------------------------------------------------------------------


def boxes_of(form: forms.BaseForm, name: str) -> Boxes:
    """What a page with this unbound form sends of one field."""
    bound, each = form[name], form.fields[name]
    value = bound.value()
    if isinstance(each, RowsField):
        typed = [{PLACE: str(number), **row} for number, row in enumerate(each.as_typed(value), start=1)]
        rows = [*typed, {PLACE: ""}]
        return {
            f"{bound.html_name}-{number}-{column}": [words]
            for number, row in enumerate(rows)
            for column, words in row.items()
        }
    if isinstance(each, forms.MultipleChoiceField):
        return {bound.html_name: [str(one) for one in value or ()]}
    return {bound.html_name: ["" if value is None else str(value)]}


def boxes_sent(sent: QueryDict, form: forms.BaseForm, name: str) -> Boxes:
    """What was sent of one field of a form."""
    own = form.add_prefix(name)
    if isinstance(form.fields[name], RowsField):
        return {key: words for key, words in sent.lists() if key.startswith(f"{own}-")}
    return {own: sent.getlist(own)}


def sent_of(*parts: Boxes) -> QueryDict:
    """Boxes as a page sends them."""
    sent = QueryDict(mutable=True)
    for boxes in parts:
        for key, words in boxes.items():
            sent.setlist(key, words)
    return sent


def content_of(form: forms.BaseForm, names: Iterable[str]) -> Content:
    """What a bound form says, whether or not it may be saved; what was not sent is left out."""
    content: Content = {}
    for name in names:
        each = form.fields.get(name)
        if each is None or each.widget.value_omitted_from_data(form.data, form.files, form.add_prefix(name)):
            continue
        typed = form[name].data
        try:
            value = each.clean(typed)
        except ValidationError:
            value = _squeezed(typed)
        content[name] = sorted(value) if isinstance(each, forms.MultipleChoiceField) else value
    return content


def content_shown(form: forms.BaseForm, names: Iterable[str]) -> Content:
    """What an unbound form says, read as if its page had been sent unchanged."""
    names = [name for name in names if name in form.fields]
    return content_of(filled(form, sent_of(*(boxes_of(form, name) for name in names))), names)


def filled(form: forms.BaseForm, sent: QueryDict) -> forms.BaseForm:
    """An unbound form with what was sent."""
    instance = {"instance": form.instance} if isinstance(form, forms.BaseModelForm) else {}
    return type(form)(sent, prefix=form.prefix, **instance)


def words_of(form: forms.BaseForm, name: str) -> tuple[str, ...]:
    """A field of an unbound form in words, line by line."""
    bound, each = form[name], form.fields[name]
    value = bound.value()
    if isinstance(each, RowsField):
        rows = each.rows(bound.html_name, each.as_typed(value), are_checked=False)
        return tuple(
            "; ".join(f"{cell.label}: {_in_words(cell.field, cell.value())}" for cell in row.cells if cell.value())
            for row in rows
        )
    if isinstance(each, forms.MultipleChoiceField):
        return tuple(_in_words(each, one) for one in value or ())
    return tuple(line for line in _in_words(each, value).split("\n") if line)


def _in_words(each: forms.Field, value: object) -> str:
    if isinstance(each, forms.ChoiceField):
        choices: Iterable[Any] = each.widget.choices
        return str({str(code): words for code, words in choices}.get(str(value or ""), value or ""))
    return "" if value is None else str(value)


def _squeezed(typed: Any) -> Any:
    """What has no value, so that spaces and empty rows make no difference."""
    if isinstance(typed, str):
        return " ".join(typed.split())
    if isinstance(typed, Mapping):
        return {column: _squeezed(words) for column, words in typed.items() if words.strip()}
    if isinstance(typed, Sequence):
        return [_squeezed(each) for each in typed if isinstance(each, str) or not is_empty(each)]
    return typed


# Who changed it -----------------------------------------------------------------------------------------------


class Changes:
    """What was saved since a page was opened, and by whom."""

    def __init__(self, made: Sequence[DraftChange]) -> None:
        self.made = made
        self._taken: dict[str, list[str]] = {}

    @property
    def base(self) -> Any:
        """The row as the page was opened with it; None where the history does not say."""
        return self.made[0].before if self.made else None

    def theirs(self, value_in: Callable[[Any], Any], words: tuple[str, ...] = ()) -> OtherVersion:
        """Who last changed something, with words for what they made of it."""
        by = self._last(value_in)
        return OtherVersion(self._name(by), by.at if by else None, words)

    def take(self, phrase: str, value_in: Callable[[Any], Any]) -> None:
        """Note that something of another person's is taken over."""
        self._taken.setdefault(self._name(self._last(value_in)), []).append(phrase)

    def take_fields(self, form: forms.BaseForm, found: MergedForm, value_in: ValueIn) -> None:
        """The same for the fields of a form."""
        for name in found.by_them:
            self.take(f"“{form[name].label}”", value_in(name))

    @property
    def taken(self) -> list[OtherChange]:
        """All of that, by person."""
        return [OtherChange(who, labels) for who, labels in self._taken.items()]

    def _last(self, value_in: Callable[[Any], Any]) -> DraftChange | None:
        if not self.made:
            return None
        changed = [each for each in self.made if value_in(each.before) != value_in(each.after)]
        return (changed or self.made)[-1]

    def _name(self, by: DraftChange | None) -> str:
        return by.by_name if by else "Somebody else"


def seen_revision(text: str) -> int:
    """The revision that a page carries; -1, which no row has, when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


# One form -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MergedForm:
    """The fields of one form, merged: boxes as a page would send them, and what is to be said of them."""

    boxes: Boxes
    by_them: tuple[str, ...]
    theirs: dict[str, OtherVersion]
    lost: list[str]


def merge_form(
    sent: QueryDict,
    opened: forms.BaseForm | None,
    stored: forms.BaseForm,
    names: Sequence[str],
    changes: Changes,
    value_in: ValueIn,
) -> MergedForm:
    """Merge what was sent of a form.

    ``opened`` and ``stored`` are the unbound form as the page showed it, None where that is not known, and as it
    would show it now.
    """
    base = content_shown(opened, names) if opened else {}
    theirs = content_shown(stored, names)
    typed = filled(opened or stored, sent)
    mine = {**(base if opened else theirs), **content_of(typed, names)}
    return put_together(sent, typed, stored, merge(base, theirs, mine), changes, value_in)


def put_together(
    sent: QueryDict,
    typed: forms.BaseForm,
    stored: forms.BaseForm,
    merged: Merge,
    changes: Changes,
    value_in: ValueIn,
) -> MergedForm:
    """The boxes that hold what was merged: those of ``typed`` where it is mine, those of ``stored`` elsewhere.

    Rows that the page did not show stay what they are.
    """
    is_mine = {*merged.mine, *merged.conflicts}
    boxes: Boxes = {}
    for name, each in stored.fields.items():
        if name in is_mine:
            boxes |= boxes_sent(sent, typed, name)
        elif name in merged.values and not (_is_stored(stored) and _is_folded(each, boxes_sent(sent, stored, name))):
            boxes |= boxes_of(stored, name)
    asked = [name for name in merged.conflicts if name in stored.fields]
    return MergedForm(
        boxes=boxes,
        by_them=tuple(name for name in merged.theirs if name in stored.fields),
        theirs={name: changes.theirs(value_in(name), words_of(stored, name)) for name in asked},
        lost=[name for name in is_mine if name not in stored.fields],
    )


def _is_stored(form: forms.BaseForm) -> bool:
    return isinstance(form, forms.BaseModelForm) and form.instance.pk is not None


def _is_folded(each: forms.Field, sent: Boxes) -> bool:
    return isinstance(each, RowsField) and not sent


def by_name(name: str) -> Callable[[Any], Any]:
    """Finds a field of a row in the history."""
    return lambda plain: plain.get(name)


def questions_of(form: forms.BaseForm, theirs: Mapping[str, OtherVersion], lead: str = "") -> list[MergeQuestion]:
    """What is to be asked about the fields of a form."""
    return [MergeQuestion(place_of(form, name), f"{lead}{form[name].label}", each) for name, each in theirs.items()]


def place_of(form: forms.BaseForm, name: str) -> str:
    """The id of what a link to a field leads to."""
    bound, widget = form[name], form.fields[name].widget
    if isinstance(form.fields[name], RowsField):
        return f"div_{bound.auto_id}"
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return widget.id_for_label(bound.auto_id, "0") if is_group else bound.id_for_label


# The texts of a draft -----------------------------------------------------------------------------------------


def merge_texts(sent: QueryDict, draft: RuleSet) -> MergeResult:
    """What was sent of a draft's own texts from a page of an earlier revision, merged with what they are now."""
    seen = seen_revision(sent.get("revision", ""))
    changes = Changes(changes_since(draft.pk, Change.TEXTS_CHANGED, None, seen))
    opened = TextsForm(initial=changes.base) if changes.base else None
    stored = TextsForm(initial=draft.texts())
    found = merge_form(sent, opened, stored, RuleSet.FIELDS, changes, by_name)
    changes.take_fields(stored, found, by_name)
    data = replaced(sent, [*RuleSet.FIELDS], found.boxes)
    data["revision"] = str(draft.revision)
    return MergeResult(data, found.theirs, questions_of(stored, found.theirs), changes.taken)


def replaced(sent: QueryDict, names: Iterable[str], boxes: Boxes) -> QueryDict:
    """What was sent, with other boxes for these fields."""
    data = sent.copy()
    for key in [*data]:
        if any(key == name or key.startswith(f"{name}-") for name in names):
            del data[key]
    for key, words in boxes.items():
        data.setlist(key, words)
    return data
