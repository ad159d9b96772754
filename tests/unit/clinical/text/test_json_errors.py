"""Readable error messages for invalid JSON: each kind of error with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from screening.clinical.medications import lexicon
from screening.clinical.rules import definition
from screening.clinical.rules.definition import FollowUpKind
from screening.clinical.text import json_errors
from screening.clinical.text.json_errors import DefinitionError, Fault
from tests.unit.builders import allowing_not_applicable, follow_up, interval_kind, interval_start
from tests.unit.builders import definition as rule_set

WHOLE = "this must be a whole number without a decimal point or quotes, but it is "
DAY = "this must be a date such as 2027-11-01, but it is "
LIST = "this must be a list, but it is "
FIELDS = "this must be a group of named fields, but it is "
NUMBER = "this must be a number, but it is "
LINK_ID = "not allowed here; use at most 27 lowercase letters, digits and hyphens, starting with a letter"


def as_plain() -> dict[str, Any]:
    """A rule set as plain data that a test may break."""
    follow_ups = (follow_up("number", FollowUpKind.NUMBER), interval_kind(), interval_start())
    plain: dict[str, Any] = json.loads(definition.to_json(rule_set(allowing_not_applicable(follow_ups=follow_ups))))
    return plain


def faults_of(text: str) -> tuple[Fault, ...]:
    """The faults found when a text is read as a rule set."""
    with pytest.raises(DefinitionError) as error:
        definition.from_json(text)
    return error.value.faults


ITEM = ("items", 0)
FOLLOW_UP = (*ITEM, "follow_ups", 0)
DAYS = (*ITEM, "follow_ups", 1, "choices", 0, "interval", "days")


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        pytest.param((*ITEM, "colour"), 1, "there is no field with this name; remove it", id="unknown field"),
        pytest.param((*ITEM, "question"), " ", "this text is empty; fill it in", id="spaces"),
        pytest.param((*ITEM, "question"), 5, "this must be a text, but it is 5", id="number for a text"),
        pytest.param((*ITEM, "question"), None, "this must be a text, but it is empty", id="null for a text"),
        pytest.param((*ITEM, "why"), "x" * 4001, "this text is too long; use at most 4000 characters", id="long"),
        pytest.param(DAYS, 7.5, f"{WHOLE}7.5", id="fraction of a day"),
        pytest.param(DAYS, "7", f"{WHOLE}“7”", id="days as text"),
        pytest.param(DAYS, True, f"{WHOLE}true", id="true for days"),
        pytest.param(DAYS, 0, "0 is too small; use 1 or more", id="zero days"),
        pytest.param(DAYS, 4000, "4000 is too large; use 3660 or less", id="too many days"),
        pytest.param((*ITEM, "next_review"), "1 Nov 2027", f"{DAY}“1 Nov 2027”", id="date with its month in letters"),
        pytest.param((*ITEM, "next_review"), "2027-02-30", f"{DAY}“2027-02-30”", id="no such day"),
        pytest.param((*ITEM, "next_review"), "2027-11-01T10:00", f"{DAY}“2027-11-01T10:00”", id="time for a date"),
        pytest.param((*ITEM, "next_review"), 20271101, f"{DAY}20271101", id="number for a date"),
        pytest.param((*ITEM, "sources"), {}, f"{LIST}a group of named fields", id="no list"),
        pytest.param((*ITEM, "sources"), ["x"], f"{FIELDS}“x”", id="no fields"),
        pytest.param(("cases", 0, "answers"), [], f"{FIELDS}a list", id="list"),
        pytest.param((*ITEM, "link_id"), "A b", f"“A b” is {LINK_ID}", id="code"),
        pytest.param((*FOLLOW_UP, "minimum"), "few", f"{NUMBER}“few”", id="no number"),
        pytest.param((*FOLLOW_UP, "minimum"), [], f"{NUMBER}a list", id="list for a number"),
        pytest.param((*FOLLOW_UP, "minimum"), 1e999, f"{NUMBER}inf", id="infinity"),
        pytest.param(
            (*FOLLOW_UP, "minimum"),
            "1.23456",
            "“1.23456” has too many digits; use at most 8 before the decimal point and 4 after it",
            id="too many decimal places",
        ),
        pytest.param(
            (*FOLLOW_UP, "kind"),
            "colour",
            "“colour” is not one of the allowed values; use “text”, “date”, “number”, “one-choice” or "
            "“several-choices”",
            id="unknown kind",
        ),
    ],
)
def test_an_error_is_described_in_a_sentence(path: tuple[str | int, ...], value: object, sentence: str) -> None:
    plain = as_plain()
    part: Any = plain
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert faults_of(json.dumps(plain))[0].sentence == sentence


def test_a_missing_field_is_an_error() -> None:
    plain = as_plain()
    del plain["items"][0]["question"]
    assert faults_of(json.dumps(plain)) == (("items[1].question", "this field is missing; add it"),)


def test_an_invalid_link_id_of_an_answer_has_its_place() -> None:
    plain = as_plain()
    plain["cases"][0]["answers"] = {"No Rule": "yes"}
    (fault,) = faults_of(json.dumps(plain))
    assert fault.place == "cases[1].answers.No Rule"


def test_quoted_input_is_short_and_visible() -> None:
    plain = as_plain()
    plain["items"][0]["severity"] = "\u202e\x1b[2J" + "x" * 1000
    plain["items"][0]["\x1b" + "y" * 1000] = 1
    for fault in faults_of(json.dumps(plain)):
        assert str(fault).isprintable()
        assert len(str(fault)) < 250


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "the file is incomplete: it ends in line 1 inside a list, a group of fields or a text"),
        ('{"title":\n "Ru', "the file is incomplete: it ends in line 2 inside a list, a group of fields or a text"),
        ("[" * 500, "lists and fields are nested too deeply (line 1, column 202)"),
        ("9" * 5000, "a number has too many digits (line 1, column 4302)"),
        ('{"title": Rules}', "this is not JSON: expected value (line 1, column 11)"),
        ("{}{}", "this is not JSON: trailing characters (line 1, column 3)"),
    ],
    ids=["half", "half a text", "deep", "long number", "no quotes", "two"],
)
def test_invalid_json_is_reported_with_its_line(text: str, sentence: str) -> None:
    assert faults_of(text) == (("the file", sentence),)


@pytest.mark.parametrize("pattern", [definition.LinkId, json_errors.Code, definition.Sha256], ids=str)
def test_the_spelling_of_every_code_is_described(pattern: Any) -> None:
    assert pattern.__metadata__[0].pattern in json_errors.SPELLINGS


def test_the_message_for_a_code_without_a_description_is_that_of_pydantic() -> None:
    plain = json.loads(lexicon.to_json(LEXICON))
    plain["ingredients"][0]["atc"] = ["x"]
    with pytest.raises(DefinitionError, match=r"ingredients\[1\]\.atc\[1\]: String should match pattern"):
        lexicon.from_json(json.dumps(plain))


LEXICON = lexicon.Lexicon(
    format=lexicon.FORMAT,
    title="Names",
    sources=(),
    ingredients=(lexicon.Ingredient(name="codeine", group=lexicon.OpioidGroup.AGONIST, sources=()),),
    products=(),
    shorthand=(),
    forms=(),
    look_alikes=(),
)
