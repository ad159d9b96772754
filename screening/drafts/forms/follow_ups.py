"""The formset of a rule's follow-ups: the details asked when the rule is answered yes."""

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

from .draft_row import VERSION_FIELD, keep_unchanged_lists, read_only_field
from .formsets import EMPTY_ROWS, BoundRows, RowsLayout, sort_key_of
from .merge_results import FollowUpMergeResult
from .rule_formsets import CODE_PATTERN, CODE_SENTENCE, ChoiceRow, choices_field, set_columns

KINDS, FEEDS = by_code(FOLLOW_UP_WORDS), by_code(FEEDS_WORDS)
MOST_CHOICE_INPUTS = 450
"""The most inputs for choices on one page. It keeps a page below the 1,000 fields that the server accepts."""
MOST_FORMS = 3 * MOST_FOLLOW_UPS
"""The most follow-up forms that are read from submitted data."""
_WITH_CHOICES = (FollowUpKind.ONE, FollowUpKind.SEVERAL)
_KINDS_THAT_FEED = {
    Feeds.INTERVAL_KIND: (_WITH_CHOICES, "For the kind of opioid, use one or several choices."),
    Feeds.INTERVAL_START: ((FollowUpKind.DATE,), "For the start of an interval, use a date."),
    Feeds.CHILD_PUGH: ((FollowUpKind.ONE,), "For a point band, use one choice."),
    Feeds.CHILD_PUGH_STATED: ((FollowUpKind.ONE,), "For a stated class, use one choice."),
    Feeds.TIMES_UPPER_LIMIT: ((FollowUpKind.NUMBER,), "For a multiple of an upper limit, use a number."),
}


class FollowUpForm(AppForm, forms.ModelForm):
    """The form of a follow-up.

    ``published`` are the link ids that cannot be edited. ``without_choices`` are the primary keys of follow-ups whose
    choices the page does not show; these choices, and those that were not submitted, stay as stored.
    ``merge_result`` has the conflicts with another editor's version.
    """

    merge_result: FollowUpMergeResult | None = None
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
        help_text="Used by programs, for example last-dose. It cannot be changed once it is published.",
        error_messages={"required": "Enter a link id."},
    )
    kind = OneOf(KINDS, label="Kind of answer", sentence="Choose the kind of answer.")
    help = RuleText(label="Hint", rows=2, required=False, help_text="Shown below the label.")
    unit = RuleText(label="Unit", max_length=40, required=False, help_text="Of a number, for example mg/dL.")
    minimum = FollowUpLimit(label="Lowest number", required=False)
    maximum = FollowUpLimit(label="Highest number", required=False)
    feeds = OneOf(
        FEEDS,
        label="Used in a calculation",
        sentence="Choose from the list.",
        empty_label="No, only displayed",
        help_text="An interval needs one detail with the kind of opioid and one with the date.",
    )
    choices = choices_field()
    place = WholeNumberField(
        label="Place among the details", required=False, minimum=Decimal(1), maximum=Decimal(999)
    )

    class Meta:
        model = FollowUp
        fields = list(FollowUp.FIELDS)

    def __init__(
        self, *args: Any, published: Collection[str] = (), without_choices: Collection[int] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.is_moved, self.is_expanded, self.number = False, False, 0
        choices = self["choices"]
        not_submitted = self.is_bound and self.instance.pk and not choices.data
        self.keeps_choices = self.instance.pk in without_choices or not_submitted
        if self.instance.link_id in published:
            del self.fields["link_id"]
        if self.instance.pk is None:
            del self.fields["place"]
        if self.keeps_choices:
            del self.fields["choices"]
        elif isinstance(choices, BoundRows):
            set_columns(choices.field, choices.filled_rows, self["feeds"].value())

    @property
    def layout(self) -> Layout:
        """The fields; a stored follow-up also has its place and the checkbox to remove it."""
        published, names = read_only_field("Link id", self.instance.link_id), [*wide("label"), "name"]
        fields = Div(
            *([*names, "link_id"] if "link_id" in self.fields else [published, *names]),
            *("kind", *wide("feeds", "help")),
            *(Field(name, wrapper_class="of-number") for name in ("unit", "minimum", "maximum")),
            *([] if self.keeps_choices else [RowsLayout("choices", parent=self.heading)]),
            css_class="fields",
        )
        hides_choices = self.keeps_choices and self.instance.choices
        link = [TemplatePart("screening/drafts/rule/choices_kept.html")] if hides_choices else []
        place = [] if self.is_new else [Field("place", wrapper_class="place")]
        foot = [] if self.is_new and not self.merge_result else [Div(*place, "DELETE", css_class="entry-foot")]
        return Layout("id", fields, *link, *foot)

    @property
    def heading(self) -> str:
        """The short name, as submitted or stored."""
        return str(self["name"].value() or f"Detail {self.number}")

    @property
    def summary(self) -> str:
        """The kind of answer, with the number of choices."""
        kind, count = KINDS.get(str(self["kind"].value()), ""), len(self.instance.choices)
        return f"{kind}, {counted(count, 'choice', 'choices')}" if count else kind

    @property
    def has_unsaved_changes(self) -> bool:
        """True if the submitted data differs from the stored follow-up."""
        return self.is_bound and self.has_changed()

    @property
    def is_new(self) -> bool:
        """True if the follow-up is not stored yet."""
        return self.instance.pk is None

    @property
    def cleaned_link_id(self) -> str:
        """The link id that the follow-up has after saving."""
        return str(self.cleaned_data.get("link_id") or self.instance.link_id)

    def asks_the_same_as(self, published: rules.FollowUp) -> bool:
        """True if the kind and the label are those of a published follow-up."""
        cleaned = self.cleaned_data
        return (cleaned.get("kind"), cleaned.get("label")) == (published.kind, published.label)

    @property
    def sort_key(self) -> float:
        """The position among the others, by the submitted place. A new follow-up comes last."""
        place: int = self.cleaned_data.get("place") or self.number
        return sort_key_of(place, self.number)

    def has_changed(self) -> bool:
        """True if a field or the position changed."""
        return self.is_moved or super().has_changed()

    def clean_link_id(self) -> str:
        """Refuse a link id that the answer uses for its own reasons."""
        link_id = str(self.cleaned_data["link_id"])
        if link_id in RESERVED_FOLLOW_UPS:
            raise ValidationError(f"“{link_id}” is used for the reason of an answer; choose another link id.")
        return link_id

    def clean(self) -> dict[str, Any]:
        """Check that kind, choices, limits and calculation fit together."""
        cleaned = keep_unchanged_lists(self, super().clean() or {})
        for name, message in self._errors_across_fields(cleaned):
            self.add_error(name, message)
        return cleaned

    def _errors_across_fields(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, str]]:
        kind, feeds = cleaned.get("kind"), cleaned.get("feeds")
        choices = cleaned.get("choices", self.instance.choices)
        if kind in _WITH_CHOICES and "choices" not in self.errors and not choices:
            name = "kind" if self.keeps_choices else "choices"
            yield name, "Add at least one choice, or choose another kind of answer."
        if kind and kind not in _WITH_CHOICES and choices:
            yield "kind", "This kind of answer has no choices: remove them, or choose a kind with choices."
        low, high = cleaned.get("minimum"), cleaned.get("maximum")
        if low is not None and high is not None and low > high:
            yield "maximum", "This is below the lowest number."
        if kind and feeds:
            kinds, message = _KINDS_THAT_FEED[Feeds(feeds)]
            if kind not in kinds:
                yield "feeds", message


class FollowUpFormSet(forms.BaseInlineFormSet):
    """All follow-ups of a rule.

    If there are too many choices for one page, only the follow-up with the primary key ``expanded`` shows its own.
    """

    def __init__(self, *args: Any, expanded: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expanded = expanded
        self.published = published_follow_ups(self.instance.link_id)
        self.form_kwargs = {"published": frozenset(self.published), "without_choices": self._without_choices()}

    def add_fields(self, form: Any, index: int | None) -> None:
        """Number each form, and give it its initial place."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Remove this detail"
        form.number = (index or 0) + 1
        form.initial["place"] = form.number
        form.is_expanded = str(form.instance.pk) == self.expanded

    @property
    def remaining_forms(self) -> list[FollowUpForm]:
        """The forms of the follow-ups that the rule will have, as submitted."""
        first_new = self.initial_form_count()
        forms: list[Any] = self.forms
        filled = [form for form in forms if form.number <= first_new or form.has_changed()]
        return [form for form in filled if not form.cleaned_data.get("DELETE")]

    def clean(self) -> None:
        """Check the number of follow-ups and their link ids, and set their positions."""
        remaining = self.remaining_forms
        if remaining and self.instance.is_raised_by_list:
            raise ValidationError("A rule that is not asked as a question has no details: remove them.")
        if len(remaining) > MOST_FOLLOW_UPS:
            raise ValidationError(f"There are {len(remaining)} details; use at most {MOST_FOLLOW_UPS}.")
        if self.data.get(VERSION_FIELD) == str(self.instance.revision) or self.instance.pk is None:
            stored = dict(self.instance.follow_ups.values_list("link_id", "pk")) if self.instance.pk else {}
            for form in remaining:
                self._check_link_id(form, remaining, stored)
        for position, form in enumerate(sorted(remaining, key=lambda form: form.sort_key)):
            form.is_moved = form.instance.position != position
            form.instance.position = position

    def _check_link_id(self, form: FollowUpForm, remaining: list[FollowUpForm], stored: dict[str, int]) -> None:
        """Refuse a link id in use, or published for another question.

        Two follow-ups cannot swap link ids in one step: rows are saved one by one, and link ids are unique.
        """
        link_id = form.cleaned_data.get("link_id")
        others = {each.cleaned_link_id for each in remaining if each is not form}
        if link_id and (link_id in others or stored.get(link_id, form.instance.pk) != form.instance.pk):
            form.add_error("link_id", f"Another detail has the link id “{link_id}”; choose another.")
        elif link_id in self.published and not form.asks_the_same_as(self.published[link_id][1]):
            number, published = self.published[link_id]
            form.add_error(
                "link_id",
                f"In edition {number} “{link_id}” was used for “{published.label}”. A link id is never reused for "
                "something else: use the same kind and label, or choose another link id.",
            )

    def _without_choices(self) -> frozenset[int]:
        """Return the primary keys of the follow-ups whose choices are not shown, to keep the page small enough."""
        if self.is_bound or self.instance.pk is None:
            return frozenset()
        inputs = {
            each.pk: (len(each.choices) + EMPTY_ROWS) * len(ChoiceRow.base_fields) for each in self.get_queryset()
        }
        if sum(inputs.values()) <= MOST_CHOICE_INPUTS:
            return frozenset()
        return frozenset(pk for pk in inputs if str(pk) != self.expanded)


def published_follow_ups(link_id: str) -> dict[str, tuple[int, rules.FollowUp]]:
    """Return every follow-up that an edition had for a rule, by link id, with the number of the last edition."""
    return {
        each.link_id: (edition.number, each)
        for edition in Edition.objects.oldest_first()
        for item in edition.definition.items
        if item.link_id == link_id
        for each in item.follow_ups
    }


def submitted_form_numbers(data: QueryDict, prefix: str) -> range:
    """Return the numbers of the submitted follow-up forms, by their management form."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    return range(min(int(total), MOST_FORMS) if re.fullmatch("[0-9]{1,4}", total) else 0)


def with_stored_first(data: QueryDict, prefix: str, stored: Collection[str]) -> QueryDict:
    """Return the data with the follow-up forms renumbered, those of stored follow-ups first, as a formset expects.

    ``stored`` are primary keys. A follow-up that is no longer stored counts as a new one.
    """
    numbers = submitted_form_numbers(data, prefix)
    known = [number for number in numbers if data.get(f"{prefix}-{number}-id") in stored]
    order = [*known, *(number for number in numbers if number not in known)]
    renumbered = QueryDict(mutable=True)
    for key, values in data.lists():
        match = re.fullmatch(rf"{re.escape(prefix)}-([0-9]{{1,4}})-(.+)", key)
        if match is None:
            renumbered.setlist(key, values)
            continue
        number, name = int(match[1]), match[2]
        if number in order and not (name == "id" and number not in known):
            renumbered.setlist(f"{prefix}-{order.index(number)}-{name}", values)
    if numbers:
        renumbered[f"{prefix}-TOTAL_FORMS"] = str(len(order))
        renumbered[f"{prefix}-INITIAL_FORMS"] = str(len(known))
    return renumbered
