"""Form fields that say in a sentence what is wrong with what was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hmac import compare_digest
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from .clinical import dates
from .clinical.birth_dates import BirthDate, parse_birth_date
from .clinical.decimals import in_figures
from .clinical.printable import REPLACEMENT_CHARACTER, first_unprintable, shows_nothing

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SHOWS_NOTHING = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
_ONE_FONTS_OWN = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?")


def refuse_unprintable(value: str) -> None:
    """Refuse characters that change how a line reads without being seen, or that a fault left behind.

    Raises:
        ValidationError: a control, direction or private character is in the text, or it shows nothing at all.
    """
    if shows_nothing(value):
        raise ValidationError("This shows nothing when printed. Type the text again.")
    if found := first_unprintable(value):
        place, name = found
        raise ValidationError(f"Character {place} cannot be shown or printed ({name}). Type the text again.")


class PlainText(forms.CharField):
    """One line of text as it will be printed: no markup is interpreted, no invisible character accepted."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.validators = [refuse_unprintable]
        self.widget.attrs.setdefault("autocomplete", "off")

    def to_python(self, value: Any) -> str:
        """The text with runs of space made one."""
        return " ".join((super().to_python(value) or "").split())

    def run_validators(self, value: str) -> None:
        """Length is told in the number of characters that were typed."""
        if self.max_length is not None and len(value) > self.max_length:
            raise ValidationError(f"Use at most {self.max_length} characters; this has {len(value)}.")
        super().run_validators(value)


class PlainProse(PlainText):
    """The same, of several sentences; what is typed over several lines becomes one paragraph."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.widget.attrs.update(rows=rows)
        self.widget.attrs.pop("maxlength", None)  # a browser would cut what is pasted, and say nothing


class PlainLines(forms.Field):
    """Several texts, one a line; empty lines are left out. Its value is a list."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int, most: int, rows: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest, self.most = max_length, most
        self.widget.attrs.update(rows=rows, autocomplete="off")

    def prepare_value(self, value: Any) -> Any:
        """A list as it is typed."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """The texts, each with runs of space made one."""
        lines = (" ".join(line.split()) for line in _LINE_ENDS.sub("\n", str(value or "")).split("\n"))
        return [line for line in lines if line]

    def validate(self, value: list[str]) -> None:
        """Something is there, and not too much of it."""
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(f"Use at most {self.most} lines; this has {len(value)}.")

    def run_validators(self, value: list[str]) -> None:
        """Each text by itself; the line with a fault is named."""
        for number, line in enumerate(value, start=1):
            if len(line) > self.longest:
                raise ValidationError(f"Line {number}: use at most {self.longest} characters; it has {len(line)}.")
            try:
                refuse_unprintable(line)
            except ValidationError as error:
                raise ValidationError(f"Line {number}: {error.message}") from None


class PastedText(forms.CharField):
    """Lines of text as another program holds them, at most ``max_length`` characters.

    What shows nothing is taken out without a word, line ends of every kind become one kind, and a sign that only one
    font knows, which is a bullet nearly always, becomes one. What is no text is refused. The box itself has no limit:
    a browser would cut what is pasted, and say nothing.
    """

    widget = forms.Textarea

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.longest, self.validators = max_length, []
        self.widget.attrs.update(rows=5, autocomplete="off", spellcheck="false", autocapitalize="off")

    def to_python(self, value: Any) -> str:
        """The text with its lines; nothing where it shows nothing."""
        text = _LINE_ENDS.sub("\n", str(value or ""))
        return _ONE_FONTS_OWN.sub("•", _SHOWS_NOTHING.sub("", text)).rstrip()

    def run_validators(self, value: str) -> None:
        """Length comes first: nobody waits while a book is looked through."""
        if len(value) > self.longest:
            raise ValidationError(
                f"Use at most {self.longest:,} characters; this has {len(value):,}. Nothing was cut: "
                "leave out what is no current medicine."
            )
        for number, line in enumerate(value.split("\n"), start=1):
            if found := next(filter(_is_no_text, line), None):
                raise ValidationError(
                    f"This is not text: line {number} holds a sign that cannot be shown (U+{ord(found):04X}). "
                    "Paste the list as text."
                )


def _is_no_text(character: str) -> bool:
    return character == REPLACEMENT_CHARACTER or (
        character != "\t" and unicodedata.category(character) in {"Cc", "Cs", "Cn"}
    )


class TypedDate(forms.Field):
    """A date typed as ISO or with its month in letters, within limits (both inclusive)."""

    widget = forms.TextInput

    def __init__(self, *, earliest: date, latest: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest
        self.widget.attrs.setdefault("autocomplete", "off")

    def to_python(self, value: Any) -> date | None:
        """The date, or None when nothing was typed."""
        if not (text := str(value or "").strip()):
            return None
        try:
            return dates.parse(text)
        except dates.DateError as error:
            raise ValidationError(str(error)) from None

    def validate(self, value: date | None) -> None:
        """Refuse a day outside the limits."""
        super().validate(value)
        if value is not None:
            self.refuse_after(value)
            self.refuse_before(value)

    def refuse_after(self, day: date) -> None:
        """Refuse a day after the latest.

        Raises:
            ValidationError: it is later.
        """
        if day > self.latest:
            raise ValidationError(f"This date is in the future. Enter {dates.in_words(self.latest)} or earlier.")

    def refuse_before(self, day: date) -> None:
        """Refuse a day before the earliest.

        Raises:
            ValidationError: it is earlier.
        """
        if day < self.earliest:
            raise ValidationError(f"This date is before {dates.in_words(self.earliest)}. Check the year.")


class TypedBirthDate(TypedDate):
    """A birth date of which the day, or day and month, may be left out."""

    def to_python(self, value: Any) -> Any:
        """The birth date, or None when nothing was typed."""
        if not (text := str(value or "").strip()):
            return None
        try:
            return parse_birth_date(text)
        except dates.DateError as error:
            raise ValidationError(str(error)) from None

    def validate(self, value: BirthDate | None) -> None:  # type: ignore[override]
        """Refuse what lies wholly outside the limits."""
        forms.Field.validate(self, value)
        if value is not None:
            self.refuse_after(value.earliest)
            self.refuse_before(value.latest)


class ConfirmationBox(forms.CheckboxInput):
    """A box to tick whose value says what is confirmed, so that a tick holds for that and for nothing else.

    ``confirms`` is that value, which only ``tickets.confirmation_of`` can make; it is set once it is known.
    """

    confirms = ""

    def is_confirmed(self, sent: str) -> bool:
        """True when what was sent is a tick for exactly what is asked now."""
        return bool(self.confirms) and compare_digest(sent.encode(), self.confirms.encode())

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:  # type: ignore[override]
        """What was confirmed; empty without a tick."""
        return str(data.get(name, ""))

    def format_value(self, value: Any) -> str:
        """What a tick confirms now."""
        return self.confirms

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The box, ticked only where exactly this was confirmed."""
        return super().get_context(name, self.is_confirmed(str(value or "")), attrs)


class Confirmation(forms.CharField):
    """A box to tick that confirms what was asked about, and nothing else; ``confirms`` is what its tick sends."""

    widget = ConfirmationBox

    def __init__(self, *, confirms: str = "", **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.widget.confirms = confirms


class TypedNumber(forms.Field):
    """A decimal number written with a point, within limits (both inclusive) in ``unit``."""

    widget = forms.TextInput

    def __init__(self, *, minimum: Decimal | None, maximum: Decimal | None, unit: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum, self.unit = minimum, maximum, unit
        self.widget.attrs.update(inputmode="decimal", autocomplete="off")

    def to_python(self, value: Any) -> Decimal | None:
        """The number, or None when nothing was typed."""
        if not (text := str(value or "").strip()):
            return None
        if not _NUMBER.fullmatch(text) or not text.isascii():
            raise ValidationError("This is not a number. Write it in figures, with a point: 4.5.")
        return Decimal(text)

    def validate(self, value: Decimal | None) -> None:
        """Refuse a number outside the limits."""
        super().validate(value)
        if value is not None and self.minimum is not None and value < self.minimum:
            raise ValidationError(f"Enter {self._limit(self.minimum)} or more.")
        if value is not None and self.maximum is not None and value > self.maximum:
            raise ValidationError(f"Enter {self._limit(self.maximum)} or less.")

    def _limit(self, limit: Decimal) -> str:
        return f"{in_figures(limit)} {self.unit}".strip()
