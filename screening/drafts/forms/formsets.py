"""A list within a form: rows of a few fields each, instead of a text that programs read.

A row in which nothing is typed counts for nothing, so that the empty ones at the end need not be filled.
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

Sent: TypeAlias = Mapping[str, str]
"""What was typed in a row, by column."""
Plain: TypeAlias = Mapping[str, Any]
"""An entry of the list as JSON holds it."""

EMPTY_ROWS = 2
PLACE, REMOVE = "place", "remove"
ROWS_ARE_WRONG = "rows"
_LARGEST_PLACE = Decimal(999)
_KEY = re.compile(r"([0-9]{1,4})-([a-z_]+)")


class RowForm(AppForm, forms.Form):
    """One row. ``number`` counts from 1; ``columns`` are those that it has, of which some are ``needed``.

    ``parts`` are the columns that are laid out as more than a plain field.
    """

    plainly_optional = (PLACE, REMOVE)
    parts: Mapping[str, LayoutObject] = {}

    place = WholeNumberField(label="Place", required=False, minimum=Decimal(1), maximum=_LARGEST_PLACE)
    remove = forms.BooleanField(label="Remove", required=False)

    def __init__(
        self,
        list_name: str,
        number: int,
        typed: Sent,
        *,
        is_checked: bool,
        columns: Iterable[str],
        needed: Iterable[str] = (),
    ) -> None:
        prefix = f"{list_name}-{number - 1}"
        typed = {PLACE: str(number), **typed}
        data = {f"{prefix}-{column}": words for column, words in typed.items()}
        super().__init__(data if is_checked else None, initial=dict(typed), prefix=prefix)
        self.number, self.typed = number, typed
        for column in self.fields.keys() - {PLACE, REMOVE, *columns}:
            del self.fields[column]
        for column in needed:
            self.fields[column].required = True
        for field in self.fields.values() if number > 1 else ():
            field.help_text = ""

    @property
    def layout(self) -> Layout:
        """Its columns; one that is filled has a place and can be removed."""
        columns = Div(*(self.parts.get(cell.name, cell.name) for cell in self.cells), css_class="fields")
        return Layout(columns) if self.is_empty else Layout(columns, _FOOT)

    @property
    def is_empty(self) -> bool:
        """True while nothing is typed in it."""
        return is_empty(self.typed)

    @property
    def cells(self) -> list[BoundField]:
        """Its fields, without those that order the rows and take one away."""
        return [field for field in self if field.name not in (PLACE, REMOVE)]

    @property
    def is_to_go(self) -> bool:
        """True when it was marked for removal."""
        return bool(self.typed.get(REMOVE))

    @property
    def wanted_place(self) -> float:
        """Where it belongs among the others: before the row whose place it takes, or behind it, as it comes."""
        wanted: int = self.cleaned_data.get(PLACE) or self.number
        return moved_to(wanted, self.number)

    @staticmethod
    def as_typed(plain: Plain) -> Sent:
        """An entry as it stands in the cells."""
        raise NotImplementedError

    @staticmethod
    def loosely(typed: Sent) -> dict[str, Any]:
        """The row as JSON would hold it, whatever was typed."""
        return {column: words for column, words in typed.items() if column not in (PLACE, REMOVE)}

    def plain(self) -> dict[str, Any]:
        """The row as JSON holds it."""
        raise NotImplementedError


_FOOT = Div(Field(PLACE, wrapper_class="place"), REMOVE, css_class="entry-foot")


def moved_to(wanted: int, number: int) -> float:
    """A number to order by, for something that stood at ``number`` and shall stand at ``wanted``."""
    return wanted + 0.5 * ((wanted > number) - (wanted < number))


def is_empty(typed: Sent) -> bool:
    """True when nothing is typed in a row."""
    return not any(words.strip() for column, words in typed.items() if column not in (PLACE, REMOVE))


def _as_sent(typed: Iterable[Sent] | None) -> list[dict[str, str]]:
    """The filled rows with their places, each without its blank cells."""
    filled = [each for each in typed or () if not is_empty(each)]
    rows = [{PLACE: str(number), **each} for number, each in enumerate(filled, start=1)]
    return [{column: words for column, words in row.items() if words} for row in rows]


class RowsWidget(forms.Widget):
    """Reads what was typed in the rows; ``Rows`` shows them."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Sent]:
        """The rows in their order, each by column."""
        rows: dict[int, dict[str, str]] = {}
        for key in data:
            if key.startswith(f"{name}-") and (found := _KEY.fullmatch(key[len(name) + 1 :])):
                rows.setdefault(int(found[1]), {})[found[2]] = data[key]
        return [rows[number] for number in sorted(rows)]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """True when no row was sent at all."""
        return not self.value_from_datadict(data, files, name)


class RowsField(forms.Field):
    """A list of entries, each typed in a row of its own. Its value is the list as JSON holds it.

    ``noun`` names a row; ``most`` is how many there may be. ``columns`` and ``needed`` are those of every row. Where
    another field says whether it is needed, it is ``is_spoken_for``.
    """

    widget = RowsWidget

    def __init__(
        self,
        row: type[RowForm],
        *,
        noun: str,
        most: int,
        columns: Iterable[str],
        is_spoken_for: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.row, self.noun, self.most, self.shows_optional = row, noun, most, is_spoken_for
        self.columns, self.needed = frozenset(columns), frozenset[str]()

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundRows:
        """The field with its rows."""
        return BoundRows(form, self, field_name)

    def as_typed(self, value: Iterable[Plain] | None) -> list[Sent]:
        """A list as it stands in the rows."""
        return [self.row.as_typed(entry) for entry in value or ()]

    def rows(self, name: str, typed: Iterable[Sent], *, are_checked: bool, first: int = 1) -> list[RowForm]:
        """The rows for what was typed; a row that is to go is not checked."""
        return [
            self.row(
                name,
                number,
                each,
                is_checked=are_checked and not each.get(REMOVE),
                columns=self.columns,
                needed=self.needed,
            )
            for number, each in enumerate(typed, start=first)
        ]

    def clean(self, value: Iterable[Sent] | None) -> list[dict[str, Any]]:
        """The entries of the rows that are filled, in their order.

        Raises:
            ValidationError: a row, or the list as a whole, is not right; of a row the cells say how.
        """
        typed = [each for each in value or () if not is_empty(each)]
        rows = [row for row in self.rows(self.noun, typed, are_checked=True) if not row.is_to_go]
        if not all(row.is_valid() for row in rows):
            raise ValidationError("Look at the rows.", code=ROWS_ARE_WRONG)
        entries = [row.plain() for row in sorted(rows, key=lambda row: row.wanted_place)]
        self.validate(entries)
        return entries

    def validate(self, value: Sequence[Plain]) -> None:
        """There are some where there must be, and not too many; no two have one code."""
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(f"There are {len(value)}; use at most {self.most}.")
        codes = [entry["code"] for entry in value if "code" in entry]
        for code in dict.fromkeys(codes):
            if (times := codes.count(code)) > 1:
                raise ValidationError(f"{times} of them have the code “{code}”; each needs its own.")

    def has_changed(self, initial: Iterable[Plain] | None, data: Iterable[Sent] | None) -> bool:
        """True when the rows hold something else than the list did; rows that nobody touched need no check."""
        if _as_sent(data) == _as_sent(self.as_typed(initial)):
            return False
        try:
            return self.clean(data) != self.clean(self.as_typed(initial))
        except ValidationError:
            return True


class BoundRows(AppBoundField):
    """A list within a form, with its rows: those that are filled, then some that are empty."""

    field: RowsField

    @cached_property
    def rows(self) -> list[RowForm]:
        """The rows as they are shown."""
        filled = self.field.rows(self.html_name, self.typed, are_checked=self.form.is_bound)
        first = len(filled) + 1
        return [*filled, *self.field.rows(self.html_name, [{}] * EMPTY_ROWS, are_checked=False, first=first)]

    @property
    def rendered_rows(self) -> list[tuple[RowForm, SafeString]]:
        """Each row with the HTML of its cells."""
        return [(row, row.helper.render_layout(row, Context())) for row in self.rows]

    @property
    def content(self) -> list[object]:
        """All that makes the rows of this list differ from those of another, as long as nothing is wrong in them."""
        return [self.html_name, sorted(self.field.columns), sorted(self.field.needed), self.typed]

    @property
    def typed(self) -> list[Sent]:
        """What stands in the rows that are filled."""
        typed = self.data if self.form.is_bound else self.field.as_typed(self.initial)
        return [each for each in typed if not is_empty(each)]

    @property
    def own_errors(self) -> list[str]:
        """What is wrong with the list as a whole."""
        return [
            str(message)
            for error in self.errors.as_data()
            if error.code != ROWS_ARE_WRONG
            for message in error.messages
        ]


class Rows(LayoutObject):
    """A list within a form, row by row. ``of`` names the part of the form that it belongs to."""

    def __init__(self, name: str, of: str = "") -> None:
        self.fields, self.of = [name], of

    def render(
        self, form: forms.Form, context: Context, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """The HTML of the list."""
        return render_to_string("screening/drafts/row/formset.html", {"field": form[self.fields[0]], "of": self.of})
