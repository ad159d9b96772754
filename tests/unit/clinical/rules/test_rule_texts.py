"""The form fields for rules: which input is accepted, and the error messages for the rest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field

from screening.drafts.forms.rule import LINK_ID_PATTERN, LINK_ID_SENTENCE, RuleForm
from screening.web.fields import FollowUpLimit, OneOf, RuleCode, RuleText, WholeNumberField

TEXT = RuleText(required=False)
HEADING = RuleText(is_heading=True, max_length=200, required=False)
LINK_ID = RuleCode(pattern=LINK_ID_PATTERN, sentence=LINK_ID_SENTENCE, required=False)
DAYS = WholeNumberField(minimum=Decimal(0), maximum=Decimal(3660), unit="days", required=False)
LIMIT = FollowUpLimit(required=False)
REVIEW = RuleForm.base_fields["next_review"]
KIND = OneOf({"text": "A text"}, sentence="Choose the kind.", empty_label="None")


def refused(field: Field, entered: object) -> str:
    """The only error message of a field for this input."""
    with pytest.raises(ValidationError) as error:
        field.clean(entered)
    (sentence,) = error.value.messages
    assert sentence[0].isupper() or sentence[0] == "“"
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("entered", "cleaned"),
    [
        pytest.param("  One\n\ttwo  three ", "One two three", id="runs of white space become one"),
        pytest.param("<b>a</b> & {{ b }}", "<b>a</b> & {{ b }}", id="markup is text"),
        pytest.param("x" * 4000, "x" * 4000, id="the maximum length"),
        pytest.param("This was approved.", "This was approved.", id="running text may say what a label approved"),
    ],
)
def test_only_the_white_space_of_a_text_is_changed(entered: str, cleaned: str) -> None:
    assert TEXT.clean(entered) == cleaned


def test_a_text_that_is_too_long_is_refused_with_its_length() -> None:
    assert refused(TEXT, "x" * 4012) == "Use at most 4000 characters; this has 4012."
    assert refused(HEADING, "x" * 201) == "Use at most 200 characters; this has 201."


@pytest.mark.parametrize("entered", ["a\x00b", "a\u202eb", "a\u200bb", "a\ufffdb", "\u3164"])
def test_invisible_characters_are_refused(entered: str) -> None:
    assert "Type the text again." in refused(TEXT, entered)


def test_browsers_do_not_truncate_pasted_text() -> None:
    assert "maxlength" not in TEXT.widget.attrs
    assert "maxlength" not in HEADING.widget.attrs


@pytest.mark.parametrize("entered", ["Safe to start", "not APPROVED", "passed", "The patient fails: rejected"])
def test_a_verdict_in_a_heading_is_refused(entered: str) -> None:
    assert "is a verdict, and only the prescriber decides" in refused(HEADING, entered)


@pytest.mark.parametrize("entered", ["A failed naloxone challenge", "Unsafe", "Bypass", ""])
def test_a_clinical_term_is_not_a_verdict(entered: str) -> None:
    assert HEADING.clean(entered) == entered


@pytest.mark.parametrize("entered", ["a", "renal-impairment", "x9-", "a" * 27])
def test_a_valid_link_id_is_accepted(entered: str) -> None:
    assert LINK_ID.clean(entered) == entered


@pytest.mark.parametrize("entered", ["Renal", "9lives", "-a", "a_b", "a b", "a.b", "a" * 28, "é", "a\u202e"])
def test_an_invalid_link_id_is_refused(entered: str) -> None:
    assert refused(LINK_ID, entered) == str(LINK_ID_SENTENCE)


@pytest.mark.parametrize(("entered", "cleaned"), [("0", 0), (" 30 ", 30), ("3660", 3660), ("007", 7), ("", None)])
def test_a_whole_number_of_days_is_accepted(entered: str, cleaned: int | None) -> None:
    assert DAYS.clean(entered) == cleaned


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ("4.5", "This is not a whole number. Use digits, such as 30."),
        ("-1", "This is not a whole number. Use digits, such as 30."),
        ("²", "This is not a whole number. Use digits, such as 30."),
        ("thirty", "This is not a whole number. Use digits, such as 30."),
        ("9" * 30, "This is not a whole number. Use digits, such as 30."),
        ("3661", "Enter 3660 days or less."),
    ],
)
def test_an_invalid_number_of_days_is_refused(entered: str, sentence: str) -> None:
    assert refused(DAYS, entered) == sentence


def test_a_limit_has_at_most_four_decimal_places() -> None:
    assert LIMIT.clean("0.1234") == Decimal("0.1234")
    assert refused(LIMIT, "0.12345") == "Use at most 4 decimal places."
    assert refused(LIMIT, "100000000") == "Enter 99999999.9999 or less."
    assert LIMIT.prepare_value(Decimal("1000.0000")) == "1000"


def test_a_review_date_may_be_past_and_is_shown_with_its_month_in_letters() -> None:
    assert REVIEW.clean("1 Nov 2020") == date(2020, 11, 1)
    assert REVIEW.prepare_value(date(2027, 11, 1)) == "1 November 2027"


@pytest.mark.parametrize("entered", ["1 Nov 1985", "1 Nov 2100"])
def test_an_implausible_year_is_refused(entered: str) -> None:
    assert refused(REVIEW, entered).startswith("Check the year.")


def test_one_of_several_choices_or_none_is_accepted() -> None:
    assert KIND.clean("text") == "text"
    assert KIND.clean("") is None
    assert refused(KIND, "other") == "Choose the kind."
