"""Readable error messages for invalid JSON, in place of pydantic's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from .printable import shown
from .translation import gettext, gettext_noop

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
OptionalText = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]

_CHOICE = gettext_noop("{given} is not one of the allowed values; use {expected}")
_NUMBER = gettext_noop("this must be a number, but it is {given}")
_WHOLE = gettext_noop("this must be a whole number without a decimal point or quotes, but it is {given}")
_DIGITS = gettext_noop("{given} has too many digits; use at most 8 before the decimal point and 4 after it")
_DAY = gettext_noop("this must be a date such as 2027-11-01, but it is {given}")
_MOMENT = gettext_noop("this must be a time with a time zone, such as 2027-11-01T14:30:00+00:00, but it is {given}")
_FIELDS = gettext_noop("this must be a group of named fields, but it is {given}")

_SENTENCES = {
    "missing": gettext_noop("this field is missing; add it"),
    "unexpected_keyword_argument": gettext_noop("there is no field with this name; remove it"),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "int_type": _WHOLE,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": _DIGITS,
    "decimal_max_places": _DIGITS,
    "decimal_whole_digits": _DIGITS,
    "greater_than_equal": gettext_noop("{given} is too small; use {ge} or more"),
    "less_than_equal": gettext_noop("{given} is too large; use {le} or less"),
    "string_type": gettext_noop("this must be a text, but it is {given}"),
    "string_too_short": gettext_noop("this text is empty; fill it in"),
    "string_too_long": gettext_noop("this text is too long; use at most {max_length} characters"),
    "bool_type": gettext_noop("this must be true or false, but it is {given}"),
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _MOMENT,
    "tuple_type": gettext_noop("this must be a list, but it is {given}"),
    "dict_type": _FIELDS,
    "dataclass_type": _FIELDS,
}

SPELLINGS = {
    r"^[a-z][a-z0-9-]{0,26}$": gettext_noop(
        "at most 27 lowercase letters, digits and hyphens, starting with a letter"
    ),
    r"^[a-z0-9][a-z0-9-]{0,39}$": gettext_noop(
        "at most 40 lowercase letters, digits and hyphens, not starting with a hyphen"
    ),
    r"^([0-9a-f]{64})?$": gettext_noop("64 hexadecimal digits, or nothing"),
    r"^[0-9a-f]{64}$": gettext_noop("64 hexadecimal digits"),
}
"""The allowed spelling of a code, by its pattern."""

_AT = re.compile(r"(?P<message>.*) at line (?P<line>\d+) column (?P<column>\d+)", re.DOTALL)


def sentence(error: ErrorDetails) -> str:
    """Say what is wrong and what is expected."""
    context, given = error.get("ctx", {}), _given(error["input"])
    if error["type"] == "json_invalid":
        return _json_syntax_error(str(context["error"]))
    if error["type"] == "string_pattern_mismatch" and context["pattern"] in SPELLINGS:
        return gettext("{given} is not allowed here; use {spelling}").format(
            given=given, spelling=gettext(SPELLINGS[context["pattern"]])
        )
    if error["type"] not in _SENTENCES:
        return error["msg"]
    expected = re.sub(r"'([^']*)'", r"“\1”", str(context.get("expected", "")))
    return gettext(_SENTENCES[error["type"]]).format(**{**context, "given": given, "expected": expected})


def place(location: tuple[int | str, ...]) -> str:
    """Name the place of an error, counted from 1: ``items[1].severity``."""
    parts = (part for part in location if part != "[key]")
    named = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{shown(part)}" for part in parts)
    return named.lstrip(".") or "the file"


def _given(value: object) -> str:
    if isinstance(value, str):
        return gettext("“{name}”").format(name=shown(value))
    if isinstance(value, list):
        return gettext("a list")
    if isinstance(value, dict):
        return gettext("a group of named fields")
    if isinstance(value, bool):
        return "true" if value else "false"
    return gettext("empty") if value is None else shown(str(value))


def _json_syntax_error(message: str) -> str:
    found = _AT.fullmatch(message)
    if found is None:
        return gettext("this is not JSON: {message}").format(message=shown(message))
    if found["message"].startswith("EOF"):
        return gettext(
            "the file is incomplete: it ends in line {line} inside a list, a group of fields or a text"
        ).format(line=found["line"])
    if found["message"].startswith("recursion"):
        words = gettext("lists and fields are nested too deeply (line {line}, column {column})")
    elif found["message"].startswith("number out of range"):
        words = gettext("a number has too many digits (line {line}, column {column})")
    else:
        words = gettext("this is not JSON: {message} (line {line}, column {column})")
    return words.format(message=shown(found["message"]), line=found["line"], column=found["column"])


class Fault(NamedTuple):
    """An error in a rule set: its place, and a sentence that says what is wrong and how to fix it."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class DefinitionError(ValueError):
    """The text is not a valid rule set; ``faults`` lists every error."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def content_hash(canonical_json: str) -> str:
    """Return the SHA-256 of the UTF-8 bytes of canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json.encode()).hexdigest()


def structural_faults(error: ValidationError) -> Iterator[Fault]:
    """Convert the errors of pydantic to faults."""
    for each in error.errors(include_url=False):
        yield Fault(place(each["loc"]), sentence(each))
