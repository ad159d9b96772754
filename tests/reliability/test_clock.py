"""The clock of the server is wrong or changes: work goes on, nothing is lost, and pages name the day and the zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.pages import NEW

from .conftest import Site, running_site
from .ledger import audit_fault, faults
from .load import Journal, load, work
from .people import decision, patient, signed_in
from .waiting import wait_until
from .web_server import GRANIAN

SHIFTED = (*GRANIAN[:-1], "tests.reliability.shifted_clock:application")
THREE_DAYS = timedelta(days=3)
BEFORE_THE_CHANGE = timedelta(seconds=30)
AFTER_THE_CHANGE = timedelta(seconds=2)
RULES = ("opioid-use", "severe-liver-disease", "pregnancy", "breastfeeding")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A server and a database of their own: records of another year would disturb other tests."""
    with running_site() as site:
        yield site


@contextmanager
def clock(site: Site, *, ahead: timedelta, zone: str = "UTC") -> Iterator[None]:
    """Run the server with another clock and time zone while the block runs, then with the right clock."""
    site.web.stop()
    site.web.command = SHIFTED
    try:
        site.web.start(CLOCK_AHEAD_SECONDS=str(ahead.total_seconds()), TIME_ZONE=zone)
        site.web.wait_until_ready()
        yield
    finally:
        site.web.stop()
        site.web.command = GRANIAN
        site.web.start()
        site.web.wait_until_ready()


def worked(site: Site) -> Journal:
    """Let people work for a while, and return their journal."""
    with work(site.url) as journal:
        pass
    return journal


def faults_of(site: Site, *journals: Journal) -> list[str]:
    """Return all faults of what was stored."""
    return [fault for journal in journals for fault in faults(site, journal)]


def test_three_days_back_and_right_again_nothing_is_lost(site: Site) -> None:
    before = worked(site)
    with clock(site, ahead=-THREE_DAYS):
        behind = worked(site)
        assert faults_of(site, before, behind) == []
    after = worked(site)
    assert faults_of(site, before, behind, after) == []
    assert audit_fault(site.database) == ""


def test_answers_of_a_day_that_the_clock_has_not_reached_are_asked_again_before_deciding(site: Site) -> None:
    clinician = signed_in(site.url, "clinician")
    recorded = clinician.post(NEW, clinician.new_form() | patient("ahead", takes_opioid=True))
    path = f"{recorded.location}decision/"
    with clock(site, ahead=-THREE_DAYS):
        prescriber = signed_in(site.url, "prescriber")
        form = prescriber.decision_form(path) | decision()
        refused = prescriber.post(path, form)
        ticks = {f"{rule}.reconfirmed": "unchanged" for rule in RULES}
        decided = prescriber.post(path, form | ticks)
    assert (refused.status, decided.status) == (422, 302)
    assert "which is after today" in refused.words


@pytest.mark.parametrize(
    ("change", "zones"),
    [
        (datetime(2027, 3, 28, 1, tzinfo=UTC), ("GMT", "BST")),
        (datetime(2027, 10, 31, 1, tzinfo=UTC), ("BST", "GMT")),
    ],
    ids=["forward", "back"],
)
def test_while_the_clocks_change_at_night_nothing_is_lost_and_records_name_their_zone(
    site: Site, change: datetime, zones: tuple[str, str]
) -> None:
    ahead = change - BEFORE_THE_CHANGE - datetime.now(UTC)
    with clock(site, ahead=ahead, zone="Europe/London"):
        with load(site.url) as journal:
            assert datetime.now(UTC) + ahead < change
            wait_until(lambda: datetime.now(UTC) + ahead > change + AFTER_THE_CHANGE, 60, "the clocks have changed")
        assert faults_of(site, journal) == []
        reader = signed_in(site.url, "clinician")
        pages = [reader.get(f"/screenings/{journal.screenings[place].record}/").words for place in (0, -1)]
    assert [zone in page for zone, page in zip(zones, pages, strict=True)] == [True, True]
    assert [zone in page for zone, page in zip(reversed(zones), pages, strict=True)] == [False, False]


@pytest.mark.parametrize(
    ("zone", "today", "tomorrow"),
    [
        ("Pacific/Kiritimati", "2 June 2027", "3 June 2027"),
        ("Pacific/Pago_Pago", "1 June 2027", "2 June 2027"),
    ],
)
def test_a_birth_date_may_be_the_clinics_today_and_not_its_tomorrow(
    site: Site, zone: str, today: str, tomorrow: str
) -> None:
    noon = datetime(2027, 6, 1, 12, tzinfo=UTC)
    sentence = f"This date is in the future. Enter {today} or earlier."
    with clock(site, ahead=noon - datetime.now(UTC), zone=zone):
        clinician = signed_in(site.url, "clinician")
        form = clinician.new_form() | patient(today.replace(" ", "-"))
        refused, recorded = (clinician.post(NEW, form | {"birth_date": born}) for born in (tomorrow, today))
    assert (refused.status, recorded.status) == (422, 302)
    assert sentence in refused.words
