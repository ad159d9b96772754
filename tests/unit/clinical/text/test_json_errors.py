"""What is wrong with data in the sentences of a person: each kind of mistake, and its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from screening.clinical.medications import lexicon
from screening.clinical.rules import definition
from screening.clinical.rules.definition import FollowUpKind
from screening.clinical.text import json_errors as reading
from screening.clinical.text.json_errors import DefinitionError, Fault
from tests.unit.builders import allowing_not_applicable, follow_up, interval_kind, interval_start
from tests.unit.builders import definition as rule_set

WHOLE = "a whole number is expected here, without a point and without quotes; this is "
DAY = "a date is expected here, written as 2027-11-01; this is "
LIST = "a list is expected here; this is "
FIELDS = "named fields are expected here; this is "
NUMBER = "a number is expected here; this is "
OTHERWISE = "otherwise than is expected here: small letters, digits and hyphens, a letter first, at most 27 in all"


def as_plain() -> dict[str, Any]:
    """A rule set as plain data that a test may break."""
    follow_ups = (follow_up("number", FollowUpKind.NUMBER), interval_kind(), interval_start())
    plain: dict[str, Any] = json.loads(definition.to_json(rule_set(allowing_not_applicable(follow_ups=follow_ups))))
    return plain


def faults_of(text: str) -> tuple[Fault, ...]:
    """What reading a text as rules finds wrong."""
    with pytest.raises(DefinitionError) as error:
        definition.from_json(text)
    return error.value.faults


ITEM = ("items", 0)
FOLLOW_UP = (*ITEM, "follow_ups", 0)
DAYS = (*ITEM, "follow_ups", 1, "choices", 0, "interval", "days")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        pytest.param((*ITEM, "colour"), 1, "there is no field of this name; take it out", id="unknown field"),
        pytest.param((*ITEM, "question"), " ", "this text is empty; fill it in", id="spaces"),
        pytest.param((*ITEM, "question"), 5, "a text is expected here; this is 5", id="number for a text"),
        pytest.param((*ITEM, "question"), None, "a text is expected here; this is nothing", id="null for a text"),
        pytest.param((*ITEM, "why"), "x" * 4001, "this text is too long; use at most 4000 characters", id="long"),
        pytest.param(DAYS, 7.5, f"{WHOLE}7.5", id="part of a day"),
        pytest.param(DAYS, "7", f"{WHOLE}“7”", id="days as text"),
        pytest.param(DAYS, True, f"{WHOLE}true", id="true for days"),
        pytest.param(DAYS, 0, "0 is too small; use 1 or more", id="no day"),
        pytest.param(DAYS, 4000, "4000 is too large; use 3660 or less", id="too many days"),
        pytest.param((*ITEM, "next_review"), "1 Nov 2027", f"{DAY}“1 Nov 2027”", id="date in words"),
        pytest.param((*ITEM, "next_review"), "2027-02-30", f"{DAY}“2027-02-30”", id="no such day"),
        pytest.param((*ITEM, "next_review"), "2027-11-01T10:00", f"{DAY}“2027-11-01T10:00”", id="time for a date"),
        pytest.param((*ITEM, "next_review"), 20271101, f"{DAY}20271101", id="number for a date"),
        pytest.param(
            (*ITEM, "sources"), {}, "a list is expected here; this is a group of named fields", id="no list"
        ),
        pytest.param((*ITEM, "sources"), ["x"], f"{FIELDS}“x”", id="no fields"),
        pytest.param(("cases", 0, "answers"), [], f"{FIELDS}a list", id="list"),
        pytest.param((*ITEM, "link_id"), "A b", f"“A b” is spelt {OTHERWISE}", id="code"),
        pytest.param((*FOLLOW_UP, "minimum"), "few", f"{NUMBER}“few”", id="no number"),
        pytest.param((*FOLLOW_UP, "minimum"), [], f"{NUMBER}a list", id="list for a number"),
        pytest.param((*FOLLOW_UP, "minimum"), 1e999, f"{NUMBER}inf", id="endless"),
        pytest.param(
            (*FOLLOW_UP, "minimum"),
            "1.23456",
            "“1.23456” has too many digits; use at most 8 before the point and 4 after it",
            id="too fine a number",
        ),
        pytest.param(
            (*FOLLOW_UP, "kind"),
            "colour",
            "“colour” is none of the allowed values: “text”, “date”, “number”, “one-choice” or “several-choices”",
            id="unknown kind",
        ),
    ],
)
def test_a_mistake_is_told_in_a_sentence(path: tuple[str | int, ...], value: object, said: str) -> None:
    plain = as_plain()
    part: Any = plain
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert faults_of(json.dumps(plain))[0].sentence == said


def test_a_field_left_out_is_told() -> None:
    plain = as_plain()
    del plain["items"][0]["question"]
    assert faults_of(json.dumps(plain)) == (("items[1].question", "this field is missing"),)


def test_a_wrong_name_of_an_answer_has_its_place() -> None:
    plain = as_plain()
    plain["cases"][0]["answers"] = {"No Rule": "yes"}
    (fault,) = faults_of(json.dumps(plain))
    assert fault.place == "cases[1].answers.No Rule"


def test_what_somebody_wrote_is_shown_short_and_visible() -> None:
    plain = as_plain()
    plain["items"][0]["severity"] = "\u202e\x1b[2J" + "x" * 1000
    plain["items"][0]["\x1b" + "y" * 1000] = 1
    for fault in faults_of(json.dumps(plain)):
        assert str(fault).isprintable()
        assert len(str(fault)) < 250


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "the file is cut off: it ends in line 1, before all that was begun is closed"),
        ('{"title":\n "Ru', "the file is cut off: it ends in line 2, before all that was begun is closed"),
        ("[" * 500, "lists and fields stand too deep within one another (line 1, column 202)"),
        ("9" * 5000, "a number is too long (line 1, column 4302)"),
        ('{"title": Rules}', "this is not JSON: expected value (line 1, column 11)"),
        ("{}{}", "this is not JSON: trailing characters (line 1, column 3)"),
    ],
    ids=["half", "half a text", "deep", "long number", "no quotes", "two"],
)
def test_what_is_no_json_is_told_with_its_line(text: str, said: str) -> None:
    assert faults_of(text) == (("the file", said),)


@pytest.mark.parametrize("pattern", [definition.LinkId, reading.Code, definition.Sha256], ids=str)
def test_every_code_of_a_rule_set_has_its_spelling_in_words(pattern: Any) -> None:
    assert pattern.__metadata__[0].pattern in reading.SPELLINGS


def test_a_code_without_words_of_its_own_shows_what_is_wrong_all_the_same() -> None:
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
