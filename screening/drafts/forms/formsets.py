"""A form field whose value is a list of JSON objects, edited as rows of inputs.

A row without any input is ignored, so the empty rows at the end may stay empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from crispy_forms.layout import Div, Field, Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from screening.web.fields import WholeNumberField
from screening.web.forms import AppBoundField, AppForm

RowData: TypeAlias = Mapping[str, str]
"""The submitted or initial text of each input of a row, by column."""
ListEntry: TypeAlias = Mapping[str, Any]
"""An entry of the list as stored in JSON."""

EMPTY_ROWS = 2
PLACE, REMOVE = "place", "remove"
INVALID_ROWS = "invalid_rows"
_LARGEST_PLACE = Decimal(999)
_INPUT_NAME = re.compile(r"([0-9]{1,4})-([a-z_]+)")


class RowForm(AppForm, forms.Form):
    """The form of one row.

    ``number`` counts from 1. ``data`` is the text of its inputs by column; with ``is_bound`` it is validated.
    ``columns`` are the fields to keep, ``required`` those of them that must be filled. A subclass may set ``parts``:
    layout objects for the columns that are rendered as more than a plain field.
    """

    plainly_optional = (PLACE, REMOVE)
    parts: Mapping[str, LayoutObject] = {}

    place = WholeNumberField(label="Place", required=False, minimum=Decimal(1), maximum=_LARGEST_PLACE)
    remove = forms.BooleanField(label="Remove", required=False)

    def __init__(
        self,
        list_name: str,
        number: int,
        data: RowData,
        *,
        is_bound: bool,
        columns: Iterable[str],
        required: Iterable[str] = (),
    ) -> None:
        prefix = f"{list_name}-{number - 1}"
        data = {PLACE: str(number), **data}
        submitted = {f"{prefix}-{column}": text for column, text in data.items()}
        super().__init__(submitted if is_bound else None, initial=dict(data), prefix=prefix)
        self.number, self.row_data = number, data
        for column in self.fields.keys() - {PLACE, REMOVE, *columns}:
            del self.fields[column]
        for column in required:
            self.fields[column].required = True
        for field in self.fields.values() if number > 1 else ():
            field.help_text = ""

    @property
    def layout(self) -> Layout:
        """The columns; a filled row also has its place and the checkbox to remove it."""
        columns = Div(*(self.parts.get(cell.name, cell.name) for cell in self.cells), css_class="fields")
        return Layout(columns) if self.is_empty else Layout(columns, _ROW_FOOT)

    @property
    def is_empty(self) -> bool:
        """True if no column has any text."""
        return is_empty(self.row_data)

    @property
    def cells(self) -> list[BoundField]:
        """The bound fields of the columns, without place and remove."""
        return [field for field in self if field.name not in (PLACE, REMOVE)]

    @property
    def is_marked_for_removal(self) -> bool:
        """True if the checkbox to remove the row is ticked."""
        return bool(self.row_data.get(REMOVE))

    @property
    def sort_key(self) -> float:
        """The position of the row among the others, by its submitted place."""
        place: int = self.cleaned_data.get(PLACE) or self.number
        return sort_key_of(place, self.number)

    @classmethod
    def row_data_of(cls, entry: ListEntry) -> RowData:
        """Return the initial text of the inputs for a stored entry."""
        return {name: str(entry.get(name, "")) for name in cls.base_fields if name not in (PLACE, REMOVE)}

    @staticmethod
    def unvalidated_entry(data: RowData) -> dict[str, Any]:
        """Return a submitted row in the shape of an entry, without validation."""
        return {column: text for column, text in data.items() if column not in (PLACE, REMOVE)}

    def entry(self) -> dict[str, Any]:
        """Return the entry of a valid row, as stored in JSON."""
        return {cell.name: self.cleaned_data[cell.name] for cell in self.cells}


_ROW_FOOT = Div(Field(PLACE, wrapper_class="place"), REMOVE, css_class="entry-foot")


def sort_key_of(place: int, number: int) -> float:
    """Return the sort key that moves row ``number`` to ``place``.

    Half a step puts a row that moves up before the row that has the place now, and a row that moves down behind it.
    """
    return place + 0.5 * ((place > number) - (place < number))


def is_empty(data: RowData) -> bool:
    """True if no column of a row has any text."""
    return not any(text.strip() for column, text in data.items() if column not in (PLACE, REMOVE))


def _normalised_rows(rows: Iterable[RowData] | None) -> list[dict[str, str]]:
    """Return the filled rows with their places, each without its blank inputs."""
    filled = [row for row in rows or () if not is_empty(row)]
    numbered = [{PLACE: str(number), **row} for number, row in enumerate(filled, start=1)]
    return [{column: text for column, text in row.items() if text} for row in numbered]


class RowsWidget(forms.Widget):
    """Reads the submitted rows of a list. ``RowsLayout`` renders them."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[RowData]:
        """Return the submitted rows in order, each by column."""
        rows: dict[int, dict[str, str]] = {}
        for key in data:
            if key.startswith(f"{name}-") and (match := _INPUT_NAME.fullmatch(key[len(name) + 1 :])):
                rows.setdefault(int(match[1]), {})[match[2]] = data[key]
        return [rows[number] for number in sorted(rows)]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """True if no row was submitted, not even an empty one."""
        return not self.value_from_datadict(data, files, name)


class RowsField(forms.Field):
    """A list of entries, each edited in a row of its own. Its cleaned value is the list as stored in JSON.

    ``noun`` is the name of a row, ``most`` the largest number of rows. ``columns`` and ``required_columns`` apply to
    every row. Set ``hides_optional`` where another field decides whether the list is needed: then its label does not
    say that it is optional.
    """

    widget = RowsWidget

    def __init__(
        self,
        row_form: type[RowForm],
        *,
        noun: str,
        most: int,
        columns: Iterable[str],
        hides_optional: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.row_form, self.noun, self.most = row_form, noun, most
        self.shows_optional = hides_optional
        self.columns, self.required_columns = frozenset(columns), frozenset[str]()

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundRows:
        """Return the bound field with its rows."""
        return BoundRows(form, self, field_name)

    def row_data_of(self, value: Iterable[ListEntry] | None) -> list[RowData]:
        """Return the initial text of the inputs for a stored list."""
        return [self.row_form.row_data_of(entry) for entry in value or ()]

    def rows(self, name: str, data: Iterable[RowData], *, are_bound: bool, first: int = 1) -> list[RowForm]:
        """Return the row forms for the text of some rows. A row marked for removal is not validated."""
        return [
            self.row_form(
                name,
                number,
                row,
                is_bound=are_bound and not row.get(REMOVE),
                columns=self.columns,
                required=self.required_columns,
            )
            for number, row in enumerate(data, start=first)
        ]

    def clean(self, value: Iterable[RowData] | None) -> list[dict[str, Any]]:
        """Return the entries of the filled rows, in the order of their places.

        Raises:
            ValidationError: a row is invalid (code ``INVALID_ROWS``; its cells have the messages), or the whole list.
        """
        filled = [row for row in value or () if not is_empty(row)]
        rows = [row for row in self.rows(self.noun, filled, are_bound=True) if not row.is_marked_for_removal]
        if not all(row.is_valid() for row in rows):
            raise ValidationError("Correct the rows.", code=INVALID_ROWS)
        entries = [row.entry() for row in sorted(rows, key=lambda row: row.sort_key)]
        self.validate(entries)
        return entries

    def validate(self, value: Sequence[ListEntry]) -> None:
        """Refuse an empty list where one is required, too many entries, and a code that is used twice."""
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(f"There are {len(value)}; use at most {self.most}.")
        codes = [entry["code"] for entry in value if "code" in entry]
        for code in dict.fromkeys(codes):
            if (times := codes.count(code)) > 1:
                raise ValidationError(f"{times} of them have the code “{code}”; each needs its own.")

    def has_changed(self, initial: Iterable[ListEntry] | None, data: Iterable[RowData] | None) -> bool:
        """True if the rows give another list than the initial one. Unchanged text is not validated again."""
        if _normalised_rows(data) == _normalised_rows(self.row_data_of(initial)):
            return False
        try:
            return self.clean(data) != self.clean(self.row_data_of(initial))
        except ValidationError:
            return True


class BoundRows(AppBoundField):
    """A list field with its rows: first the filled ones, then some empty ones."""

    field: RowsField

    @cached_property
    def rows(self) -> list[RowForm]:
        """The row forms to show."""
        filled = self.field.rows(self.html_name, self.filled_rows, are_bound=self.form.is_bound)
        first = len(filled) + 1
        return [*filled, *self.field.rows(self.html_name, [{}] * EMPTY_ROWS, are_bound=False, first=first)]

    @property
    def rendered_rows(self) -> list[tuple[RowForm, SafeString]]:
        """Each row form with the HTML of its cells."""
        return [(row, row.helper.render_layout(row, Context())) for row in self.rows]

    @property
    def vary_on(self) -> list[object]:
        """What the HTML of the rows depends on, as long as they have no errors: the key for the template cache."""
        return [self.html_name, sorted(self.field.columns), sorted(self.field.required_columns), self.filled_rows]

    @property
    def filled_rows(self) -> list[RowData]:
        """The filled rows: as submitted if the form is bound, else as stored."""
        data = self.data if self.form.is_bound else self.field.row_data_of(self.initial)
        return [row for row in data if not is_empty(row)]

    @property
    def list_errors(self) -> list[str]:
        """The errors of the list as a whole, without those of its rows."""
        return [
            str(message)
            for error in self.errors.as_data()
            if error.code != INVALID_ROWS
            for message in error.messages
        ]


class RowsLayout(LayoutObject):
    """Renders a list field row by row. ``parent`` is the heading of the part of the form that the list belongs to."""

    def __init__(self, name: str, parent: str = "") -> None:
        self.fields, self.parent = [name], parent

    def render(
        self, form: forms.Form, context: Context, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """Return the HTML of the list."""
        template_context = {"field": form[self.fields[0]], "parent": self.parent}
        return render_to_string("screening/drafts/row/formset.html", template_context)
