"""A rule of the draft as an editor fills it in; its details are in ``details``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Fieldset, Layout, LayoutObject
from django.core.exceptions import ValidationError

from screening.clinical.rules.definition import Trigger
from screening.clinical.rules.labels import LISTED_WORDS, RULE_LABELS, SEVERITY_WORDS, TRIGGER_WORDS, by_code
from screening.clinical.rules.validation import RESERVED_LINK_IDS
from screening.clinical.text.dates import EXAMPLE
from screening.drafts.models import Rule
from screening.editions.models import Edition
from screening.web.fields import LONGEST_LINE, DateField, OneOf, RuleCode, RuleText, WholeNumberField
from screening.web.layout import TemplatePart, WithUnit, wide

from .draft_row import TAKEN, DraftRowForm, fixed
from .formsets import BoundRows, Rows
from .rule_formsets import MOST_DAYS, fit, reasons_field, sources_field

EARLIEST_REVIEW, LATEST_REVIEW = date(2000, 1, 1), date(2099, 12, 31)
SLIP_OF_THE_YEAR = f"The year cannot be right. Write day, month in letters, year: {EXAMPLE}."
LINK_ID_PATTERN = r"[a-z][a-z0-9-]{0,26}"
LINK_ID_SENTENCE = (
    "Use small letters, figures and dashes, beginning with a letter, at most 27 characters: such as renal-impairment."
)

HOW_IT_IS_CHECKED = (
    "A clinician signs the published rule on the page of its edition. Words that change after that are not checked "
    "any more: saving them clears this."
)


PARTS = {"asked": "What is asked", "flagged": "When it is flagged", "grounds": "Grounds"}
"""The parts of the page by their ids."""


class RuleForm(DraftRowForm):
    """A rule without its details. The link id is typed once; as soon as an edition has it, it stays."""

    name = RuleText(
        label=RULE_LABELS["name"],
        max_length=LONGEST_LINE,
        is_heading=True,
        help_text="A noun with a small first letter, as in “Contraindication flagged: opioid use”.",
        error_messages={"required": "Enter the name."},
    )
    link_id = RuleCode(
        label=RULE_LABELS["link_id"],
        pattern=LINK_ID_PATTERN,
        sentence=LINK_ID_SENTENCE,
        help_text="For programs, such as renal-impairment. Once published it stays as it is for good.",
        error_messages={"required": "Enter a link id."},
    )
    question = RuleText(
        label=RULE_LABELS["question"],
        rows=3,
        is_heading=True,
        help_text="As it is read aloud to the patient, with the time that it is about.",
        error_messages={"required": "Enter the question."},
    )
    help = RuleText(
        label=RULE_LABELS["help"], rows=3, required=False, help_text="In plain words, below the question."
    )
    holds_days = WholeNumberField(
        label=RULE_LABELS["holds_days"],
        minimum=Decimal(0),
        maximum=MOST_DAYS,
        unit="days",
        help_text="0 means: ask again at every screening.",
        error_messages={"required": "Enter how many days an answer holds; 0 to ask every time."},
    )
    not_applicable_reasons = reasons_field()
    trigger = OneOf(
        by_code(TRIGGER_WORDS),
        label=RULE_LABELS["trigger"],
        sentence="Choose what flags it.",
        radio=True,
        help_text="A rule that a medication list alone raises is not asked.",
    )
    listed = OneOf(
        {code: words.capitalize() for code, words in by_code(LISTED_WORDS).items()},
        label="What flags it in a medication list",
        sentence="Choose from the list.",
        empty_label="Nothing in a list",
        radio=True,
        help_text="Counted as current in a pasted list it flags the rule, whatever is answered.",
    )
    severity = OneOf(
        by_code(SEVERITY_WORDS),
        label=RULE_LABELS["severity"],
        sentence="Choose how grave it is.",
        radio=True,
        help_text="Contraindicated and avoid both flag a contraindication; caution is milder.",
    )
    severity_words = RuleText(
        label=RULE_LABELS["severity_words"],
        max_length=LONGEST_LINE,
        is_heading=True,
        help_text="How grave, as precisely as the sources say: “Avoid: impact not fully established”.",
        error_messages={"required": "Say in words how grave it is."},
    )
    finding = RuleText(
        label=RULE_LABELS["finding"],
        max_length=LONGEST_LINE,
        is_heading=True,
        help_text="The title of the flag, without a full stop.",
        error_messages={"required": "Enter the finding."},
    )
    next_step = RuleText(
        label=RULE_LABELS["next_step"],
        rows=3,
        help_text="What to do about a yes. The prescriber decides.",
        error_messages={"required": "Say what to do about a yes."},
    )
    find_out = RuleText(
        label=RULE_LABELS["find_out"],
        rows=3,
        help_text="What to do when the answer is not known.",
        error_messages={"required": "Say how to find out."},
    )
    why = RuleText(
        label=RULE_LABELS["why"],
        rows=3,
        help_text="On the form and beside the flag. Say “not established” where that is all that is known.",
        error_messages={"required": "Say why it matters."},
    )
    sources = sources_field()
    authored_by = RuleText(
        label=RULE_LABELS["authored_by"],
        max_length=LONGEST_LINE,
        help_text="Who stands for the words.",
        error_messages={"required": "Say who wrote it."},
    )
    next_review = DateField(
        earliest=EARLIEST_REVIEW,
        latest=LATEST_REVIEW,
        label=RULE_LABELS["next_review"],
        help_text=f"Day, month in letters, year: {EXAMPLE}. From then on every result says that it is overdue.",
        error_messages={
            "required": f"Enter the date of the next review: {EXAMPLE}.",
            "too_early": SLIP_OF_THE_YEAR,
            "too_late": SLIP_OF_THE_YEAR,
        },
    )

    class Meta:
        model = Rule
        fields = [
            *("name", "link_id", "question", "help", "holds_days", "not_applicable_reasons"),
            *("trigger", "listed", "severity", "severity_words", "finding", "next_step", "find_out"),
            *("why", "sources", "authored_by", "next_review"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.link_id in Edition.objects.link_ids():
            del self.fields["link_id"]
        if self.instance.is_raised_by_list:
            del self.fields["not_applicable_reasons"]
        elif isinstance(reasons := self["not_applicable_reasons"], BoundRows):
            fit(reasons.field, reasons.typed, None)

    @property
    def layout(self) -> Layout:
        """What is asked, when it is flagged, and the grounds."""
        published = fixed(RULE_LABELS["link_id"], self.instance.link_id, "An edition has it, so it stays as it is.")
        name = [*wide("name"), "link_id"] if "link_id" in self.fields else [published, *wide("name")]
        reasons = [Rows("not_applicable_reasons")] if "not_applicable_reasons" in self.fields else []
        return Layout(
            self._part("asked", *name, *wide("question", "help"), WithUnit("holds_days", "days"), *reasons),
            self._part(
                "flagged",
                *wide("trigger", "listed", "severity", "severity_words", "finding", "next_step", "find_out"),
            ),
            self._part(
                "grounds", *wide("why"), Rows("sources"), *wide("authored_by"), "next_review", *self._checked_by()
            ),
        )

    def _part(self, name: str, *fields: str | LayoutObject) -> Fieldset:
        return Fieldset(PARTS[name], *fields, css_id=name, css_class="edits")

    def _checked_by(self) -> list[TemplatePart]:
        checked_by = fixed(RULE_LABELS["checked_by"], self.instance.checked_by or "Nobody yet", HOW_IT_IS_CHECKED)
        return [checked_by] if self.instance.pk else []

    def clean_link_id(self) -> str:
        """A link id that no rule has or had."""
        link_id = str(self.cleaned_data["link_id"])
        if link_id in RESERVED_LINK_IDS:
            raise ValidationError(f"“{link_id}” is the name of a field of the form; choose another.")
        if number := Edition.objects.link_ids().get(link_id):
            raise ValidationError(
                f"“{link_id}” was used by edition {number} and is never used anew; "
                "bring that rule back instead, or choose another."
            )
        if Rule.objects.filter(rule_set__is_open=True, link_id=link_id).exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"The draft has a rule “{link_id}” already; choose another.", code=TAKEN)
        return link_id

    def clean(self) -> dict[str, Any]:
        """What nobody is asked is raised by something, and cannot be not applicable."""
        typed = super().clean()
        if typed.get("trigger") == Trigger.FOUND_IN_LIST:
            if "listed" in typed and not typed["listed"]:
                self.add_error("listed", "Nothing would raise this rule: choose which medicines do.")
            if typed.get("not_applicable_reasons"):
                self.add_error("not_applicable_reasons", "This is not asked, so it takes no reasons: remove them.")
        return typed
