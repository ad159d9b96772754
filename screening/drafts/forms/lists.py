"""The formsets for the lists of a rule: its sources, its reasons for “not applicable”, the choices of a follow-up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from crispy_forms.layout import Div, Field, Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME
from django.utils.html import format_html_join
from django.utils.text import format_lazy, slugify
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules.definition import Interval
from screening.clinical.rules.labels import SOURCE_WORDS, by_code
from screening.clinical.rules.validation import MOST_CHOICES, MOST_SOURCES
from screening.web.fields import LONGEST_LINE, OneOf, RuleCode, RuleText, WholeNumberField
from screening.web.forms import AppForm
from screening.web.languages import as_rule_text
from screening.web.layout import WithUnit

from .choice_columns import CHOICE_COLUMNS
from .rule_language import mark_rule_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Entry: TypeAlias = Mapping[str, Any]
"""An entry of a list as stored in JSON."""

LONGEST_CODE = 40
CODE_PATTERN = r"[a-z0-9][a-z0-9-]{0,39}"
CODE_SENTENCE = _("Use lower-case letters, digits and hyphens, at most 40 characters: for example short-acting.")
MOST_DAYS, LARGEST_PLACE = Decimal(3660), Decimal(999)
MOST_ROWS_READ = 250
"""The most rows that are read from submitted data; the server accepts 1,000 fields, and a row has at least four."""

_LAST_DOSE = Interval(words="-").counted_from
_ROW_FOOT = Div(Field(ORDERING_FIELD_NAME, wrapper_class="place"), DELETION_FIELD_NAME, css_class="entry-foot")


class RowForm(AppForm, forms.Form):
    """A row of a list. A row without text counts as unchanged, whatever its place, so that it is ignored.

    A subclass may set ``parts``: layout objects for the columns that are rendered as more than a plain field.
    """

    plainly_optional = (ORDERING_FIELD_NAME, DELETION_FIELD_NAME)
    parts: Mapping[str, LayoutObject] = {}
    summary_columns: tuple[str, ...] = ()
    """The columns whose text names the row while it is closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mark_rule_text(self)

    @property
    def summary(self) -> str:
        """The text of the row while it is closed; empty for a row without text."""
        return format_html_join(". ", "{}", ((text,) for text in self._summary_texts() if text))

    def _summary_texts(self) -> Iterator[str]:
        return (as_rule_text(_words(self[name])) for name in self.summary_columns)

    @property
    def vary_on(self) -> list[object]:
        """What the HTML of a row without errors depends on: the key for the template cache."""
        required = [name for name, field in self.fields.items() if field.required]
        return [type(self).__name__, self.prefix, required, [(field.name, field.value()) for field in self]]

    @property
    def layout(self) -> Layout:
        """The columns, then the place and the checkbox to remove the row."""
        return Layout(Div(*(self.parts.get(name, name) for name in self.columns), css_class="fields"), _ROW_FOOT)

    @property
    def columns(self) -> list[str]:
        """The names of the columns, without the place and the checkbox."""
        return [name for name in self.fields if name not in (ORDERING_FIELD_NAME, DELETION_FIELD_NAME)]

    @property
    def is_removed(self) -> bool:
        """True if the checkbox to remove the row is ticked."""
        return bool(self[DELETION_FIELD_NAME].data)

    @property
    def data_as_entered(self) -> dict[str, Any]:
        """The submitted text of every input of the row, without validation."""
        return {name: self[name].data for name in self.fields}

    @property
    def sort_key(self) -> float:
        """The position of the row among the others, by the submitted place.

        Half a step puts a row that moves up before the row that has the place now, and one that moves down behind it.
        """
        number = int(str(self.prefix).rpartition("-")[2]) + 1
        place = self.cleaned_data.get(ORDERING_FIELD_NAME) or number
        return place + 0.5 * ((place > number) - (place < number))

    def has_changed(self) -> bool:
        """True if any column has text."""
        return any(name in self.columns for name in self.changed_data)

    @classmethod
    def initial_of(cls, entry: Entry) -> dict[str, Any]:
        """Return the initial values of the inputs for an entry."""
        return dict(entry)

    @staticmethod
    def unvalidated_entry(row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the submitted text of a row in the shape of an entry, without validation."""
        return {name: text for name, text in row.items() if name not in (ORDERING_FIELD_NAME, DELETION_FIELD_NAME)}

    def entry(self) -> dict[str, Any]:
        """Return the entry of a valid row, as stored in JSON."""
        return {name: self.cleaned_data[name] for name in self.columns}


class SourceForm(RowForm):
    """A source of a rule."""

    kind = OneOf(
        {code: _(words) for code, words in by_code(SOURCE_WORDS).items()},
        label=_("Kind"),
        sentence=_("Choose the kind of source."),
    )
    region = RuleText(label=_("Region of a label"), required=False, help_text=_("For example US, EU or UK."))
    title = RuleText(label=_("Title"), rows=2, error_messages={"required": _("Enter the title of the source.")})
    identifier = RuleText(
        label=_("Identifier"), required=False, help_text=_("For example a PubMed, DOI or label number.")
    )
    supports = RuleText(
        label=_("What it supports"), rows=2, required=False, help_text=_("The part that the rule relies on.")
    )
    parts = {"title": Field("title", wrapper_class="wide")}

    def _summary_texts(self) -> Iterator[str]:
        yield _words(self["kind"])
        yield as_rule_text(_words(self["title"]))


class ChoiceForm(RowForm):
    """A choice or a reason. A choice may have its own next step, an opioid-free interval, or Child-Pugh points.

    ``only`` are the columns to show, ``required`` those of them that must be filled.
    """

    label = RuleText(
        label=pgettext_lazy("of a choice", "Label"),
        max_length=LONGEST_LINE,
        rows=2,
        is_heading=True,
        error_messages={"required": _("Enter the label that clinicians choose.")},
    )
    code = RuleCode(
        label=_("Code"),
        pattern=CODE_PATTERN,
        sentence=CODE_SENTENCE,
        required=False,
        help_text=_("If left empty, it is made from the label."),
    )
    points = OneOf(
        {"1": "1", "2": "2", "3": "3"}, label=_("Points"), sentence=_("Choose 1, 2 or 3."), empty_label=_("None")
    )
    days = WholeNumberField(
        label=_("Interval in days"),
        required=False,
        minimum=Decimal(1),
        maximum=MOST_DAYS,
        unit=_("days"),
        help_text=_("If left empty, no date is shown."),
    )
    counted_from = RuleText(
        label=_("Counted from"), required=False, help_text=format_lazy(_("If left empty: {event}."), event=_LAST_DOSE)
    )
    interval = RuleText(
        label=_("Interval in words"),
        rows=2,
        required=False,
        help_text=_("With days, a phrase: “the label’s interval of at least 7 to 10 days”. Without: full sentences."),
        error_messages={"required": _("Enter the interval in words, or say why it has no date.")},
    )
    next_step = RuleText(
        label=_("Own next step"), rows=2, required=False, help_text=_("Shown instead of the rule’s next step.")
    )
    summary_columns = ("label",)
    parts = {
        "days": WithUnit("days", _("days")),
        "interval": Field("interval", wrapper_class="wide"),
        "next_step": Field("next_step", wrapper_class="wide"),
    }

    def __init__(
        self, *args: Any, only: Iterable[str] = CHOICE_COLUMNS, required: Iterable[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in self.base_fields.keys() - set(only):
            del self.fields[name]
        for name in required:
            self.fields[name].required = True

    @classmethod
    def initial_of(cls, entry: Entry) -> dict[str, Any]:
        """Return the initial values of the inputs for a choice."""
        interval = entry.get("interval") or {}
        counted_from = interval.get("counted_from", _LAST_DOSE)
        return {
            **{name: entry.get(name, "") for name in ("code", "label", "next_step")},
            "points": str(entry.get("points") or ""),
            "days": interval.get("days"),
            "counted_from": "" if counted_from == _LAST_DOSE else counted_from,
            "interval": interval.get("words", ""),
        }

    @staticmethod
    def unvalidated_entry(row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a submitted choice in the shape of an entry, without validation."""
        entry = RowForm.unvalidated_entry(row)
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
            self.add_error("interval", gettext("Enter this interval in words."))
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


class ListFormSet(forms.BaseFormSet):
    """The rows of a list that is stored as JSON. Rows without text are ignored.

    ``noun`` is the name of a row; ``add_words`` and ``remove_words`` are on its controls. ``required_sentence`` is
    the error message for an empty list; empty if the list may be empty. Set ``hides_optional`` where another field
    decides whether the list is needed.
    """

    default_error_messages = {
        "missing_management_form": _("The number of rows was not sent with the page. Open the page again."),
        "too_many_forms": _("There are too many; use at most %(num)d."),
    }
    noun: StrOrPromise
    add_words: StrOrPromise
    remove_words: StrOrPromise
    label: StrOrPromise
    help_text: StrOrPromise
    required_sentence: StrOrPromise = ""
    hides_optional = False

    def initial_form_count(self) -> int:
        """Count every submitted row as an extra one: Django ignores an extra row without text."""
        return 0 if self.is_bound else super().initial_form_count()

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        """Add the place and the checkbox to remove a row, with their labels."""
        super().add_fields(form, index)
        form.fields[ORDERING_FIELD_NAME] = WholeNumberField(
            label=_("Place"),
            required=False,
            minimum=Decimal(1),
            maximum=LARGEST_PLACE,
            initial=form.fields[ORDERING_FIELD_NAME].initial,
        )
        form.fields[DELETION_FIELD_NAME].label = self.remove_words

    @property
    def html_id(self) -> str:
        """The HTML id of the list."""
        return f"div_id_{self.prefix}"

    @property
    def filled_rows(self) -> list[Any]:
        """The forms of the submitted rows that have text."""
        return [form for form in self.forms if form.has_changed()]

    @property
    def data_as_entered(self) -> list[dict[str, Any]]:
        """The submitted text of the rows that have any, without validation."""
        return [form.data_as_entered for form in self.filled_rows] if self.management_form.is_valid() else []

    @property
    def entries(self) -> list[dict[str, Any]] | None:
        """The list as stored in JSON, in the order of the submitted places; None if it is not valid."""
        return self._entries() if self.is_valid() else None

    def _entries(self) -> list[dict[str, Any]]:
        remaining = [form for form in self.filled_rows if not form.is_removed]
        return [form.entry() for form in sorted(remaining, key=lambda form: form.sort_key)]

    def clean(self) -> None:
        """Refuse an empty list where one is required, and a code that is used twice."""
        if not self.management_form.is_valid():
            return
        if any(form.errors for form in self.filled_rows if not form.is_removed):
            return
        entries = self._entries()
        if self.required_sentence and not entries:
            raise ValidationError(self.required_sentence)
        if len(entries) > self.max_num:
            sentence = gettext("There are {count}; use at most {most}.")
            raise ValidationError(sentence.format(count=len(entries), most=self.max_num))
        codes = [entry["code"] for entry in entries if "code" in entry]
        for code in dict.fromkeys(codes):
            if (times := codes.count(code)) > 1:
                sentence = gettext("{count} of them have the code “{code}”; each needs its own.")
                raise ValidationError(sentence.format(count=times, code=code))


class BaseSourceFormSet(ListFormSet):
    """The sources of a rule."""

    noun, label = _("source"), _("Sources")
    add_words, remove_words = _("Add a source"), _("Remove this source")
    help_text = _("Claim no more than the source says. Mark an opinion as an opinion.")
    required_sentence = _("Add at least one source. If there is no better one, add an opinion.")


class BaseReasonFormSet(ListFormSet):
    """The reasons for “not applicable”."""

    noun, label = _("reason"), _("Reasons for “not applicable”")
    add_words, remove_words = _("Add a reason"), _("Remove this reason")
    help_text = _("With at least one reason, clinicians may answer “not applicable”.")


class BaseChoiceFormSet(ListFormSet):
    """The choices of a follow-up."""

    noun, label = _("choice"), _("Choices")
    add_words, remove_words = _("Add a choice"), _("Remove this choice")
    help_text = _("In the order in which the form shows them.")
    hides_optional = True


def _formset(form: type[RowForm], formset: type[ListFormSet], most: int) -> type[ListFormSet]:
    return forms.formset_factory(  # type: ignore[return-value]  # a subclass of ``formset``
        form,
        formset=formset,
        extra=0,
        can_order=True,
        can_delete=True,
        max_num=most,
        absolute_max=MOST_ROWS_READ,
    )


SourceFormSet = _formset(SourceForm, BaseSourceFormSet, MOST_SOURCES)
ReasonFormSet = _formset(ChoiceForm, BaseReasonFormSet, MOST_CHOICES)
ChoiceFormSet = _formset(ChoiceForm, BaseChoiceFormSet, MOST_CHOICES)


def _words(field: forms.BoundField) -> str:
    """Return the text of an input, or the label of a chosen code."""
    value = str(field.value() or "")
    choices: dict[str, str] = dict(getattr(field.field, "choices", ()))
    return str(choices.get(value, value)) if value else ""


def code_from_label(label: str) -> str:
    """Return a code made from a label, or an empty string if the label has no letter that a code may have."""
    return slugify(label).replace("_", "-")[:LONGEST_CODE].strip("-")
