"""The form of a rule of the draft, without its follow-ups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout, LayoutObject
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules.definition import Trigger
from screening.clinical.rules.labels import LISTED_WORDS, RULE_LABELS, SEVERITY_WORDS, TRIGGER_WORDS, by_code
from screening.clinical.rules.validation import RESERVED_LINK_IDS
from screening.clinical.text.dates import EXAMPLE
from screening.drafts.models import Rule
from screening.editions.models import Edition
from screening.web.date_fields import DateField
from screening.web.fields import LONGEST_LINE, OneOf, RuleCode, RuleText, WholeNumberField
from screening.web.languages import as_rule_text
from screening.web.layout import TemplatePart, WithUnit, wide

from .choice_columns import columns_with_text
from .lists import MOST_DAYS, ReasonFormSet, SourceFormSet
from .rows import DraftRowForm, duplicate, fixed_field

EARLIEST_REVIEW, LATEST_REVIEW = date(2000, 1, 1), date(2099, 12, 31)
YEAR_MESSAGE = format_lazy(_("Check the year. Enter day, month in letters, year: {example}."), example=EXAMPLE)
LINK_ID_PATTERN = r"[a-z][a-z0-9-]{0,26}"
LINK_ID_SENTENCE = _(
    "Use lower-case letters, digits and hyphens, at most 27 characters, and begin with a letter: "
    "for example renal-impairment."
)

CHECKED_BY_HELP = _(
    "A clinician confirms the review of the published rule on the page of its edition. Saving a change to the text "
    "clears this."
)

PARTS = {"asked": _("What is asked"), "flagged": _("When it is flagged"), "grounds": _("Grounds")}
"""The headings of the form's sections by HTML id."""


def _capitalized(label: str) -> str:
    return gettext(label).capitalize()


class RuleForm(DraftRowForm):
    """The form of a rule. Its link id cannot be edited once an edition has it.

    ``preview`` is the context of the preview of its question, if the page shows one.
    """

    preview: Mapping[str, object] | None = None

    name = RuleText(
        label=_(RULE_LABELS["name"]),
        max_length=LONGEST_LINE,
        is_heading=True,
        help_text=_("A noun with a lower-case first letter, as in “Contraindication flagged: opioid use”."),
        error_messages={"required": _("Enter the name.")},
    )
    link_id = RuleCode(
        label=_(RULE_LABELS["link_id"]),
        pattern=LINK_ID_PATTERN,
        sentence=LINK_ID_SENTENCE,
        help_text=_("Used by programs, for example renal-impairment. It cannot be changed once it is published."),
        error_messages={"required": _("Enter a link id.")},
    )
    question = RuleText(
        label=_(RULE_LABELS["question"]),
        rows=3,
        is_heading=True,
        help_text=_("As it is read aloud to the patient. Include the period, for example “in the past 14 days”."),
        error_messages={"required": _("Enter the question.")},
    )
    help = RuleText(
        label=_(RULE_LABELS["help"]),
        rows=3,
        required=False,
        help_text=_("Shown below the question. Use plain words."),
    )
    holds_days = WholeNumberField(
        label=_(RULE_LABELS["holds_days"]),
        minimum=Decimal(0),
        maximum=MOST_DAYS,
        unit=_("days"),
        help_text=_("Enter 0 to ask again at every screening."),
        error_messages={"required": _("Enter how many days an answer holds, or 0 to ask every time.")},
    )
    trigger = OneOf(
        {code: _(words) for code, words in by_code(TRIGGER_WORDS).items()},
        label=_(RULE_LABELS["trigger"]),
        sentence=_("Choose what flags it."),
        radio=True,
        help_text=_("A rule that only a medication list flags is not asked as a question."),
    )
    listed = OneOf(
        {code: lazy(_capitalized, str)(words) for code, words in by_code(LISTED_WORDS).items()},
        label=_("What flags it in a medication list"),
        sentence=_("Choose from the list."),
        empty_label=_("Nothing in a list"),
        radio=True,
        help_text=_("A current medicine of this kind in a pasted list flags the rule, whatever the answer is."),
    )
    severity = OneOf(
        {code: _(words) for code, words in by_code(SEVERITY_WORDS).items()},
        label=_(RULE_LABELS["severity"]),
        sentence=_("Choose the severity."),
        radio=True,
        help_text=_("Contraindicated and avoid both flag a contraindication; caution is milder."),
    )
    severity_words = RuleText(
        label=_(RULE_LABELS["severity_words"]),
        max_length=LONGEST_LINE,
        is_heading=True,
        help_text=_("As precisely as the sources say: “Avoid: impact not fully established”."),
        error_messages={"required": _("Enter the severity in words.")},
    )
    finding = RuleText(
        label=_(RULE_LABELS["finding"]),
        max_length=LONGEST_LINE,
        is_heading=True,
        help_text=_("The title of the flag, without a full stop."),
        error_messages={"required": _("Enter the finding.")},
    )
    next_step = RuleText(
        label=_(RULE_LABELS["next_step"]),
        rows=3,
        help_text=_("What to do when the answer is yes. The prescriber decides."),
        error_messages={"required": _("Enter the next step.")},
    )
    find_out = RuleText(
        label=_(RULE_LABELS["find_out"]),
        rows=3,
        help_text=_("What to do when the answer is not known."),
        error_messages={"required": _("Enter how to find out.")},
    )
    why = RuleText(
        label=_(RULE_LABELS["why"]),
        rows=3,
        help_text=_("Shown on the form and beside the flag. Write “not established” where nothing more is known."),
        error_messages={"required": _("Enter why it matters.")},
    )
    authored_by = RuleText(
        label=_(RULE_LABELS["authored_by"]),
        max_length=LONGEST_LINE,
        help_text=_("Who is responsible for the text."),
        error_messages={"required": _("Enter who wrote it.")},
    )
    next_review = DateField(
        earliest=EARLIEST_REVIEW,
        latest=LATEST_REVIEW,
        label=_(RULE_LABELS["next_review"]),
        help_text=format_lazy(
            _("Day, month in letters, year: {example}. After it every result says that the review is overdue."),
            example=EXAMPLE,
        ),
        error_messages={
            "required": format_lazy(_("Enter the date of the next review: {example}."), example=EXAMPLE),
            "too_early": YEAR_MESSAGE,
            "too_late": YEAR_MESSAGE,
        },
    )

    class Meta:
        model = Rule
        fields = [
            *("name", "link_id", "question", "help", "holds_days"),
            *("trigger", "listed", "severity", "severity_words", "finding", "next_step", "find_out"),
            *("why", "authored_by", "next_review"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.link_id in Edition.objects.link_ids():
            del self.fields["link_id"]
        self.add_list("sources", SourceFormSet)
        if not self.instance.is_raised_by_list:
            only = columns_with_text(self.rows_with_text("not_applicable_reasons", ReasonFormSet))
            self.add_list("not_applicable_reasons", ReasonFormSet, only=only)

    @property
    def layout(self) -> Layout:
        """The three sections of the form."""
        published = fixed_field(
            gettext(RULE_LABELS["link_id"]),
            as_rule_text(self.instance.link_id),
            gettext("It is published, so it cannot be changed."),
        )
        link_id = "link_id" if "link_id" in self.fields else published
        reasons = [self.list_part(name) for name in self.lists if name != "sources"]
        preview = [TemplatePart("screening/drafts/rule/preview.html", **self.preview)] if self.preview else []
        asked = self._part(
            "asked", "name", link_id, *wide("question", "help"), WithUnit("holds_days", gettext("days")), *reasons
        )
        flagged = self._part(
            "flagged",
            *wide("trigger", "listed", "severity"),
            *("severity_words", "finding"),
            *wide("next_step", "find_out"),
        )
        return Layout(
            Div(Div(asked, *preview, css_class="stack"), flagged, css_class="side-by-side"),
            self._part(
                "grounds",
                *wide("why"),
                self.list_part("sources"),
                *("authored_by", "next_review"),
                *self._checked_by(),
            ),
        )

    def _part(self, name: str, *fields: str | LayoutObject) -> Fieldset:
        return Fieldset(PARTS[name], *fields, css_id=name, css_class="edits")

    def _checked_by(self) -> list[TemplatePart]:
        words = as_rule_text(self.instance.checked_by) or gettext("Nobody yet")
        checked_by = fixed_field(gettext(RULE_LABELS["checked_by"]), words, str(CHECKED_BY_HELP))
        return [checked_by] if self.instance.pk else []

    def clean_link_id(self) -> str:
        """Refuse a link id that a form field, an edition or another rule of the draft has."""
        link_id = str(self.cleaned_data["link_id"])
        if link_id in RESERVED_LINK_IDS:
            sentence = gettext("“{link_id}” is a field name of the screening form; choose another link id.")
            raise ValidationError(sentence.format(link_id=link_id))
        if number := Edition.objects.link_ids().get(link_id):
            sentence = gettext(
                "“{link_id}” was used by edition {number} and is never reused; "
                "restore that rule instead, or choose another link id."
            )
            raise ValidationError(sentence.format(link_id=link_id, number=number))
        if Rule.objects.filter(rule_set__is_open=True, link_id=link_id).exclude(pk=self.instance.pk).exists():
            sentence = gettext("The draft already has a rule “{link_id}”; choose another link id.")
            raise duplicate(sentence.format(link_id=link_id))
        return link_id

    def clean(self) -> dict[str, Any]:
        """Check a rule that only a medication list flags: it needs a kind of medicine, and nothing is asked."""
        cleaned = super().clean()
        if cleaned.get("trigger") == Trigger.FOUND_IN_LIST:
            if "listed" in cleaned and not cleaned["listed"]:
                self.add_error(
                    "listed", gettext("Choose which medicines flag this rule; without them nothing flags it.")
                )
            if self.instance.not_applicable_reasons:
                self.add_error(
                    "trigger", gettext("Such a rule is not asked: first remove its reasons for “not applicable”.")
                )
            if self.instance.pk and self.instance.follow_ups.exists():
                self.add_error("trigger", gettext("Such a rule is not asked: first remove its details."))
        return cleaned
