"""Local times that occur twice or never, and how a list shows a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from screening.clinical.text.dates import occurred_twice, was_skipped
from screening.clinical.text.local_dates import format_short_datetime

BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("moment", "skipped", "twice"),
    [
        pytest.param(datetime(2026, 3, 29, 1, 59, tzinfo=BERLIN), False, False, id="before clocks go forward"),
        pytest.param(datetime(2026, 3, 29, 2, 0, tzinfo=BERLIN), True, False, id="the first minute skipped"),
        pytest.param(datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN), False, False, id="after clocks went forward"),
        pytest.param(datetime(2026, 10, 25, 2, 0, tzinfo=BERLIN), False, True, id="the first of two"),
        pytest.param(datetime(2026, 10, 25, 2, 59, fold=1, tzinfo=BERLIN), False, True, id="the second of two"),
        pytest.param(datetime(2026, 10, 25, 3, 0, tzinfo=BERLIN), False, False, id="after clocks went back"),
        pytest.param(datetime(2026, 4, 5, 1, 29, tzinfo=LORD_HOWE), False, False, id="half an hour: before"),
        pytest.param(datetime(2026, 4, 5, 1, 30, tzinfo=LORD_HOWE), False, True, id="half an hour: twice"),
        pytest.param(datetime(2026, 10, 4, 2, 15, tzinfo=LORD_HOWE), True, False, id="half an hour: skipped"),
        pytest.param(datetime(2026, 3, 29, 2, 0, tzinfo=UTC), False, False, id="UTC"),
    ],
)
def test_a_local_time_may_be_skipped_or_occur_twice(moment: datetime, skipped: bool, twice: bool) -> None:
    assert (was_skipped(moment), occurred_twice(moment)) == (skipped, twice)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 10, 25, 1, 59, tzinfo=BERLIN), "25 Oct 2026, 01:59"),
        (datetime(2026, 10, 25, 2, 0, tzinfo=BERLIN), "25 Oct 2026, 02:00 CEST"),
        (datetime(2026, 10, 25, 2, 0, fold=1, tzinfo=BERLIN), "25 Oct 2026, 02:00 CET"),
        (datetime(2026, 10, 25, 3, 0, tzinfo=BERLIN), "25 Oct 2026, 03:00"),
        (datetime(2026, 11, 23, 11, 30, tzinfo=UTC), "23 Nov 2026, 11:30 UTC"),
    ],
)
def test_a_list_names_the_zone_where_the_time_would_be_ambiguous(moment: datetime, text: str) -> None:
    assert format_short_datetime(moment, BERLIN) == text
