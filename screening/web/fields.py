"""Form fields that say in a sentence what is wrong with what was typed."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hmac import compare_digest
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from screening.clinical.rules.validation import TERMS_OF_ART, VERDICTS
from screening.clinical.text import dates
from screening.clinical.text.birth_dates import BirthDate, parse_birth_date
from screening.clinical.text.phrases import format_number
from screening.clinical.text.printable import REPLACEMENT_CHARACTER, first_unprintable, shows_nothing

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SHOWS_NOTHING = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
_ONE_FONTS_OWN = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
LONGEST_RULE_TEXT, LONGEST_LINE = 4000, 200
LARGEST_LIMIT, LIMIT_DECIMALS = Decimal("99999999.9999"), 4


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


def refuse_verdict(value: str) -> None:
    """Refuse words that decide: the software never does, so no heading, line or list may say so.

    Raises:
        ValidationError: a verdict word is in the text.
    """
    if found := VERDICTS.search(TERMS_OF_ART.sub("", value)):
        raise ValidationError(f"“{found[0]}” is a verdict, and the prescriber decides. Say it in other words.")


class PlainText(forms.CharField):
    """One paragraph of text as it will be printed: no markup is interpreted, no invisible character accepted.

    With ``rows`` above 1 its box is so many lines tall; what is typed over several lines becomes one paragraph. The
    box has no ``maxlength``: a browser would cut what is pasted, and say nothing.
    """

    def __init__(self, *, max_length: int, rows: int = 1, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea if rows > 1 else forms.TextInput, **kwargs)
        self.longest, self.validators = max_length, [refuse_unprintable]
        self.widget.attrs.setdefault("autocomplete", "off")
        if rows > 1:
            self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> str:
        """The text with runs of space made one."""
        return " ".join((super().to_python(value) or "").split())

    def run_validators(self, value: str) -> None:
        """Length first, in the number of characters that were typed."""
        if len(value) > self.longest:
            raise ValidationError(f"Use at most {self.longest} characters; this has {len(value)}.")
        super().run_validators(value)


class RuleText(PlainText):
    """A text of the rules table. With ``is_heading`` it accepts no verdict word."""

    def __init__(self, *, max_length: int = LONGEST_RULE_TEXT, is_heading: bool = False, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        if is_heading:
            self.validators.append(refuse_verdict)


class Code(RuleText):
    """A name for programs. ``pattern`` is what it must match, ``sentence`` says so."""

    def __init__(self, *, pattern: str, sentence: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [RegexValidator(rf"^(?:{pattern})\Z", sentence)]
        self.widget.attrs.update(spellcheck="false", autocapitalize="off")


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
    """A date typed as ISO or with its month in letters, within limits (both inclusive).

    The error messages ``too_early`` and ``too_late`` may name the limit as ``{limit}``.
    """

    widget = forms.TextInput
    default_error_messages = {
        "too_early": "This date is before {limit}. Check the year.",
        "too_late": "This date is in the future. Enter {limit} or earlier.",
    }

    def __init__(self, *, earliest: date, latest: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest
        self.widget.attrs.setdefault("autocomplete", "off")

    def prepare_value(self, value: Any) -> Any:
        """A stored date with its month in letters."""
        return dates.format_date(value) if isinstance(value, date) else value

    def to_python(self, value: Any) -> Any:
        """The date, or None when nothing was typed."""
        if not (text := str(value or "").strip()):
            return None
        try:
            return self.parse(text)
        except dates.DateError as error:
            raise ValidationError(str(error)) from None

    def parse(self, text: str) -> Any:
        """The date that a text names.

        Raises:
            dates.DateError: it names none.
        """
        return dates.parse(text)

    def limits_of(self, value: Any) -> tuple[date, date]:
        """The first and the last day that a value may be."""
        return value, value

    def validate(self, value: Any) -> None:
        """Refuse what lies wholly outside the limits."""
        super().validate(value)
        if value is None:
            return
        first, last = self.limits_of(value)
        if first > self.latest:
            raise ValidationError(self.error_messages["too_late"].format(limit=dates.format_date(self.latest)))
        if last < self.earliest:
            raise ValidationError(self.error_messages["too_early"].format(limit=dates.format_date(self.earliest)))


class TypedBirthDate(TypedDate):
    """A birth date of which the day, or day and month, may be left out."""

    def parse(self, text: str) -> BirthDate:
        """The birth date, with the parts that are known."""
        return parse_birth_date(text)

    def limits_of(self, value: BirthDate) -> tuple[date, date]:
        """The days between which the person was born."""
        return value.earliest, value.latest


class TypedNumber(forms.Field):
    """A decimal number written with a point, within limits (both inclusive) in ``unit``."""

    widget = forms.TextInput
    pattern = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
    default_error_messages = {"invalid": "This is not a number. Write it in figures, with a point: 4.5."}

    def __init__(self, *, minimum: Decimal | None, maximum: Decimal | None, unit: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum, self.unit = minimum, maximum, unit
        self.widget.attrs.update(inputmode="decimal", autocomplete="off")

    def prepare_value(self, value: Any) -> Any:
        """A stored number without the zeros behind it."""
        return format_number(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        """The number, or None when nothing was typed."""
        if not (text := str(value if value is not None else "").strip()):
            return None
        if not self.pattern.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return Decimal(text)

    def validate(self, value: Any) -> None:
        """Refuse a number outside the limits."""
        super().validate(value)
        if value is not None and self.minimum is not None and value < self.minimum:
            raise ValidationError(f"Enter {self._limit(self.minimum)} or more.")
        if value is not None and self.maximum is not None and value > self.maximum:
            raise ValidationError(f"Enter {self._limit(self.maximum)} or less.")

    def _limit(self, limit: Decimal) -> str:
        return f"{format_number(limit)} {self.unit}".strip()


class WholeNumber(TypedNumber):
    """A whole number within limits."""

    pattern = re.compile("[0-9]{1,9}")
    default_error_messages = {"invalid": "This is not a whole number. Write it in figures: 30."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.update(inputmode="numeric")

    def to_python(self, value: Any) -> int | None:
        """The number, or None when nothing was typed."""
        number = super().to_python(value)
        return None if number is None else int(number)


class Limit(TypedNumber):
    """The lowest or highest number that a follow-up takes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=Decimal(0), maximum=LARGEST_LIMIT, **kwargs)

    def validate(self, value: Any) -> None:
        """Refuse more decimals than are stored."""
        super().validate(value)
        if value is not None and value != round(value, LIMIT_DECIMALS):
            raise ValidationError(f"Use at most {LIMIT_DECIMALS} figures behind the point.")


class OneOf(forms.TypedChoiceField):
    """One of several, by code and words; ``sentence`` asks for it. With words for ``nothing`` none may be chosen.

    Its value is None where none is.
    """

    def __init__(
        self, words: Mapping[str, str], *, sentence: str, nothing: str = "", radio: bool = False, **kwargs: Any
    ) -> None:
        first = [("", nothing or "Choose one")] if nothing or not radio else []
        super().__init__(
            choices=[*first, *words.items()],
            widget=forms.RadioSelect if radio else forms.Select,
            required=not nothing,
            empty_value=None,
            error_messages={"required": sentence, "invalid_choice": sentence},
            **kwargs,
        )
        self.says_none = bool(nothing)


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


def confirmation_of(*facts: object) -> str:
    """The value of a box to tick: it confirms these facts, in this installation, and nothing else."""
    digest = hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()
    return signing.Signer(salt="confirmation").sign(digest)
