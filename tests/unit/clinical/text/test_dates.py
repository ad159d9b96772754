"""Parsing dates: every unambiguous date is accepted, every other text is refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.clinical.text.dates import DateError, format_date, format_short_date, parse, parse_with_time

MARCH_27 = date(1985, 3, 27)
LONGEST_SENTENCE = 300


def _month_first(day: date) -> str:
    month = format_date(day).split()[1]
    return f"{month} {day.day}, {day.year}"


FORMATS: dict[str, Callable[[date], str]] = {
    "ISO": date.isoformat,
    "ISO without leading zeros": lambda day: f"{day.year}-{day.month}-{day.day}",
    "month in full": format_date,
    "month in three letters": format_short_date,
    "month first": _month_first,
    "upper case": lambda day: format_short_date(day).upper(),
    "lower case": lambda day: format_date(day).lower(),
    "joined by hyphens": lambda day: format_short_date(day).replace(" ", "-"),
    "without spaces": lambda day: format_short_date(day).replace(" ", ""),
    "with wide spaces": lambda day: f"\t {format_date(day).replace(' ', '  ')}\u00a0\n",
    "with a point after the day": lambda day: format_date(day).replace(" ", ". ", 1),
    "with an ending after the day": lambda day: format_date(day).replace(" ", "th ", 1),
}


def refused(text: str) -> str:
    """The sentence of the refusal."""
    with pytest.raises(DateError) as error:
        parse(text)
    return str(error.value)


def parsed_or_refused(text: str) -> str:
    """The date in words, or the sentence of the refusal. Any other exception is an error."""
    try:
        return f"{format_date(parse(text))}."
    except DateError as error:
        return str(error)


# Accepted -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
@given(day=st.dates(min_value=date(1000, 1, 1)))
def test_a_date_in_this_format_is_parsed(write: Callable[[date], str], day: date) -> None:
    assert parse(write(day)) == day


@pytest.mark.parametrize(
    "text",
    ["27 Mar. 1985", "27 March, 1985", "Mar 27 1985", "March 27th, 1985", "Mar. 27,1985", "27MAR1985", "Mar-27-1985"],
)
def test_punctuation_and_spaces_do_not_matter(text: str) -> None:
    assert parse(text) == MARCH_27


@pytest.mark.parametrize("month", ["Sep", "Sept", "SEPT.", "Septem", "september"])
def test_a_month_may_be_abbreviated_to_three_letters_or_more(month: str) -> None:
    assert parse(f"1 {month} 2026") == date(2026, 9, 1)


def test_a_leap_day_is_parsed() -> None:
    assert parse("29 Feb 2024") == date(2024, 2, 29)


def test_a_formatted_date_has_no_leading_zero_and_its_month_in_full() -> None:
    assert format_date(date(1961, 4, 2)) == "2 April 1961"


def test_a_short_formatted_date_has_a_month_of_three_letters() -> None:
    assert format_short_date(date(2026, 9, 2)) == "2 Sep 2026"


# Refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["03/04/1985", "3.4.1985", "03-04-1985", "1985/04/03", "03 04 1985", "03041985", "19850403", "1985"]
)
def test_a_date_with_only_numbers_is_refused_as_ambiguous(text: str) -> None:
    assert "day and month can be confused" in refused(text)


@pytest.mark.parametrize("text", ["27 Mar 85", "27 Mar 985", "Mar 27, 85", "27 Mar 19850", "27 Mar 0"])
def test_a_year_without_four_digits_is_refused(text: str) -> None:
    assert "Write the year with four digits" in refused(text)


@pytest.mark.parametrize(
    "text", ["30 Feb 2026", "29 Feb 2026", "31 Apr 2026", "0 Mar 2026", "2026-13-01", "1 Jan 0000"]
)
def test_a_day_that_is_not_in_the_calendar_is_refused(text: str) -> None:
    assert "There is no such day" in refused(text)


@pytest.mark.parametrize("name", ["Ma", "J", "Mai", "Märzember", "Marching"])
def test_an_unknown_month_is_refused(name: str) -> None:
    assert refused(f"27 {name} 1985")


def test_an_unknown_month_is_quoted() -> None:
    assert "There is no month “Brumaire”" in refused("27 Brumaire 1985")


@pytest.mark.parametrize(
    "text",
    ["", " ", "yesterday", "27", "Mar 1985", "27 Mar", "27 Mar 1985 or later", "1985-03-27T00:00", "27 Mar 1985\x00"],
)
def test_a_text_that_is_not_a_date_is_refused(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("٢٧ Mar ١٩٨٥", id="Arabic"),
        pytest.param("२७ Mar १९८५", id="Devanagari"),
        pytest.param("２７ Mar １９８５", id="full-width"),
        pytest.param("²⁷ Mar 1985", id="superscript"),
        pytest.param("1985-٠٣-27", id="mixed in ISO"),
    ],
)
def test_digits_of_another_script_are_refused(text: str) -> None:
    assert refused(text)


HUGE = [
    pytest.param("1" * 100_000, id="digits"),
    pytest.param("a" * 100_000, id="letters"),
    pytest.param("1 Mar " + "2" * 100_000, id="year"),
    pytest.param("9" * 100_000 + " Mar 1985", id="day"),
    pytest.param("27 " + "a" * 100_000 + " 1985", id="month"),
    pytest.param("1 " * 50_000 + "x", id="many numbers"),
    pytest.param(" -" * 50_000, id="separators"),
    pytest.param("1" + "." * 100_000, id="points"),
]


@pytest.mark.parametrize("text", HUGE)
def test_a_huge_text_is_refused_with_a_short_sentence(text: str) -> None:
    assert len(refused(text)) < LONGEST_SENTENCE


PIECES = st.sampled_from(
    ["27", "3", "1985", "85", "Mar", "March", "th", " ", "-", "/", ".", ",", "٣", "²", "\x00", "İ", "ſep", "0000"]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_any_text_is_a_date_or_is_refused_with_a_sentence(text: str) -> None:
    assert parsed_or_refused(text).endswith(".")


# With a time --------------------------------------------------------------------------------------------------


def refused_with_time(text: str) -> str:
    """The sentence of the refusal of a date with a time."""
    with pytest.raises(DateError) as error:
        parse_with_time(text)
    return str(error.value)


@pytest.mark.parametrize("separator", [" ", ", ", ",", "T", "  "])
@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
def test_a_date_in_every_format_may_have_a_time(write: Callable[[date], str], separator: str) -> None:
    assert parse_with_time(f"{write(MARCH_27).strip()}{separator}14:05") == datetime.combine(MARCH_27, time(14, 5))


@given(moment=st.datetimes(min_value=datetime.combine(date(1000, 1, 1), time())))
def test_an_iso_time_is_parsed_to_the_second(moment: datetime) -> None:
    assert parse_with_time(moment.isoformat(timespec="seconds")) == moment.replace(microsecond=0)


@pytest.mark.parametrize("text", ["27 Mar 1985", "1985-03-27", "14:30", "27 Mar 1985 2 pm", "27 Mar 1985 14.30", ""])
def test_a_text_without_a_time_on_the_24_hour_clock_is_refused_with_an_example(text: str) -> None:
    expected = "Write the date, and the time on the 24-hour clock: 27 Mar 2026 14:30."
    assert refused_with_time(text) == expected


@pytest.mark.parametrize("time", ["24:00", "14:60", "99:99", "14:30:60"])
def test_a_time_that_is_not_on_the_clock_is_refused(time: str) -> None:
    assert "There is no such time." in refused_with_time(f"27 Mar 1985 {time}")


@pytest.mark.parametrize("text", ["03/04/1985 14:30", "03/04/1985", "03041985 14:30"])
def test_an_ambiguous_date_with_a_time_is_refused_as_ambiguous(text: str) -> None:
    assert "day and month can be confused" in refused_with_time(text)


@given(text=st.text())
def test_any_text_is_a_date_with_a_time_or_refused(text: str) -> None:
    with suppress(DateError):
        assert parse_with_time(text)
