"""The list fields of a rule: its sources, the reasons for “not applicable”, and the choices of a follow-up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from crispy_forms.layout import Field
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from screening.clinical.rules.definition import Feeds, Interval
from screening.clinical.rules.labels import SOURCE_WORDS, by_code
from screening.clinical.rules.validation import MOST_CHOICES, MOST_SOURCES
from screening.web.fields import LONGEST_LINE, OneOf, RuleCode, RuleText, WholeNumberField
from screening.web.layout import WithUnit

from .formsets import ListEntry, RowData, RowForm, RowsField

LONGEST_CODE = 40
CODE_PATTERN = r"[a-z0-9][a-z0-9-]{0,39}"
CODE_SENTENCE = (
    f"Use lower-case letters, digits and hyphens, at most {LONGEST_CODE} characters: for example short-acting."
)
MOST_DAYS = Decimal(3660)

CHOICE_COLUMNS: Final = frozenset({"code", "label"})
NEXT_STEP_COLUMNS: Final = frozenset({"next_step"})
INTERVAL_COLUMNS: Final = frozenset({"days", "interval", "counted_from"})
POINTS_COLUMNS: Final = frozenset({"points"})
_LAST_DOSE = Interval(words="-").counted_from


class SourceRow(RowForm):
    """A source of a rule."""

    kind = OneOf(by_code(SOURCE_WORDS), label="Kind", sentence="Choose the kind of source.")
    region = RuleText(label="Region of a label", required=False, help_text="For example US, EU or UK.")
    title = RuleText(label="Title", rows=2, error_messages={"required": "Enter the title of the source."})
    identifier = RuleText(label="Identifier", required=False, help_text="For example a PubMed, DOI or label number.")
    supports = RuleText(
        label="What it supports", rows=2, required=False, help_text="The part that the rule relies on."
    )
    parts = {"title": Field("title", wrapper_class="wide")}


class ChoiceRow(RowForm):
    """A choice or a reason. A choice may have its own next step, an opioid-free interval, or Child-Pugh points."""

    label = RuleText(
        label="Label",
        max_length=LONGEST_LINE,
        rows=2,
        is_heading=True,
        error_messages={"required": "Enter the label that clinicians choose."},
    )
    code = RuleCode(
        label="Code",
        pattern=CODE_PATTERN,
        sentence=CODE_SENTENCE,
        required=False,
        help_text="If left empty, it is made from the label.",
    )
    points = OneOf({"1": "1", "2": "2", "3": "3"}, label="Points", sentence="Choose 1, 2 or 3.", empty_label="None")
    days = WholeNumberField(
        label="Interval in days",
        required=False,
        minimum=Decimal(1),
        maximum=MOST_DAYS,
        unit="days",
        help_text="If left empty, no date is shown.",
    )
    counted_from = RuleText(label="Counted from", required=False, help_text=f"If left empty: {_LAST_DOSE}.")
    interval = RuleText(
        label="Interval in words",
        rows=2,
        required=False,
        help_text="With days, a phrase: “the label’s interval of at least 7 to 10 days”. Without: full sentences.",
        error_messages={"required": "Enter the interval in words, or say why it has no date."},
    )
    next_step = RuleText(
        label="Own next step", rows=2, required=False, help_text="Shown instead of the rule’s next step."
    )
    parts = {
        "days": WithUnit("days", "days"),
        "interval": Field("interval", wrapper_class="wide"),
        "next_step": Field("next_step", wrapper_class="wide"),
    }

    @classmethod
    def row_data_of(cls, entry: ListEntry) -> RowData:
        """Return the initial text of the inputs for a stored choice."""
        interval = entry.get("interval") or {}
        days, counted_from = interval.get("days"), interval.get("counted_from", _LAST_DOSE)
        return {
            "code": str(entry.get("code", "")),
            "label": str(entry.get("label", "")),
            "points": str(entry.get("points") or ""),
            "days": "" if days is None else str(days),
            "counted_from": "" if counted_from == _LAST_DOSE else str(counted_from),
            "interval": str(interval.get("words", "")),
            "next_step": str(entry.get("next_step", "")),
        }

    @staticmethod
    def unvalidated_entry(data: RowData) -> dict[str, Any]:
        """Return a submitted choice in the shape of an entry, without validation."""
        entry = RowForm.unvalidated_entry(data)
        parts = {"words": "interval", "days": "days", "counted_from": "counted_from"}
        interval = {part: entry.pop(column) for part, column in parts.items() if entry.get(column)}
        return {**entry, "interval": interval}

    def clean_points(self) -> int | None:
        """Return the points as a number."""
        points = self.cleaned_data["points"]
        return int(points) if points else None

    def clean(self) -> dict[str, Any]:
        """Require the interval in words where days are given, and make a missing code from the label."""
        cleaned = self.cleaned_data
        has_interval = cleaned.get("days") or cleaned.get("counted_from")
        if has_interval and not cleaned.get("interval") and "interval" not in self.errors:
            self.add_error("interval", "Enter this interval in words.")
        if not cleaned.get("code") and not self.errors:
            cleaned["code"] = code_from_label(cleaned["label"])
            if not cleaned["code"]:
                self.add_error("code", ValidationError(CODE_SENTENCE))
        return cleaned

    def entry(self) -> dict[str, Any]:
        """Return the choice as stored in JSON."""
        cleaned, interval = self.cleaned_data, None
        if cleaned.get("interval"):
            interval = {
                "words": cleaned["interval"],
                "days": cleaned["days"],
                "counted_from": cleaned["counted_from"] or _LAST_DOSE,
            }
        return {
            "code": cleaned["code"],
            "label": cleaned["label"],
            "points": cleaned.get("points"),
            "interval": interval,
            "next_step": cleaned.get("next_step", ""),
        }


def code_from_label(label: str) -> str:
    """Return a code made from a label, or an empty string if the label has no letter that a code may have."""
    return slugify(label).replace("_", "-")[:LONGEST_CODE].strip("-")


def sources_field() -> RowsField:
    """Return the list field for the sources of a rule."""
    return RowsField(
        SourceRow,
        noun="source",
        most=MOST_SOURCES,
        columns=SourceRow.base_fields,
        label="Sources",
        help_text="Claim no more than the source says. Mark an opinion as an opinion.",
        error_messages={"required": "Add at least one source. If there is no better one, add an opinion."},
    )


def reasons_field() -> RowsField:
    """Return the list field for the reasons for “not applicable”."""
    return RowsField(
        ChoiceRow,
        noun="reason",
        most=MOST_CHOICES,
        columns=CHOICE_COLUMNS,
        required=False,
        label="Reasons for “not applicable”",
        help_text="With at least one reason, clinicians may answer “not applicable”.",
    )


def choices_field() -> RowsField:
    """Return the list field for the choices of a follow-up."""
    return RowsField(
        ChoiceRow,
        noun="choice",
        most=MOST_CHOICES,
        columns=CHOICE_COLUMNS | NEXT_STEP_COLUMNS,
        required=False,
        label="Choices",
        hides_optional=True,
        help_text="In the order in which the form shows them.",
    )


def set_columns(field: RowsField, rows: Iterable[RowData], feeds: str | None) -> None:
    """Give a choices field the columns for the calculation that it feeds, and those in which a row has text."""
    filled = {column for row in rows for column, text in row.items() if text}
    feeds_interval, feeds_points = feeds == Feeds.INTERVAL_KIND, feeds == Feeds.CHILD_PUGH
    if feeds_interval or filled & INTERVAL_COLUMNS:
        field.columns |= INTERVAL_COLUMNS
    if feeds_points or filled & POINTS_COLUMNS:
        field.columns |= POINTS_COLUMNS
    if filled & NEXT_STEP_COLUMNS:
        field.columns |= NEXT_STEP_COLUMNS
    field.required_columns = frozenset({"interval"} if feeds_interval else {"points"} if feeds_points else ())
