"""Form fields, each with an error message that explains what to correct."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from screening.clinical.rules.validation import TERMS_OF_ART, VERDICTS
from screening.clinical.text.phrases import format_number
from screening.clinical.text.printable import REPLACEMENT_CHARACTER, first_unprintable, shows_nothing
from screening.web.languages import format_count

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
CHOOSE_FROM_LIST = {"invalid_choice": "Choose one from the list."}
"""Error messages of a choice. Django’s own message repeats the value, with its direction controls."""
LONGEST_RULE_TEXT, LONGEST_LINE = 4000, 200
LARGEST_LIMIT, LIMIT_DECIMALS = Decimal("99999999.9999"), 4


def refuse_unprintable(value: str) -> None:
    """Refuse invisible characters that change how a line reads, and replacement characters.

    Raises:
        ValidationError: the text has a control, direction or private-use character, or no visible character.
    """
    if shows_nothing(value):
        raise ValidationError(gettext("This text has no visible characters. Type the text again."))
    if found := first_unprintable(value):
        place, name = found
        message = gettext("Character {place} cannot be shown or printed ({name}). Type the text again.")
        raise ValidationError(message.format(place=place, name=name))


def refuse_verdict(value: str) -> None:
    """Refuse verdict words such as “safe”: only the prescriber decides.

    Raises:
        ValidationError: the text has a verdict word.
    """
    if found := VERDICTS.search(TERMS_OF_ART.sub("", value)):
        message = gettext("“{word}” is a verdict, and only the prescriber decides. Use other words.")
        raise ValidationError(message.format(word=found[0]))


class PlainText(forms.CharField):
    """One paragraph of printable text. Markup is not interpreted; invisible characters are refused.

    ``rows`` is the height of the input in lines; several lines of input become one paragraph. The input has no
    ``maxlength``: a browser would truncate pasted text without a message.
    """

    def __init__(self, *, max_length: int, rows: int = 1, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea if rows > 1 else forms.TextInput, **kwargs)
        self.longest, self.validators = max_length, [refuse_unprintable]
        self.widget.attrs.setdefault("autocomplete", "off")
        if rows > 1:
            self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> str:
        """Collapse each run of white space to one space."""
        return " ".join((super().to_python(value) or "").split())

    def run_validators(self, value: str) -> None:
        """Check the length first, in characters."""
        if len(value) > self.longest:
            message = gettext("Use at most {most} characters; this has {count}.")
            raise ValidationError(message.format(most=self.longest, count=len(value)))
        super().run_validators(value)


class RuleText(PlainText):
    """A text of the rules table. With ``is_heading`` verdict words are refused."""

    def __init__(self, *, max_length: int = LONGEST_RULE_TEXT, is_heading: bool = False, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        if is_heading:
            self.validators.append(refuse_verdict)


class RuleCode(RuleText):
    """An identifier in the rules table. It must match ``pattern``; ``sentence`` is the error message."""

    def __init__(self, *, pattern: str, sentence: StrOrPromise, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [RegexValidator(rf"^(?:{pattern})\Z", sentence)]
        self.widget.attrs.update(spellcheck="false", autocapitalize="off")


class PlainLines(forms.Field):
    """Several texts, one per line. Its value is a list without the empty lines."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int, most: int, rows: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest, self.most = max_length, most
        self.widget.attrs.update(rows=rows, autocomplete="off")

    def prepare_value(self, value: Any) -> Any:
        """Show a list with one text per line."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """Return the texts; each run of white space is collapsed to one space."""
        lines = (" ".join(line.split()) for line in _LINE_ENDS.sub("\n", str(value or "")).split("\n"))
        return [line for line in lines if line]

    def validate(self, value: list[str]) -> None:
        """Check that the list is not empty when required, and not too long."""
        super().validate(value)
        if len(value) > self.most:
            message = gettext("Use at most {most} lines; this has {count}.")
            raise ValidationError(message.format(most=self.most, count=len(value)))

    def run_validators(self, value: list[str]) -> None:
        """Check each text; the error message gives the number of the line."""
        for number, line in enumerate(value, start=1):
            if len(line) > self.longest:
                message = gettext("Line {number}: use at most {most} characters; it has {count}.")
                raise ValidationError(message.format(number=number, most=self.longest, count=len(line)))
            try:
                refuse_unprintable(line)
            except ValidationError as error:
                message = gettext("Line {number}: {problem}").format(number=number, problem=error.message)
                raise ValidationError(message) from None


class PastedText(forms.CharField):
    """Lines of text pasted from another program, at most ``max_length`` characters.

    Invisible characters are removed, line ends are normalised, and private-use characters, which are nearly always
    bullets, become “•”. Characters that are not text are refused. The input has no ``maxlength``: a browser would
    truncate pasted text without a message.
    """

    widget = forms.Textarea

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.longest, self.validators = max_length, []
        self.widget.attrs.update(rows=5, autocomplete="off", spellcheck="false", autocapitalize="off")

    def to_python(self, value: Any) -> str:
        """Return the normalised lines, or an empty text if nothing is visible."""
        text = _LINE_ENDS.sub("\n", str(value or ""))
        return _PRIVATE_USE.sub("•", _INVISIBLE.sub("", text)).rstrip()

    def run_validators(self, value: str) -> None:
        """Check the length first, so that a very long text is refused without reading all of it."""
        if len(value) > self.longest:
            message = gettext(
                "Use at most {most} characters; this has {count}. Nothing was cut off: "
                "remove what is not a current medicine."
            )
            raise ValidationError(message.format(most=format_count(self.longest), count=format_count(len(value))))
        for number, line in enumerate(value.split("\n"), start=1):
            if found := next(filter(_is_not_text, line), None):
                message = gettext(
                    "This is not text: line {number} has a character that cannot be shown ({code}). "
                    "Paste the list as text."
                )
                raise ValidationError(message.format(number=number, code=f"U+{ord(found):04X}"))


def _is_not_text(character: str) -> bool:
    return character == REPLACEMENT_CHARACTER or (
        character != "\t" and unicodedata.category(character) in {"Cc", "Cs", "Cn"}
    )


class NumberField(forms.Field):
    """A decimal number with a point, from ``minimum`` to ``maximum`` (both inclusive), in ``unit``.

    ``decimals`` is the largest number of decimal places, as the database column has them.
    """

    widget = forms.TextInput
    pattern = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
    default_error_messages = {"invalid": _("This is not a number. Use digits and a decimal point, such as 4.5.")}

    def __init__(
        self,
        *,
        minimum: Decimal | None,
        maximum: Decimal | None,
        unit: str = "",
        decimals: int = 6,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum, self.unit, self.decimals = minimum, maximum, unit, decimals
        self.widget.attrs.update(inputmode="decimal", autocomplete="off")

    def prepare_value(self, value: Any) -> Any:
        """Show a number without trailing zeros."""
        return format_number(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        """Return the number, or None for an empty value."""
        if not (text := str(value if value is not None else "").strip()):
            return None
        if not self.pattern.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return Decimal(text)

    def validate(self, value: Any) -> None:
        """Refuse a number outside the limits, or with too many decimal places."""
        super().validate(value)
        if value is not None and value != round(value, self.decimals):
            message = ngettext(
                "Use at most {count} decimal place.", "Use at most {count} decimal places.", self.decimals
            )
            raise ValidationError(message.format(count=self.decimals))
        if value is not None and self.minimum is not None and value < self.minimum:
            raise ValidationError(gettext("Enter {limit} or more.").format(limit=self._limit(self.minimum)))
        if value is not None and self.maximum is not None and value > self.maximum:
            raise ValidationError(gettext("Enter {limit} or less.").format(limit=self._limit(self.maximum)))

    def _limit(self, limit: Decimal) -> str:
        return f"{format_number(limit)} {self.unit}".strip()


class WholeNumberField(NumberField):
    """A whole number from ``minimum`` to ``maximum``."""

    pattern = re.compile("[0-9]{1,9}")
    default_error_messages = {"invalid": _("This is not a whole number. Use digits, such as 30.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.update(inputmode="numeric")

    def to_python(self, value: Any) -> int | None:
        """Return the number, or None for an empty value."""
        number = super().to_python(value)
        return None if number is None else int(number)


class FollowUpLimit(NumberField):
    """The lowest or highest number that a follow-up accepts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=Decimal(0), maximum=LARGEST_LIMIT, decimals=LIMIT_DECIMALS, **kwargs)


class RuleTextSelect(forms.Select):
    """A select whose options are rule text, except the empty one."""

    template_name = "screening/web/rule_text_select.html"


class OneOf(forms.TypedChoiceField):
    """A choice of one code. ``labels`` are the labels by code, ``sentence`` is the error message.

    With an ``empty_label`` the field is optional; its value is then None if nothing is chosen.
    """

    def __init__(
        self,
        labels: Mapping[str, StrOrPromise],
        *,
        sentence: StrOrPromise,
        empty_label: StrOrPromise = "",
        radio: bool = False,
        **kwargs: Any,
    ) -> None:
        first = [("", empty_label or _("Choose one"))] if empty_label or not radio else []
        super().__init__(
            choices=[*first, *labels.items()],
            widget=forms.RadioSelect if radio else forms.Select,
            required=not empty_label,
            empty_value=None,
            error_messages={"required": sentence, "invalid_choice": sentence},
            **kwargs,
        )
        self.shows_optional = bool(empty_label)


class ConfirmationBox(forms.CheckboxInput):
    """A checkbox whose value identifies the confirmed facts, so that a tick is valid for these facts only.

    ``confirms`` is that value, made by ``confirmation_of``; it is set once the facts are known.
    """

    confirms = ""

    def is_confirmed(self, submitted: str) -> bool:
        """Return True if the submitted value confirms the facts that are shown now."""
        return bool(self.confirms) and compare_digest(submitted.encode(), self.confirms.encode())

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:  # type: ignore[override]
        """Return the submitted value; empty without a tick."""
        return str(data.get(name, ""))

    def format_value(self, value: Any) -> str:
        """Return the value that a tick submits."""
        return self.confirms

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Tick the checkbox only if these facts were confirmed."""
        return super().get_context(name, self.is_confirmed(str(value or "")), attrs)


class Confirmation(forms.CharField):
    """A checkbox that confirms certain facts; ``confirms`` is its value, made by ``confirmation_of``."""

    widget = ConfirmationBox

    def __init__(self, *, confirms: str = "", **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.widget.confirms = confirms


def confirmation_of(*facts: object) -> str:
    """Return a signed value that identifies these facts. Values of other installations are not valid."""
    digest = hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()
    return signing.Signer(salt="confirmation").sign(digest)
