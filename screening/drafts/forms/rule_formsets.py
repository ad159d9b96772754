"""The lists of a rule, row by row: what it rests on, why it may not apply, what a detail offers to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from crispy_forms.layout import Field
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from screening.clinical.rules.definition import Feeds, Interval
from screening.clinical.rules.labels import RULE_LABELS, SOURCE_WORDS, by_code
from screening.clinical.rules.validation import MOST_CHOICES, MOST_SOURCES
from screening.web.fields import LONGEST_LINE, OneOf, RuleCode, RuleText, WholeNumberField
from screening.web.layout import WithUnit

from .formsets import Plain, RowForm, RowsField, Sent

LONGEST_CODE = 40
CODE_PATTERN = r"[a-z0-9][a-z0-9-]{0,39}"
CODE_SENTENCE = f"Use small letters, figures and dashes, at most {LONGEST_CODE} characters: such as short-acting."
MOST_DAYS = Decimal(3660)

OWN: Final = frozenset({"code", "label"})
NEXT_STEP: Final = frozenset({"next_step"})
INTERVAL: Final = frozenset({"days", "interval", "counted_from"})
POINTS: Final = frozenset({"points"})
_LAST_DOSE = Interval(words="-").counted_from


class SourceRow(RowForm):
    """Where the text of a rule comes from."""

    kind = OneOf(by_code(SOURCE_WORDS), label="Kind", sentence="Choose the kind of source.")
    region = RuleText(label="Region of a label", required=False, help_text="Such as US, EU or UK.")
    title = RuleText(label="Title", rows=2, error_messages={"required": "Enter the title of the source."})
    identifier = RuleText(label="Identifier", required=False, help_text="A number by which it is found.")
    supports = RuleText(
        label="What it supports", rows=2, required=False, help_text="The part that the rule relies on."
    )
    parts = {"title": Field("title", wrapper_class="wide")}

    @staticmethod
    def as_typed(plain: Plain) -> Sent:
        """A source as it stands in the cells."""
        return {name: str(plain.get(name, "")) for name in ("kind", "region", "title", "identifier", "supports")}

    def plain(self) -> dict[str, Any]:
        """The source as JSON holds it."""
        return {cell.name: self.cleaned_data[cell.name] for cell in self.cells}


class ChoiceRow(RowForm):
    """One choice; it may carry a next step of its own, an opioid-free interval, or Child-Pugh points."""

    label = RuleText(
        label="Label",
        max_length=LONGEST_LINE,
        rows=2,
        is_heading=True,
        error_messages={"required": "Enter what is chosen, as clinicians read it."},
    )
    code = RuleCode(
        label="Code",
        pattern=CODE_PATTERN,
        sentence=CODE_SENTENCE,
        required=False,
        help_text="Left empty, it is made from the label.",
    )
    points = OneOf({"1": "1", "2": "2", "3": "3"}, label="Points", sentence="Choose 1, 2 or 3.", empty_label="None")
    days = WholeNumberField(
        label="Interval in days",
        required=False,
        minimum=Decimal(1),
        maximum=MOST_DAYS,
        unit="days",
        help_text="Left empty, no date is told.",
    )
    counted_from = RuleText(label="Counted from", required=False, help_text=f"Left empty: {_LAST_DOSE}.")
    interval = RuleText(
        label="Interval in words",
        rows=2,
        required=False,
        help_text="With days, a phrase: “the label’s interval of at least 7 to 10 days”. Without, whole sentences.",
        error_messages={"required": "Say the interval, or in words why it has no date."},
    )
    next_step = RuleText(
        label="Next step of its own", rows=2, required=False, help_text="Stands in place of the rule’s."
    )
    parts = {
        "days": WithUnit("days", "days"),
        "interval": Field("interval", wrapper_class="wide"),
        "next_step": Field("next_step", wrapper_class="wide"),
    }

    @staticmethod
    def as_typed(plain: Plain) -> Sent:
        """A choice as it stands in the cells."""
        interval = plain.get("interval") or {}
        days, counted_from = interval.get("days"), interval.get("counted_from", _LAST_DOSE)
        return {
            "code": str(plain.get("code", "")),
            "label": str(plain.get("label", "")),
            "points": str(plain.get("points") or ""),
            "days": "" if days is None else str(days),
            "counted_from": "" if counted_from == _LAST_DOSE else str(counted_from),
            "interval": str(interval.get("words", "")),
            "next_step": str(plain.get("next_step", "")),
        }

    @staticmethod
    def loosely(typed: Sent) -> dict[str, Any]:
        """The choice as JSON would hold it, whatever was typed."""
        flat = RowForm.loosely(typed)
        parts = {"words": "interval", "days": "days", "counted_from": "counted_from"}
        interval = {part: flat.pop(column) for part, column in parts.items() if flat.get(column)}
        return {**flat, "interval": interval}

    def clean_points(self) -> int | None:
        """The points as a number."""
        points = self.cleaned_data["points"]
        return int(points) if points else None

    def clean(self) -> dict[str, Any]:
        """A code is there; an interval has words."""
        typed = self.cleaned_data
        says_how_long = typed.get("days") or typed.get("counted_from")
        if says_how_long and not typed.get("interval") and "interval" not in self.errors:
            self.add_error("interval", "Say in words what interval this is.")
        if not typed.get("code") and not self.errors:
            typed["code"] = made_from(typed["label"])
            if not typed["code"]:
                self.add_error("code", ValidationError(CODE_SENTENCE))
        return typed

    def plain(self) -> dict[str, Any]:
        """The choice as JSON holds it."""
        typed = self.cleaned_data
        return {
            "code": typed["code"],
            "label": typed["label"],
            "points": typed.get("points"),
            "interval": self._interval(),
            "next_step": typed.get("next_step", ""),
        }

    def _interval(self) -> dict[str, Any] | None:
        typed = self.cleaned_data
        if not typed.get("interval"):
            return None
        return {
            "words": typed["interval"],
            "days": typed["days"],
            "counted_from": typed["counted_from"] or _LAST_DOSE,
        }


def made_from(label: str) -> str:
    """A code from the words of a label; empty where it has no letter that a code may have."""
    return slugify(label).replace("_", "-")[:LONGEST_CODE].strip("-")


def sources_field() -> RowsField:
    """What a rule rests on."""
    return RowsField(
        SourceRow,
        noun="source",
        most=MOST_SOURCES,
        columns=SourceRow.base_fields,
        label=RULE_LABELS["sources"],
        help_text="Claim no more than a source says. An opinion is called an opinion.",
        error_messages={"required": "Name at least one source, an opinion if there is nothing better."},
    )


def reasons_field() -> RowsField:
    """Why a rule may not apply."""
    return RowsField(
        ChoiceRow,
        noun="reason",
        most=MOST_CHOICES,
        columns=OWN,
        required=False,
        label="Reasons for “not applicable”",
        help_text="With at least one reason, clinicians may answer that the question does not apply.",
    )


def choices_field() -> RowsField:
    """What a detail offers to choose from."""
    return RowsField(
        ChoiceRow,
        noun="choice",
        most=MOST_CHOICES,
        columns=OWN | NEXT_STEP,
        required=False,
        label="Choices",
        is_spoken_for=True,
        help_text="In the order in which they are offered.",
    )


def fit(rows: RowsField, typed: Iterable[Sent], feeds: str | None) -> None:
    """Let choices have the columns of what they feed, and those in which something stands."""
    filled = {column for each in typed for column, words in each.items() if words}
    of_interval, of_points = feeds == Feeds.INTERVAL_KIND, feeds == Feeds.CHILD_PUGH
    if of_interval or filled & INTERVAL:
        rows.columns |= INTERVAL
    if of_points or filled & POINTS:
        rows.columns |= POINTS
    if filled & NEXT_STEP:
        rows.columns |= NEXT_STEP
    rows.needed = frozenset({"interval"} if of_interval else {"points"} if of_points else ())
