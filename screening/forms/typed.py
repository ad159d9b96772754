"""What is typed into the rules table: texts, codes, whole numbers and days, each refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from screening.clinical.checks import TERMS_OF_ART, VERDICTS
from screening.clinical.dates import EXAMPLE, in_words
from screening.clinical.decimals import in_figures
from screening.fields import PlainText, TypedDate, TypedNumber

LONGEST, LONGEST_LINE = 4000, 200
EARLIEST_REVIEW, LATEST_REVIEW = date(2000, 1, 1), date(2099, 12, 31)
_DECIMALS = 4
_LARGEST = Decimal("99999999.9999")
_WHOLE = re.compile("[0-9]{1,9}")


class RuleText(PlainText):
    """A text of the rules table: one paragraph, in which markup is text. What is pasted is never cut.

    ``lines`` is how tall its box is; one of ``size`` "wide" has a line of the page to itself. With ``is_heading`` no
    verdict word is accepted.
    """

    def __init__(
        self,
        *,
        max_length: int = LONGEST,
        lines: int = 1,
        size: str = "wide",
        is_heading: bool = False,
        **kwargs: Any,
    ) -> None:
        widget = forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput()
        super().__init__(max_length=max_length, widget=widget, **kwargs)
        self.is_heading, self.size = is_heading, size

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without a limit of the browser's own, which would cut what is pasted and say nothing."""
        return {name: each for name, each in super().widget_attrs(widget).items() if name != "maxlength"}

    def run_validators(self, value: str) -> None:
        """The software never decides, so no heading, line or list may say so."""
        super().run_validators(value)
        if self.is_heading and (found := VERDICTS.search(TERMS_OF_ART.sub("", value))):
            raise ValidationError(f"“{found[0]}” is a verdict, and the prescriber decides. Say it in other words.")


class Code(RuleText):
    """A name for programs. ``pattern`` is what it must be, ``sentence`` how that is said."""

    def __init__(self, *, pattern: str, sentence: str, **kwargs: Any) -> None:
        super().__init__(size="", **kwargs)
        self.pattern, self.sentence = re.compile(pattern), sentence
        self.widget.attrs.update(spellcheck="false", autocapitalize="off")

    def run_validators(self, value: str) -> None:
        """Refuse what programs could not read."""
        if value and not self.pattern.fullmatch(value):
            raise ValidationError(self.sentence)


class WholeNumber(TypedNumber):
    """A whole number within limits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.update(inputmode="numeric")

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        """The number, or None when nothing was typed."""
        if not (text := str(value if value is not None else "").strip()):
            return None
        if not _WHOLE.fullmatch(text):
            raise ValidationError("This is not a whole number. Write it in figures: 30.")
        return int(text)


class Limit(TypedNumber):
    """The lowest or highest number that a detail takes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=Decimal(0), maximum=_LARGEST, **kwargs)
        self.size = "of-number"

    def prepare_value(self, value: Any) -> Any:
        """A stored number without the zeros behind it."""
        return in_figures(value) if isinstance(value, Decimal) else value

    def validate(self, value: Decimal | None) -> None:
        """Refuse what the table cannot hold."""
        super().validate(value)
        if value is not None and value != round(value, _DECIMALS):
            raise ValidationError(f"Use at most {_DECIMALS} figures behind the point.")


class ReviewDate(TypedDate):
    """When the text of a rule is looked at again; it may lie in the past, and then it is overdue."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(earliest=EARLIEST_REVIEW, latest=LATEST_REVIEW, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A stored date with its month in letters."""
        return in_words(value) if isinstance(value, date) else value

    def validate(self, value: date | None) -> None:
        """Refuse what is a slip of the pen."""
        forms.Field.validate(self, value)
        if value is not None and not self.earliest <= value <= self.latest:
            raise ValidationError(f"The year cannot be right. Write day, month in letters, year: {EXAMPLE}.")


class OneOf(forms.TypedChoiceField):
    """One of several, by code and words; ``sentence`` asks for it. With words for ``nothing`` none may be chosen.

    Its value is None where none is.
    """

    def __init__(
        self,
        words: Mapping[str, str],
        *,
        sentence: str,
        nothing: str = "",
        radio: bool = False,
        size: str = "",
        **kwargs: Any,
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
        self.size, self.says_none = size or ("wide" if radio else ""), bool(nothing)
