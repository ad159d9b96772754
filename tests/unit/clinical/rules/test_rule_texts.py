"""What is typed into the rules table: what may be, and the sentence that says what is wrong with the rest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field

from screening.drafts.forms.rule import LINK_ID_PATTERN, LINK_ID_SENTENCE, RuleForm
from screening.web.fields import Code, Limit, OneOf, RuleText, WholeNumber

TEXT = RuleText(required=False)
HEADING = RuleText(is_heading=True, max_length=200, required=False)
LINK_ID = Code(pattern=LINK_ID_PATTERN, sentence=LINK_ID_SENTENCE, required=False)
DAYS = WholeNumber(minimum=Decimal(0), maximum=Decimal(3660), unit="days", required=False)
LIMIT = Limit(required=False)
REVIEW = RuleForm.base_fields["next_review"]
KIND = OneOf({"text": "A text"}, sentence="Choose the kind.", nothing="None")


def refused(field: Field, typed: object) -> str:
    """The one sentence with which a field refuses what was typed."""
    with pytest.raises(ValidationError) as error:
        field.clean(typed)
    (sentence,) = error.value.messages
    assert sentence[0].isupper() or sentence[0] == "“"
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("  One\n\ttwo  three ", "One two three", id="runs of white space become one"),
        pytest.param("<b>a</b> & {{ b }}", "<b>a</b> & {{ b }}", id="markup is text"),
        pytest.param("x" * 4000, "x" * 4000, id="just as long as may be"),
        pytest.param("This was approved.", "This was approved.", id="running text may tell what a label did"),
    ],
)
def test_a_text_is_kept_as_it_is_typed(typed: str, read: str) -> None:
    assert TEXT.clean(typed) == read


def test_what_is_too_long_is_told_with_its_count() -> None:
    assert refused(TEXT, "x" * 4012) == "Use at most 4000 characters; this has 4012."
    assert refused(HEADING, "x" * 201) == "Use at most 200 characters; this has 201."


@pytest.mark.parametrize("typed", ["a\x00b", "a\u202eb", "a\u200bb", "a\ufffdb", "\u3164"])
def test_what_cannot_be_seen_is_refused(typed: str) -> None:
    assert "Type the text again." in refused(TEXT, typed)


def test_no_browser_cuts_what_is_pasted() -> None:
    assert "maxlength" not in TEXT.widget.attrs
    assert "maxlength" not in HEADING.widget.attrs


@pytest.mark.parametrize("typed", ["Safe to start", "not APPROVED", "passed", "The patient fails: rejected"])
def test_a_heading_says_no_verdict(typed: str) -> None:
    assert "is a verdict, and the prescriber decides" in refused(HEADING, typed)


@pytest.mark.parametrize("typed", ["A failed naloxone challenge", "Unsafe", "Bypass", ""])
def test_a_term_of_art_is_no_verdict(typed: str) -> None:
    assert HEADING.clean(typed) == typed


@pytest.mark.parametrize("typed", ["a", "renal-impairment", "x9-", "a" * 27])
def test_a_link_id_is_what_programs_read(typed: str) -> None:
    assert LINK_ID.clean(typed) == typed


@pytest.mark.parametrize("typed", ["Renal", "9lives", "-a", "a_b", "a b", "a.b", "a" * 28, "é", "a\u202e"])
def test_anything_else_is_no_link_id(typed: str) -> None:
    assert refused(LINK_ID, typed) == LINK_ID_SENTENCE


@pytest.mark.parametrize(("typed", "read"), [("0", 0), (" 30 ", 30), ("3660", 3660), ("007", 7), ("", None)])
def test_whole_days_are_read(typed: str, read: int | None) -> None:
    assert DAYS.clean(typed) == read


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4.5", "This is not a whole number. Write it in figures: 30."),
        ("-1", "This is not a whole number. Write it in figures: 30."),
        ("²", "This is not a whole number. Write it in figures: 30."),
        ("thirty", "This is not a whole number. Write it in figures: 30."),
        ("9" * 30, "This is not a whole number. Write it in figures: 30."),
        ("3661", "Enter 3660 days or less."),
    ],
)
def test_what_is_no_number_of_days_is_told(typed: str, sentence: str) -> None:
    assert refused(DAYS, typed) == sentence


def test_a_limit_has_at_most_four_figures_behind_the_point() -> None:
    assert LIMIT.clean("0.1234") == Decimal("0.1234")
    assert refused(LIMIT, "0.12345") == "Use at most 4 figures behind the point."
    assert refused(LIMIT, "100000000") == "Enter 99999999.9999 or less."
    assert LIMIT.prepare_value(Decimal("1000.0000")) == "1000"


def test_a_review_may_be_past_and_is_shown_with_its_month_in_letters() -> None:
    assert REVIEW.clean("1 Nov 2020") == date(2020, 11, 1)
    assert REVIEW.prepare_value(date(2027, 11, 1)) == "1 November 2027"


@pytest.mark.parametrize("typed", ["1 Nov 1985", "1 Nov 2100"])
def test_a_year_that_cannot_be_right_is_told(typed: str) -> None:
    assert refused(REVIEW, typed).startswith("Check the year.")


def test_of_several_one_or_none_is_chosen() -> None:
    assert KIND.clean("text") == "text"
    assert KIND.clean("") is None
    assert refused(KIND, "other") == "Choose the kind."
