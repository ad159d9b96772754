"""The form of a follow-up of a rule: a detail asked when the rule is answered yes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crispy_forms.layout import Field, Fieldset, Layout
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules import definition as rules
from screening.clinical.rules.definition import FOLLOW_UP_WORDS, Feeds, FollowUpKind
from screening.clinical.rules.labels import FEEDS_WORDS, by_code
from screening.clinical.rules.validation import MOST_FOLLOW_UPS, RESERVED_FOLLOW_UPS
from screening.drafts.models import FollowUp
from screening.editions.models import Edition
from screening.web.fields import LONGEST_LINE, FollowUpLimit, OneOf, RuleCode, RuleText
from screening.web.languages import as_rule_text
from screening.web.layout import wide

from .choice_columns import columns_for, columns_with_text
from .lists import CODE_PATTERN, CODE_SENTENCE, ChoiceFormSet
from .rows import DraftRowForm, duplicate, fixed_field

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

KINDS = {code: _(words) for code, words in by_code(FOLLOW_UP_WORDS).items()}
FEEDS = {code: _(words) for code, words in by_code(FEEDS_WORDS).items()}
_WITH_CHOICES = (FollowUpKind.ONE, FollowUpKind.SEVERAL)
_KINDS_THAT_FEED = {
    Feeds.INTERVAL_KIND: (_WITH_CHOICES, _("For the kind of opioid, use one or several choices.")),
    Feeds.INTERVAL_START: ((FollowUpKind.DATE,), _("For the start of an interval, use a date.")),
    Feeds.CHILD_PUGH: ((FollowUpKind.ONE,), _("For a point band, use one choice.")),
    Feeds.CHILD_PUGH_STATED: ((FollowUpKind.ONE,), _("For a stated class, use one choice.")),
    Feeds.TIMES_UPPER_LIMIT: ((FollowUpKind.NUMBER,), _("For a multiple of an upper limit, use a number.")),
}


class FollowUpForm(DraftRowForm):
    """The form of a follow-up. Its link id cannot be edited once an edition has it."""

    label = RuleText(
        label=_("Asked as"),
        max_length=LONGEST_LINE,
        help_text=_("The label on the form."),
        error_messages={"required": _("Enter how it is asked.")},
    )
    name = RuleText(
        label=_("Short name"),
        max_length=LONGEST_LINE,
        help_text=_("On the result: “Last dose: 19 November 2026.”"),
        error_messages={"required": _("Enter the short name.")},
    )
    link_id = RuleCode(
        label=_("Link id"),
        pattern=CODE_PATTERN,
        sentence=CODE_SENTENCE,
        help_text=_("Used by programs, for example last-dose. It cannot be changed once it is published."),
        error_messages={"required": _("Enter a link id.")},
    )
    help = RuleText(label=_("Hint"), rows=2, required=False, help_text=_("Shown below the label."))
    kind = OneOf(KINDS, label=_("Kind of answer"), sentence=_("Choose the kind of answer."))
    unit = RuleText(label=_("Unit"), max_length=40, required=False, help_text=_("Of a number, for example mg/dL."))
    minimum = FollowUpLimit(label=_("Lowest number"), required=False)
    maximum = FollowUpLimit(label=_("Highest number"), required=False)
    feeds = OneOf(
        FEEDS,
        label=_("Used in a calculation"),
        sentence=_("Choose from the list."),
        empty_label=_("No, only displayed"),
        help_text=_("An interval needs one detail with the kind of opioid and one with the date."),
    )

    class Meta:
        model = FollowUp
        fields = ["label", "name", "link_id", "help", "kind", "feeds", "unit", "minimum", "maximum"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.published = published_follow_ups(self.instance.rule.link_id)
        if self.instance.link_id in self.published:
            del self.fields["link_id"]
        columns, required = columns_for(self["feeds"].value())
        only = columns | columns_with_text(self.rows_with_text("choices", ChoiceFormSet))
        self.add_list("choices", ChoiceFormSet, only=only, required=required)

    @property
    def layout(self) -> Layout:
        """The two sections of the form."""
        published = fixed_field(
            gettext("Link id"),
            as_rule_text(self.instance.link_id),
            gettext("It is published, so it cannot be changed."),
        )
        link_id = "link_id" if "link_id" in self.fields else published
        numbers = (Field(name, wrapper_class="of-number") for name in ("unit", "minimum", "maximum"))
        return Layout(
            Fieldset(
                gettext("What is asked"),
                *wide("label"),
                "name",
                link_id,
                *wide("help"),
                css_id="detail",
                css_class="edits",
            ),
            Fieldset(
                *(gettext("The answer"), "kind", *wide("feeds"), *numbers, self.list_part("choices")),
                css_id="answer",
                css_class="edits detail-answer",
            ),
        )

    def clean_link_id(self) -> str:
        """Refuse a link id that is reserved, in use, or was published for something else."""
        link_id, siblings = str(self.cleaned_data["link_id"]), self.instance.rule.follow_ups
        if link_id in RESERVED_FOLLOW_UPS:
            sentence = gettext("“{link_id}” is used for the reason of an answer; choose another link id.")
            raise ValidationError(sentence.format(link_id=link_id))
        if siblings.filter(link_id=link_id).exclude(pk=self.instance.pk).exists():
            sentence = gettext("Another detail has the link id “{link_id}”; choose another.")
            raise duplicate(sentence.format(link_id=link_id))
        return link_id

    def clean(self) -> dict[str, Any]:
        """Check that kind, choices, limits, calculation and link id fit together."""
        cleaned = super().clean()
        for name, message in self._errors_across_fields(cleaned):
            self.add_error(name, message)
        if not self.instance.pk and self.instance.rule.follow_ups.count() >= MOST_FOLLOW_UPS:
            sentence = gettext("The rule has {count} details, and can have no more.")
            self.add_error(None, sentence.format(count=MOST_FOLLOW_UPS))
        return cleaned

    def _errors_across_fields(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, StrOrPromise]]:
        kind, feeds, choices = cleaned.get("kind"), cleaned.get("feeds"), self.lists["choices"].entries
        if kind in _WITH_CHOICES and choices == []:
            yield "kind", gettext("Add at least one choice, or choose another kind of answer.")
        if kind and kind not in _WITH_CHOICES and choices:
            yield (
                "kind",
                gettext("This kind of answer has no choices: remove them, or choose a kind with choices."),
            )
        low, high = cleaned.get("minimum"), cleaned.get("maximum")
        if low is not None and high is not None and low > high:
            yield "maximum", gettext("This is below the lowest number.")
        if kind and feeds:
            kinds, message = _KINDS_THAT_FEED[Feeds(feeds)]
            if kind not in kinds:
                yield "feeds", message
        number, published = self.published.get(cleaned.get("link_id", ""), (0, None))
        if published and (kind, cleaned.get("label")) != (published.kind, published.label):
            sentence = gettext(
                "In edition {number} “{link_id}” was used for “{label}”. A link id is never reused for something "
                "else: use the same kind and label, or choose another link id."
            )
            yield (
                "link_id",
                sentence.format(number=number, link_id=published.link_id, label=published.label),
            )


def published_follow_ups(link_id: str) -> dict[str, tuple[int, rules.FollowUp]]:
    """Return every follow-up that an edition had for a rule, by link id, with the number of the last edition."""
    return {
        each.link_id: (edition.number, each)
        for edition in Edition.objects.oldest_first()
        for item in edition.definition.items
        if item.link_id == link_id
        for each in item.follow_ups
    }
