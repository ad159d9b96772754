"""Form fields: what may be typed, and the sentence that says what is wrong with the rest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field
from hypothesis import given
from hypothesis import strategies as st

from screening.web.fields import DateField, NumberField, PlainText

NAME = PlainText(max_length=200, required=False)
DAY = DateField(earliest=date(1900, 1, 1), latest=date(2026, 11, 23), required=False)
DOSE = NumberField(minimum=Decimal("0.1"), maximum=Decimal(100), unit="mg", required=False)


def refused(field: Field, typed: object) -> str:
    """The one sentence with which a field refuses what was typed."""
    with pytest.raises(ValidationError) as error:
        field.clean(typed)
    (sentence,) = error.value.messages
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    return sentence


# Text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("Ada Example", "Ada Example", id="plain"),
        pytest.param("  Ada \t Example\n", "Ada Example", id="runs of space"),
        pytest.param("José Σίσυφος 李", "José Σίσυφος 李", id="other scripts"),
        pytest.param("<b>Ada</b> & Co", "<b>Ada</b> & Co", id="markup is text"),
        pytest.param("عائشة", "عائشة", id="right to left"),
        pytest.param("نازنین\u200cزهرا", "نازنین\u200cزهرا", id="a joiner in a name"),
        pytest.param("Jose\u0301", "Jose\u0301", id="combining accent"),
        pytest.param("x" * 200, "x" * 200, id="just as long as may be"),
        pytest.param("", "", id="nothing"),
        pytest.param("   ", "", id="spaces alone"),
        pytest.param(None, "", id="not sent"),
    ],
)
def test_a_text_is_read_with_single_spaces(typed: str | None, read: str) -> None:
    assert NAME.clean(typed) == read


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        pytest.param("A\x00da", "u+0000", id="NUL"),
        pytest.param("A\x07da", "u+0007", id="control character"),
        pytest.param("A\u200eda", "left-to-right mark", id="left-to-right mark"),
        pytest.param("A\u200fda", "right-to-left mark", id="right-to-left mark"),
        pytest.param("A\u202eda", "right-to-left override", id="right-to-left override"),
        pytest.param("A\u2066da", "left-to-right isolate", id="isolate"),
        pytest.param("A\u00adda", "soft hyphen", id="soft hyphen"),
        pytest.param("A\ufeffda", "zero width no-break space", id="byte order mark"),
        pytest.param("A\ufffdda", "replacement character", id="replacement character"),
        pytest.param("A\ud800da", "u+d800", id="half a character"),
        pytest.param("A\ue000da", "u+e000", id="private character"),
        pytest.param("A\U000e0041da", "tag latin capital letter a", id="tag"),
        pytest.param("A\u0378da", "u+0378", id="unassigned"),
    ],
)
def test_a_character_that_cannot_be_printed_is_named_with_its_place(typed: str, named: str) -> None:
    assert refused(NAME, typed) == f"Character 2 cannot be shown or printed ({named}). Type the text again."


@pytest.mark.parametrize("length", [201, 300])
def test_a_text_too_long_is_told_its_length(length: int) -> None:
    assert refused(NAME, "x" * length) == f"Use at most 200 characters; this has {length}."


def test_a_replacement_character_alone_is_refused() -> None:
    assert "replacement character" in refused(NAME, "\ufffd")


def test_a_text_of_joiners_alone_would_print_as_nothing_and_is_refused() -> None:
    assert refused(NAME, "\u200d\u200c")


def test_a_text_that_is_required_may_not_be_blank() -> None:
    assert refused(PlainText(max_length=9, error_messages={"required": "Enter a name."}), " \t ") == "Enter a name."


# Date ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("12 Apr 1961", date(1961, 4, 12), id="in words"),
        pytest.param(" 1961-04-12 ", date(1961, 4, 12), id="ISO"),
        pytest.param("1 Jan 1900", date(1900, 1, 1), id="the earliest day"),
        pytest.param("23 Nov 2026", date(2026, 11, 23), id="the latest day"),
        pytest.param("", None, id="nothing"),
        pytest.param("  ", None, id="spaces alone"),
        pytest.param(None, None, id="not sent"),
    ],
)
def test_a_date_is_read_within_its_limits(typed: str | None, read: date | None) -> None:
    assert DAY.clean(typed) == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("24 Nov 2026", "This date is in the future. Enter 23 November 2026 or earlier.", id="tomorrow"),
        pytest.param(
            "31 Dec 9999", "This date is in the future. Enter 23 November 2026 or earlier.", id="far future"
        ),
        pytest.param("31 Dec 1899", "This date is before 1 January 1900. Check the year.", id="the day before"),
        pytest.param("1 Jan 0001", "This date is before 1 January 1900. Check the year.", id="the first day of all"),
    ],
)
def test_a_date_outside_its_limits_is_refused(typed: str, said: str) -> None:
    assert refused(DAY, typed) == said


@pytest.mark.parametrize(
    "typed",
    [
        "12/04/1961",
        "12 Apr 61",
        "30 Feb 2026",
        "yesterday",
        "12 Apr 1961\x00",
        "\u202e12 Apr 1961",
        "\ufffd",
        "x" * 300,
    ],
    ids=[
        "two ways",
        "short year",
        "no such day",
        "words",
        "NUL",
        "direction",
        "replacement character",
        "300 letters",
    ],
)
def test_what_is_no_certain_date_is_refused_in_a_sentence(typed: str) -> None:
    assert refused(DAY, typed)


def test_a_date_that_is_required_may_not_be_left_out() -> None:
    field = DateField(earliest=date.min, latest=date.max, error_messages={"required": "Enter the date."})
    assert refused(field, "") == "Enter the date."


# Number -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("4.5", Decimal("4.5"), id="with a point"),
        pytest.param(" 50 ", Decimal(50), id="whole"),
        pytest.param("0.1", Decimal("0.1"), id="the least"),
        pytest.param("100", Decimal(100), id="the most"),
        pytest.param("100.000000", Decimal(100), id="the most with zeros"),
        pytest.param("004.5", Decimal("4.5"), id="leading zeros"),
        pytest.param("", None, id="nothing"),
        pytest.param("  ", None, id="spaces alone"),
        pytest.param(None, None, id="not sent"),
    ],
)
def test_a_number_is_read_within_its_limits(typed: str | None, read: Decimal | None) -> None:
    assert DOSE.clean(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "NaN",
            "sNaN",
            "Infinity",
            "-Infinity",
            "1e999",
            "1E-2",
            "-1",
            "+1",
            "4,5",
            "1.",
            ".5",
            "1 000",
            "1_0",
            "0x1",
        ),
        *("4.5 mg", "½", "٤", "４", "²", "1\x00", "\u202e4", "\ufffd", "--", "4.5.1"),
        *("1" * 10, "1" * 300, "0." + "1" * 7, "x" * 300),
    ],
)
def test_what_is_no_plain_number_is_refused(typed: str) -> None:
    assert refused(DOSE, typed) == "This is not a number. Use digits and a decimal point, such as 4.5."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "Enter 0.1 mg or more."),
        ("0.099999", "Enter 0.1 mg or more."),
        ("100.000001", "Enter 100 mg or less."),
        ("999999999", "Enter 100 mg or less."),
    ],
)
def test_a_number_outside_its_limits_is_refused(typed: str, said: str) -> None:
    assert refused(DOSE, typed) == said


def test_a_number_without_limits_may_be_any() -> None:
    assert NumberField(minimum=None, maximum=None).clean("999999999.999999") == Decimal("999999999.999999")


def test_a_limit_without_a_unit_is_told_bare() -> None:
    assert refused(NumberField(minimum=Decimal("1.50"), maximum=None), "1") == "Enter 1.5 or more."


def test_a_number_that_is_required_may_not_be_left_out() -> None:
    field = NumberField(minimum=None, maximum=None, error_messages={"required": "Enter the number."})
    assert refused(field, "") == "Enter the number."


# Any text -----------------------------------------------------------------------------------------------------

every_field = pytest.mark.parametrize("field", [NAME, DAY, DOSE], ids=["text", "date", "number"])


def is_read_or_refused(field: Field, typed: str) -> bool:
    """True unless what was typed raises anything but a sentence."""
    try:
        field.clean(typed)
    except ValidationError:
        return bool(refused(field, typed))
    return True


@every_field
@given(typed=st.text())
def test_any_text_is_read_or_refused_in_a_sentence(field: Field, typed: str) -> None:
    assert is_read_or_refused(field, typed)


# The browser --------------------------------------------------------------------------------------------------


@every_field
def test_a_browser_keeps_nothing_that_was_typed(field: Field) -> None:
    assert field.widget.attrs["autocomplete"] == "off"


def test_a_telephone_offers_figures_for_a_number() -> None:
    assert DOSE.widget.attrs["inputmode"] == "decimal"
