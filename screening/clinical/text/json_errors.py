"""What is wrong with a text that was to be read as data: the sentences of a person in place of pydantic's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from .printable import shown

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
OptionalText = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]

_CHOICE = "{given} is none of the allowed values: {expected}"
_NUMBER = "a number is expected here; this is {given}"
_WHOLE = "a whole number is expected here, without a point and without quotes; this is {given}"
_DIGITS = "{given} has too many digits; use at most 8 before the point and 4 after it"
_DAY = "a date is expected here, written as 2027-11-01; this is {given}"
_MOMENT = "a time with its time zone is expected here, written as 2027-11-01T14:30:00+00:00; this is {given}"
_FIELDS = "named fields are expected here; this is {given}"

_SENTENCES = {
    "missing": "this field is missing",
    "unexpected_keyword_argument": "there is no field of this name; take it out",
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "int_type": _WHOLE,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": _DIGITS,
    "decimal_max_places": _DIGITS,
    "decimal_whole_digits": _DIGITS,
    "greater_than_equal": "{given} is too small; use {ge} or more",
    "less_than_equal": "{given} is too large; use {le} or less",
    "string_type": "a text is expected here; this is {given}",
    "string_too_short": "this text is empty; fill it in",
    "string_too_long": "this text is too long; use at most {max_length} characters",
    "bool_type": "true or false is expected here; this is {given}",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _MOMENT,
    "tuple_type": "a list is expected here; this is {given}",
    "dict_type": _FIELDS,
    "dataclass_type": _FIELDS,
}

SPELLINGS = {
    r"^[a-z][a-z0-9-]{0,26}$": "small letters, digits and hyphens, a letter first, at most 27 in all",
    r"^[a-z0-9][a-z0-9-]{0,39}$": "small letters, digits and hyphens, no hyphen first, at most 40 in all",
    r"^([0-9a-f]{64})?$": "64 hexadecimal digits, or nothing",
    r"^[0-9a-f]{64}$": "64 hexadecimal digits",
}
"""How a code is spelt, by the pattern that it has to match."""

_AT = re.compile(r"(?P<what>.*) at line (?P<line>\d+) column (?P<column>\d+)", re.DOTALL)


def sentence(error: ErrorDetails) -> str:
    """What is wrong, and what is expected."""
    told, given = error.get("ctx", {}), _given(error["input"])
    if error["type"] == "json_invalid":
        return _no_json(str(told["error"]))
    if error["type"] == "string_pattern_mismatch" and told["pattern"] in SPELLINGS:
        return f"{given} is spelt otherwise than is expected here: {SPELLINGS[told['pattern']]}"
    if error["type"] not in _SENTENCES:
        return error["msg"]
    expected = re.sub(r"'([^']*)'", r"“\1”", str(told.get("expected", "")))
    return _SENTENCES[error["type"]].format(**{**told, "given": given, "expected": expected})


def place(location: tuple[int | str, ...]) -> str:
    """Where it is wrong: ``items[1].severity``, counted from 1."""
    parts = (part for part in location if part != "[key]")
    named = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{shown(part)}" for part in parts)
    return named.lstrip(".") or "the file"


def _given(value: object) -> str:
    if isinstance(value, str):
        return f"“{shown(value)}”"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a group of named fields"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "nothing" if value is None else shown(str(value))


def _no_json(what: str) -> str:
    found = _AT.fullmatch(what)
    if found is None:
        return f"this is not JSON: {shown(what)}"
    if found["what"].startswith("EOF"):
        return f"the file is cut off: it ends in line {found['line']}, before all that was begun is closed"
    at = f"line {found['line']}, column {found['column']}"
    if found["what"].startswith("recursion"):
        return f"lists and fields stand too deep within one another ({at})"
    if found["what"].startswith("number out of range"):
        return f"a number is too long ({at})"
    return f"this is not JSON: {shown(found['what'])} ({at})"


class Fault(NamedTuple):
    """One thing wrong with a rule set: where, and what to do about it in a sentence."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class DefinitionError(ValueError):
    """A text that is no usable rule set; ``faults`` lists all that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def content_hash(canonical_json: str) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON's UTF-8 bytes."""
    return hashlib.sha256(canonical_json.encode()).hexdigest()


def structural_faults(error: ValidationError) -> Iterator[Fault]:
    """What pydantic found wrong, each with its place in the file."""
    for each in error.errors(include_url=False):
        yield Fault(place(each["loc"]), sentence(each))
