"""The coded reasons for decisions: loading is strict, and the shipped reasons are complete."""

from __future__ import annotations

import json
from typing import Any

import pytest

from screening.clinical.rules import deciding
from screening.clinical.rules.deciding import FOLLOWED, OTHER, DecisionCode, ReasonCodes
from screening.clinical.rules.labels import DECISION_WORDS
from screening.clinical.text.json_errors import SPELLINGS, DefinitionError
from tests.paths import FIXTURES

REASONS_FILE = FIXTURES / "decision_reasons.json"
LONGEST_STORED_LABEL, LONGEST_STORED_CODE = 200, 40


def shipped() -> ReasonCodes:
    """The reasons of this release."""
    return deciding.from_json(REASONS_FILE.read_bytes())


def plain_reasons() -> dict[str, Any]:
    """The shipped reasons as plain data that a test may break."""
    plain: dict[str, Any] = json.loads(REASONS_FILE.read_text(encoding="utf-8"))
    return plain


def faults_of(plain: object) -> list[str]:
    """The faults found when plain data is read as reasons, each with its place."""
    with pytest.raises(DefinitionError) as error:
        deciding.from_json(json.dumps(plain))
    return [str(fault) for fault in error.value.faults]


def without(code: str) -> dict[str, Any]:
    """The shipped reasons without one of them."""
    plain = plain_reasons()
    return plain | {"reasons": [each for each in plain["reasons"] if each["code"] != code]}


# The shipped reasons ------------------------------------------------------------------------------------------


def test_the_shipped_reasons_are_valid() -> None:
    assert shipped().codes >= {FOLLOWED, OTHER}


def test_followed_is_the_first_reason_and_other_the_last() -> None:
    codes = [each.code for each in shipped().reasons]
    assert (codes[0], codes[-1]) == (FOLLOWED, OTHER)


def test_the_codes_of_the_shipped_reasons_do_not_change() -> None:
    assert [each.code for each in shipped().reasons] == [
        "followed", "action-completed", "need-more-info", "patient-ineligible", "risk-benefit-ratio",
        "mitigate-risk-negative-outcome", "expert-contradicts", "other",
    ]  # fmt: skip


def test_each_shipped_code_and_label_fits_its_column() -> None:
    too_long = [
        each.code
        for each in shipped().reasons
        if len(each.code) > LONGEST_STORED_CODE or max(len(each.flagged), len(each.unresolved)) > LONGEST_STORED_LABEL
    ]
    assert too_long == []


@pytest.mark.parametrize("is_flag", [True, False], ids=["flag", "unresolved rule"])
def test_no_two_shipped_reasons_have_the_same_label(is_flag: bool) -> None:
    labels = list(shipped().labels(is_flag=is_flag).values())
    assert len(set(labels)) == len(labels)


def test_a_flag_and_an_unresolved_rule_have_their_own_labels_by_code_in_the_same_order() -> None:
    flagged, unresolved = shipped().labels(is_flag=True), shipped().labels(is_flag=False)
    assert list(flagged) == list(unresolved) == [each.code for each in shipped().reasons]
    assert flagged[FOLLOWED] == "Followed: the next step will be done"
    assert unresolved[FOLLOWED] == "Followed: it will be found out first"


def test_every_decision_has_a_label() -> None:
    assert list(DECISION_WORDS) == list(DecisionCode)


# Strict loading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [FOLLOWED, OTHER])
def test_a_reason_with_a_meaning_of_its_own_is_required(code: str) -> None:
    assert faults_of(without(code)) == [f"reasons: the reason “{code}” is missing"]


def test_any_other_reason_may_be_left_out() -> None:
    assert "expert-contradicts" not in deciding.from_json(json.dumps(without("expert-contradicts"))).codes


@pytest.mark.parametrize("number", [2, 3])
def test_a_code_that_is_there_more_than_once_is_an_error(number: int) -> None:
    plain = plain_reasons()
    plain["reasons"] += [plain["reasons"][1]] * (number - 1)
    assert faults_of(plain) == [f"reasons: the reason “action-completed” is there {number} times"]


def test_a_system_that_is_not_defined_is_an_error_at_its_reason() -> None:
    plain = plain_reasons()
    plain["reasons"][2]["system"] = "snomed"
    assert faults_of(plain) == ["reasons[3].system: no system is named “snomed”"]


def test_every_fault_is_listed() -> None:
    plain = without(OTHER)
    plain["reasons"][0]["system"] = plain["reasons"][1]["system"] = "none"
    assert [each.partition(":")[0] for each in faults_of(plain)] == [
        "reasons", "reasons[1].system", "reasons[2].system"
    ]  # fmt: skip


UNKNOWN_FIELD = "there is no field with this name; remove it"
MISSING = "this field is missing; add it"
EMPTY = "this text is empty; fill it in"
CODE = r"^[a-z0-9][a-z0-9-]{0,39}$"


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        pytest.param(("colour",), "red", f"colour: {UNKNOWN_FIELD}", id="unknown field of the file"),
        pytest.param(
            ("reasons", 0, "label"), "x", f"reasons[1].label: {UNKNOWN_FIELD}", id="unknown field of a reason"
        ),
        pytest.param(("systems", 1, "oid"), "x", f"systems[2].oid: {UNKNOWN_FIELD}", id="unknown field of a system"),
        pytest.param(("reasons", 1, "flagged"), None, f"reasons[2].flagged: {MISSING}", id="no label for a flag"),
        pytest.param(("reasons", 1, "unresolved"), None, f"reasons[2].unresolved: {MISSING}", id="no other label"),
        pytest.param(("reasons", 1, "code"), None, f"reasons[2].code: {MISSING}", id="no code"),
        pytest.param(("systems", 0, "source"), None, f"systems[1].source: {MISSING}", id="no source"),
        pytest.param(("reasons", 1, "flagged"), " ", f"reasons[2].flagged: {EMPTY}", id="blank label"),
        pytest.param(("systems", 0, "source"), "", f"systems[1].source: {EMPTY}", id="empty source"),
        pytest.param(("title",), 5, "title: this must be a text, but it is 5", id="number for a text"),
        pytest.param(
            ("reasons", 0, "code"),
            "Not A Code",
            f"reasons[1].code: “Not A Code” is not allowed here; use {SPELLINGS[CODE]}",
            id="code with spaces",
        ),
        pytest.param(
            ("format",),
            "ldn-screen-decision-reasons/2",
            "format: “ldn-screen-decision-reasons/2” is not one of the allowed values; use "
            "“ldn-screen-decision-reasons/1”",
            id="another format",
        ),
        pytest.param(
            ("reasons",), {}, "reasons: this must be a list, but it is a group of named fields", id="no list"
        ),
    ],
)
def test_a_wrong_field_is_an_error_with_its_place(path: tuple[str | int, ...], value: object, fault: str) -> None:
    plain = plain_reasons()
    *parents, last = path
    part: Any = plain
    for key in parents:
        part = part[key]
    part[last] = value
    if value is None:
        del part[last]
    assert faults_of(plain) == [fault]


@pytest.mark.parametrize("url", ["", "example.org", "ftp://example.org", "https://", "https://example.org/a b"])
def test_the_url_of_a_system_must_be_one(url: str) -> None:
    plain = plain_reasons()
    plain["systems"][0]["url"] = url
    assert [each.partition(":")[0] for each in faults_of(plain)] == ["systems[1].url"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", b"\xff"], ids=["nothing", "half", "list", "null", "bytes"])
def test_what_is_no_file_of_reasons_is_refused(text: str | bytes) -> None:
    with pytest.raises(DefinitionError):
        deciding.from_json(text)
