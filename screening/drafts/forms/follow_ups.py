"""The details asked after a yes, as an editor fills them in on the page of their rule."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from screening.clinical.rules import definition as rules
from screening.clinical.rules.definition import FOLLOW_UP_WORDS, Feeds, FollowUpKind
from screening.clinical.rules.labels import FEEDS_WORDS, by_code
from screening.clinical.rules.validation import MOST_FOLLOW_UPS, RESERVED_FOLLOW_UPS
from screening.clinical.text.phrases import counted
from screening.drafts.models import FollowUp
from screening.editions.models import Edition
from screening.web.fields import LONGEST_LINE, FollowUpLimit, OneOf, RuleCode, RuleText, WholeNumberField
from screening.web.forms import AppForm
from screening.web.layout import TemplatePart, wide

from .draft_row import SEEN, fixed, with_unchanged_lists
from .formsets import EMPTY_ROWS, BoundRows, Rows, moved_to
from .merge_results import FollowUpMerge
from .rule_formsets import CODE_PATTERN, CODE_SENTENCE, ChoiceRow, choices_field, fit

KINDS, FEEDS = by_code(FOLLOW_UP_WORDS), by_code(FEEDS_WORDS)
CELLS_ON_A_PAGE = 450
"""Cells of choices that a page may have, so that it is never more than a browser may send."""
FORMS_ON_A_PAGE = 3 * MOST_FOLLOW_UPS
_LISTS = (FollowUpKind.ONE, FollowUpKind.SEVERAL)
_KINDS_THAT_FEED = {
    Feeds.INTERVAL_KIND: (_LISTS, "The kind of opioid is chosen from a list."),
    Feeds.INTERVAL_START: ((FollowUpKind.DATE,), "An interval counts from a date."),
    Feeds.CHILD_PUGH: ((FollowUpKind.ONE,), "A point band is one of several choices."),
    Feeds.CHILD_PUGH_STATED: ((FollowUpKind.ONE,), "A class is stated by one of several choices."),
    Feeds.TIMES_UPPER_LIMIT: ((FollowUpKind.NUMBER,), "A multiple of an upper limit is a number."),
}


class FollowUpForm(AppForm, forms.ModelForm):
    """A detail asked after a yes. ``published`` are link ids that stay.

    The choices of those that are ``folded`` are no part of the form, nor are those that were not sent: they stay.
    ``note`` is what another editor did to the detail.
    """

    note: FollowUpMerge | None = None
    plainly_optional = ("place", "DELETE")

    label = RuleText(
        label="Asked as",
        max_length=LONGEST_LINE,
        help_text="The label on the form.",
        error_messages={"required": "Enter how it is asked."},
    )
    name = RuleText(
        label="Short name",
        max_length=LONGEST_LINE,
        help_text="On the result: “Last dose: 19 November 2026.”",
        error_messages={"required": "Enter the short name."},
    )
    link_id = RuleCode(
        label="Link id",
        pattern=CODE_PATTERN,
        sentence=CODE_SENTENCE,
        help_text="For programs, such as last-dose. Once published it stays.",
        error_messages={"required": "Enter a link id."},
    )
    kind = OneOf(KINDS, label="Kind of answer", sentence="Choose the kind of answer.")
    help = RuleText(label="Hint", rows=2, required=False, help_text="Below the label.")
    unit = RuleText(label="Unit", max_length=40, required=False, help_text="Of a number, such as mg/dL.")
    minimum = FollowUpLimit(label="Lowest number", required=False)
    maximum = FollowUpLimit(label="Highest number", required=False)
    feeds = OneOf(
        FEEDS,
        label="Used to work something out",
        sentence="Choose from the list.",
        empty_label="No, only shown",
        help_text="An interval needs one detail for the kind of opioid and one for the date.",
    )
    choices = choices_field()
    place = WholeNumberField(
        label="Place among the details", required=False, minimum=Decimal(1), maximum=Decimal(999)
    )

    class Meta:
        model = FollowUp
        fields = list(FollowUp.FIELDS)

    def __init__(
        self, *args: Any, published: Collection[str] = (), folded: Collection[int] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.is_moved, self.is_opened, self.number = False, False, 0
        choices = self["choices"]
        self.keeps_choices = self.instance.pk in folded or (self.is_bound and self.instance.pk and not choices.data)
        if self.instance.link_id in published:
            del self.fields["link_id"]
        if self.instance.pk is None:
            del self.fields["place"]
        if self.keeps_choices:
            del self.fields["choices"]
        elif isinstance(choices, BoundRows):
            fit(choices.field, choices.typed, self["feeds"].value())

    @property
    def layout(self) -> Layout:
        """What it is; under it, for one that is stored, its place and the box that removes it."""
        published, names = fixed("Link id", self.instance.link_id), [*wide("label"), "name"]
        fields = Div(
            *([*names, "link_id"] if "link_id" in self.fields else [published, *names]),
            *("kind", *wide("feeds", "help")),
            *(Field(name, wrapper_class="of-number") for name in ("unit", "minimum", "maximum")),
            *([] if self.keeps_choices else [Rows("choices", of=self.heading)]),
            css_class="fields",
        )
        is_cut = self.keeps_choices and self.instance.choices
        kept = [TemplatePart("screening/drafts/rule/choices_kept.html")] if is_cut else []
        place = [] if self.is_new else [Field("place", wrapper_class="place")]
        foot = [] if self.is_new and not self.note else [Div(*place, "DELETE", css_class="entry-foot")]
        return Layout("id", fields, *kept, *foot)

    @property
    def heading(self) -> str:
        """Its name, as it stands or is typed."""
        return str(self["name"].value() or f"Detail {self.number}")

    @property
    def summary(self) -> str:
        """What kind of answer it takes."""
        kind, count = KINDS.get(str(self["kind"].value()), ""), len(self.instance.choices)
        return f"{kind}, {counted(count, 'choice', 'choices')}" if count else kind

    @property
    def is_typed(self) -> bool:
        """True when something was typed in it that is not saved yet."""
        return self.is_bound and self.has_changed()

    @property
    def is_new(self) -> bool:
        """True for one that is not stored."""
        return self.instance.pk is None

    @property
    def link_id_now(self) -> str:
        """The link id that it has, or will have."""
        return str(self.cleaned_data.get("link_id") or self.instance.link_id)

    def asks_again(self, before: rules.FollowUp) -> bool:
        """True when it asks what a detail of an edition did."""
        typed = self.cleaned_data
        return (typed.get("kind"), typed.get("label")) == (before.kind, before.label)

    @property
    def wanted_place(self) -> float:
        """Where it belongs among the others; a new one comes last."""
        wanted: int = self.cleaned_data.get("place") or self.number
        return moved_to(wanted, self.number)

    def has_changed(self) -> bool:
        """True when it holds something else, or stands elsewhere."""
        return self.is_moved or super().has_changed()

    def clean_link_id(self) -> str:
        """A link id that is no other part of the answer."""
        link_id = str(self.cleaned_data["link_id"])
        if link_id in RESERVED_FOLLOW_UPS:
            raise ValidationError(f"“{link_id}” is taken by the reasons of an answer; choose another.")
        return link_id

    def clean(self) -> dict[str, Any]:
        """Choices belong to a list, and what is worked out needs an answer of the right kind."""
        typed = with_unchanged_lists(self, super().clean() or {})
        for name, sentence in self._faults(typed):
            self.add_error(name, sentence)
        return typed

    @property
    def _at_choices(self) -> str:
        return "kind" if self.keeps_choices else "choices"

    def _faults(self, typed: dict[str, Any]) -> Iterator[tuple[str, str]]:
        kind, feeds = typed.get("kind"), typed.get("feeds")
        choices = typed.get("choices", self.instance.choices)
        if kind in _LISTS and "choices" not in self.errors and not choices:
            yield self._at_choices, "Add at least one choice, or choose another kind of answer."
        if kind and kind not in _LISTS and choices:
            yield "kind", "This kind of answer takes no choices: remove them, or choose a list."
        low, high = typed.get("minimum"), typed.get("maximum")
        if low is not None and high is not None and low > high:
            yield "maximum", "This is below the lowest number."
        if kind and feeds:
            kinds, sentence = _KINDS_THAT_FEED[Feeds(feeds)]
            if kind not in kinds:
                yield "feeds", sentence


class FollowUpFormSet(forms.BaseInlineFormSet):
    """All details of a rule. ``opened`` is the one whose choices are shown where there are too many for one page."""

    def __init__(self, *args: Any, opened: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened = opened
        self.published = published_details(self.instance.link_id)
        self.form_kwargs = {"published": frozenset(self.published), "folded": self._folded(opened)}

    def add_fields(self, form: Any, index: int | None) -> None:
        """Each knows its place."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Remove this detail"
        form.number = (index or 0) + 1
        form.initial["place"] = form.number
        form.is_opened = str(form.instance.pk) == self.opened

    @property
    def kept(self) -> list[FollowUpForm]:
        """The details that the rule will have, in the order in which they were sent."""
        first_new = self.initial_form_count()
        forms: list[Any] = self.forms
        filled = [form for form in forms if form.number <= first_new or form.has_changed()]
        return [form for form in filled if not form.cleaned_data.get("DELETE")]

    def clean(self) -> None:
        """There are not too many, each has a link id of its own, and they stand in their order."""
        kept = self.kept
        if kept and self.instance.is_raised_by_list:
            raise ValidationError("A rule that nobody is asked takes no details: remove them.")
        if len(kept) > MOST_FOLLOW_UPS:
            raise ValidationError(f"There are {len(kept)} details; after a yes ask at most {MOST_FOLLOW_UPS}.")
        if self.data.get(SEEN) == str(self.instance.revision) or self.instance.pk is None:
            stored = dict(self.instance.follow_ups.values_list("link_id", "pk")) if self.instance.pk else {}
            for form in kept:
                self._refuse_taken(form, kept, stored)
        for position, form in enumerate(sorted(kept, key=lambda form: form.wanted_place)):
            form.is_moved = form.instance.position != position
            form.instance.position = position

    def _refuse_taken(self, form: FollowUpForm, kept: list[FollowUpForm], stored: dict[str, int]) -> None:
        """Link ids are changed one by one: the database, too, holds each once a rule at any moment."""
        link_id = form.cleaned_data.get("link_id")
        others = {each.link_id_now for each in kept if each is not form}
        if link_id and (link_id in others or stored.get(link_id, form.instance.pk) != form.instance.pk):
            form.add_error("link_id", f"Another detail has the link id “{link_id}”; choose another.")
        elif link_id in self.published and not form.asks_again(self.published[link_id][1]):
            number, before = self.published[link_id]
            form.add_error(
                "link_id",
                f"In edition {number} “{link_id}” asked “{before.label}”, and it is never used for anything else: "
                "ask the same as then, or choose another.",
            )

    def _folded(self, opened: str) -> frozenset[int]:
        """The details whose choices are not shown, because all of them would be too many for one page."""
        if self.is_bound or self.instance.pk is None:
            return frozenset()
        cells = {
            each.pk: (len(each.choices) + EMPTY_ROWS) * len(ChoiceRow.base_fields) for each in self.get_queryset()
        }
        if sum(cells.values()) <= CELLS_ON_A_PAGE:
            return frozenset()
        return frozenset(pk for pk in cells if str(pk) != opened)


def published_details(link_id: str) -> dict[str, tuple[int, rules.FollowUp]]:
    """Every detail that an edition ever asked after a yes to a rule, with the number of the last that did."""
    return {
        each.link_id: (edition.number, each)
        for edition in Edition.objects.oldest_first()
        for item in edition.definition.items
        if item.link_id == link_id
        for each in item.follow_ups
    }


def numbers_sent(sent: QueryDict, prefix: str) -> range:
    """The numbers of the details that were sent."""
    total = sent.get(f"{prefix}-TOTAL_FORMS", "")
    return range(min(int(total), FORMS_ON_A_PAGE) if re.fullmatch("[0-9]{1,4}", total) else 0)


def with_stored_first(sent: QueryDict, prefix: str, stored: Collection[str]) -> QueryDict:
    """What was sent of the details, numbered anew: the stored ones come first; one that is gone counts as new."""
    numbers = numbers_sent(sent, prefix)
    known = [number for number in numbers if sent.get(f"{prefix}-{number}-id") in stored]
    order = [*known, *(number for number in numbers if number not in known)]
    moved = QueryDict(mutable=True)
    for key, values in sent.lists():
        found = re.fullmatch(rf"{re.escape(prefix)}-([0-9]{{1,4}})-(.+)", key)
        if found is None:
            moved.setlist(key, values)
        elif int(found[1]) in order and not (found[2] == "id" and int(found[1]) not in known):
            moved.setlist(f"{prefix}-{order.index(int(found[1]))}-{found[2]}", values)
    if numbers:
        moved[f"{prefix}-TOTAL_FORMS"], moved[f"{prefix}-INITIAL_FORMS"] = str(len(order)), str(len(known))
    return moved
