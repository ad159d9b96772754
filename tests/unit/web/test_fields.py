"""Form fields: valid input, and the error messages for invalid input."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field
from hypothesis import given
from hypothesis import strategies as st

from screening.web.date_fields import DateField, DateTimeField
from screening.web.fields import NumberField, PlainText

NAME = PlainText(max_length=200, required=False)
DAY = DateField(earliest=date(1900, 1, 1), latest=date(2026, 11, 23), required=False)
DOSE = NumberField(minimum=Decimal("0.1"), maximum=Decimal(100), unit="mg", required=False)


def refused(field: Field, entered: object) -> str:
    """Return the one error message for an invalid value."""
    with pytest.raises(ValidationError) as error:
        field.clean(entered)
    (sentence,) = error.value.messages
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    return sentence


# Text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "cleaned"),
    [
        pytest.param("Ada Example", "Ada Example", id="plain"),
        pytest.param("  Ada \t Example\n", "Ada Example", id="runs of space"),
        pytest.param("José Σίσυφος 李", "José Σίσυφος 李", id="other scripts"),
        pytest.param("<b>Ada</b> & Co", "<b>Ada</b> & Co", id="markup is text"),
        pytest.param("عائشة", "عائشة", id="right to left"),
        pytest.param("نازنین\u200cزهرا", "نازنین\u200cزهرا", id="a joiner in a name"),
        pytest.param("Jose\u0301", "Jose\u0301", id="combining accent"),
        pytest.param("x" * 200, "x" * 200, id="the maximum length"),
        pytest.param("", "", id="nothing"),
        pytest.param("   ", "", id="spaces alone"),
        pytest.param(None, "", id="not sent"),
    ],
)
def test_white_space_in_a_text_is_collapsed(entered: str | None, cleaned: str) -> None:
    assert NAME.clean(entered) == cleaned


@pytest.mark.parametrize(
    ("entered", "named"),
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
def test_an_unprintable_character_is_refused_with_its_name_and_place(entered: str, named: str) -> None:
    assert refused(NAME, entered) == f"Character 2 cannot be shown or printed ({named}). Type the text again."


@pytest.mark.parametrize("length", [201, 300])
def test_a_text_that_is_too_long_is_refused_with_its_length(length: int) -> None:
    assert refused(NAME, "x" * length) == f"Use at most 200 characters; this has {length}."


def test_a_replacement_character_alone_is_refused() -> None:
    assert "replacement character" in refused(NAME, "\ufffd")


def test_a_text_of_invisible_joiners_only_is_refused() -> None:
    assert refused(NAME, "\u200d\u200c")


def test_a_required_text_must_not_be_blank() -> None:
    assert refused(PlainText(max_length=9, error_messages={"required": "Enter a name."}), " \t ") == "Enter a name."


# Date ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "cleaned"),
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
def test_a_date_within_the_limits_is_accepted(entered: str | None, cleaned: date | None) -> None:
    assert DAY.clean(entered) == cleaned


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        pytest.param("24 Nov 2026", "This date is in the future. Enter 23 November 2026 or earlier.", id="tomorrow"),
        pytest.param(
            "31 Dec 9999", "This date is in the future. Enter 23 November 2026 or earlier.", id="far future"
        ),
        pytest.param("31 Dec 1899", "This date is before 1 January 1900. Check the year.", id="the day before"),
        pytest.param(
            "1 Jan 0001", "This date is before 1 January 1900. Check the year.", id="the first day of the calendar"
        ),
    ],
)
def test_a_date_outside_the_limits_is_refused(entered: str, message: str) -> None:
    assert refused(DAY, entered) == message


@pytest.mark.parametrize(
    "entered",
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
        "ambiguous",
        "short year",
        "no such day",
        "words",
        "NUL",
        "direction",
        "replacement character",
        "300 letters",
    ],
)
def test_an_invalid_or_ambiguous_date_is_refused_with_a_message(entered: str) -> None:
    assert refused(DAY, entered)


def test_a_required_date_must_not_be_empty() -> None:
    field = DateField(earliest=date.min, latest=date.max, error_messages={"required": "Enter the date."})
    assert refused(field, "") == "Enter the date."


# Number -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "cleaned"),
    [
        pytest.param("4.5", Decimal("4.5"), id="with a point"),
        pytest.param(" 50 ", Decimal(50), id="whole"),
        pytest.param("0.1", Decimal("0.1"), id="the minimum"),
        pytest.param("100", Decimal(100), id="the maximum"),
        pytest.param("100.000000", Decimal(100), id="the maximum with zeros"),
        pytest.param("004.5", Decimal("4.5"), id="leading zeros"),
        pytest.param("", None, id="nothing"),
        pytest.param("  ", None, id="spaces alone"),
        pytest.param(None, None, id="not sent"),
    ],
)
def test_a_number_within_the_limits_is_accepted(entered: str | None, cleaned: Decimal | None) -> None:
    assert DOSE.clean(entered) == cleaned


@pytest.mark.parametrize(
    "entered",
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
def test_input_that_is_not_a_decimal_number_is_refused(entered: str) -> None:
    assert refused(DOSE, entered) == "This is not a number. Use digits and a decimal point, such as 4.5."


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ("0", "Enter 0.1 mg or more."),
        ("0.099999", "Enter 0.1 mg or more."),
        ("100.000001", "Enter 100 mg or less."),
        ("999999999", "Enter 100 mg or less."),
    ],
)
def test_a_number_outside_the_limits_is_refused(entered: str, message: str) -> None:
    assert refused(DOSE, entered) == message


def test_without_limits_any_number_is_accepted() -> None:
    assert NumberField(minimum=None, maximum=None).clean("999999999.999999") == Decimal("999999999.999999")


def test_the_message_for_a_limit_without_a_unit_has_no_unit() -> None:
    assert refused(NumberField(minimum=Decimal("1.50"), maximum=None), "1") == "Enter 1.5 or more."


def test_a_required_number_must_not_be_empty() -> None:
    field = NumberField(minimum=None, maximum=None, error_messages={"required": "Enter the number."})
    assert refused(field, "") == "Enter the number."


# Date and time ------------------------------------------------------------------------------------------------

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = DateTimeField(
    earliest=date(2000, 1, 1), now=datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1), required=False
)


@pytest.mark.parametrize(
    ("entered", "hour"),
    [
        pytest.param("24 Oct 2026 12:00", 10, id="summer time"),
        pytest.param("24 Feb 2026 12:00", 11, id="winter time"),
        pytest.param("25 Oct 2026 02:00", 0, id="the first of two"),
    ],
)
def test_a_time_is_in_the_time_zone_of_the_field(entered: str, hour: int) -> None:
    assert MOMENT.clean(entered).astimezone(UTC).hour == hour


def test_a_time_that_occurred_twice_is_past_after_the_first_of_the_two() -> None:
    assert MOMENT.clean("25 Oct 2026 02:59").fold == 0


@pytest.mark.parametrize("entered", ["", " ", None])
def test_an_optional_time_may_be_empty(entered: str | None) -> None:
    assert MOMENT.clean(entered) is None


@pytest.mark.parametrize("entered", ["29 Mar 2026 02:00", "29 Mar 2026 02:59"])
def test_a_time_skipped_when_clocks_were_put_forward_is_refused(entered: str) -> None:
    assert "there was no such time on this day" in refused(MOMENT, entered)


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ("25 Oct 2026 03:00", "This time is in the future. Enter 25 October 2026, 02:30 CET or earlier."),
        ("26 Oct 2026 00:00", "This date is in the future. Enter 25 October 2026 or earlier."),
        ("31 Dec 1999 23:59", "This date is before 1 January 2000. Check the year."),
        ("1 Jan 0001 00:00", "This date is before 1 January 2000. Check the year."),
        ("31 Dec 9999 23:59", "This date is in the future. Enter 25 October 2026 or earlier."),
    ],
)
def test_a_time_outside_the_limits_is_refused(entered: str, message: str) -> None:
    assert refused(MOMENT, entered) == message


# Any text -----------------------------------------------------------------------------------------------------

every_field = pytest.mark.parametrize("field", [NAME, DAY, MOMENT, DOSE], ids=["text", "date", "time", "number"])


def is_accepted_or_refused(field: Field, entered: str) -> bool:
    """Return True if the value is accepted or refused with one message; other exceptions fail the test."""
    try:
        field.clean(entered)
    except ValidationError:
        return bool(refused(field, entered))
    return True


@every_field
@given(entered=st.text())
def test_any_text_is_accepted_or_refused_with_a_message(field: Field, entered: str) -> None:
    assert is_accepted_or_refused(field, entered)


# The browser --------------------------------------------------------------------------------------------------


@every_field
def test_browsers_do_not_store_input(field: Field) -> None:
    assert field.widget.attrs["autocomplete"] == "off"


def test_a_phone_shows_a_numeric_keyboard_for_a_number() -> None:
    assert DOSE.widget.attrs["inputmode"] == "decimal"
