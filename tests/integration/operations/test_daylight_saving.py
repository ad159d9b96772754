"""The night in which clocks are put forward or back, and a time zone that is changed later.

Days are those of the clinic's time zone. On the day of change midnight does not exist in Santiago and
Cairo, and occurs twice in Havana. Lord Howe Island changes by half an hour.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import Edition, Screening, User
from tests.decisions import WORKLIST, decided, decision_page
from tests.factories import EditionFactory, PaperFormFactory, ScreeningFactory, UserFactory
from tests.pages import OPIOID_FORM, PAPER_FORM, TRANSCRIBE, address_of, beside, listed, send, ticket, words
from tests.safety import SAFETY, columns, tiles
from tests.trail import TRAIL, rows

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]

LIST = "/screenings/"
BACK = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
"""When clocks were put back in Berlin, from 03:00 CEST to 02:00 CET."""
CHANGES = [
    pytest.param("Europe/Berlin", date(2026, 3, 29), 23, id="Berlin, forward"),
    pytest.param("Europe/Berlin", date(2026, 10, 25), 25, id="Berlin, back"),
    pytest.param("America/New_York", date(2026, 11, 1), 25, id="New York, back"),
    pytest.param("America/Santiago", date(2026, 9, 6), 23, id="Santiago, without midnight"),
    pytest.param("Africa/Cairo", date(2026, 4, 24), 23, id="Cairo, without midnight"),
    pytest.param("America/Havana", date(2026, 11, 1), 25, id="Havana, midnight twice"),
    pytest.param("Australia/Lord_Howe", date(2026, 4, 5), 24.5, id="Lord Howe, half an hour back"),
    pytest.param("Australia/Lord_Howe", date(2026, 10, 4), 23.5, id="Lord Howe, half an hour forward"),
]
"""A zone, a day on which its clocks changed, and the hours of that day."""


@pytest.fixture
def edition(db: None) -> Edition:
    """Edition 1, in use since 2020."""
    return EditionFactory(at=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def berlin(settings: Any) -> None:
    """A clinic in Berlin."""
    settings.TIME_ZONE = "Europe/Berlin"


# Days -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_a_day_of_the_list_has_all_its_hours_and_no_other(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any, zone: str, day: date, hours: float
) -> None:
    settings.TIME_ZONE = zone
    start = first_moment(zone, day)
    end, second = start + timedelta(hours=hours), timedelta(seconds=1)
    of_day = [ScreeningFactory(at=at) for at in (start, start + timedelta(hours=2), end - second)]
    for at in (start - second, end):
        ScreeningFactory(at=at)
    with time_machine.travel(end + timedelta(days=2)):
        found = listed(client_of(clinician).get(LIST, {"from": day.isoformat(), "to": day.isoformat()}))
    assert found == [str(each.uuid) for each in reversed(of_day)]


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_a_day_of_the_safety_page_has_all_its_hours_and_no_other(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any, zone: str, day: date, hours: float
) -> None:
    settings.TIME_ZONE = zone
    start, second = first_moment(zone, day), timedelta(seconds=1)
    end = start + timedelta(hours=hours)
    for at in (start - second, start, end - second, end):
        ScreeningFactory(at=at)
    with time_machine.travel(end + timedelta(days=2)):
        auditor = client_of(UserFactory(role=Role.AUDITOR))
        page = auditor.get(SAFETY, {"from": day.isoformat(), "to": day.isoformat()})
    assert tiles(page)["Screenings"] == "2"


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_a_day_of_the_audit_trail_has_all_its_hours_and_no_other(
    client_of: ClientOf, edition: Edition, settings: Any, zone: str, day: date, hours: float
) -> None:
    settings.TIME_ZONE = zone
    start, second = first_moment(zone, day), timedelta(seconds=1)
    end, found = start + timedelta(hours=hours), []
    auditor = UserFactory(role=Role.AUDITOR, username="auditor")
    for at in (start - second, start, end - second, end):
        with time_machine.travel(at, tick=False):
            client_of(auditor)
    with time_machine.travel(end + timedelta(days=2)):
        asked = {"person": "auditor", "action": "account.signed_in", "from": day.isoformat(), "to": day.isoformat()}
        found = rows(client_of(auditor).get(TRAIL, asked))
    assert len(found) == 2


def first_moment(zone: str, day: date) -> datetime:
    """Return the first second of a local day, found without arithmetic on local times."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    while moment.astimezone(ZoneInfo(zone)).date() < day:
        moment += timedelta(minutes=15)
    return moment


def test_the_answers_of_the_night_hold_until_the_end_of_their_last_day(
    client_of: ClientOf, edition: Edition, berlin: None
) -> None:
    screening = ScreeningFactory(at=datetime(2026, 10, 24, 22, 30, tzinfo=UTC))  # 25 October, 00:30
    prescriber = UserFactory(role=Role.PRESCRIBER)
    asked_again = []
    for at in (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)):
        with time_machine.travel(at, tick=False):
            page = words(client_of(prescriber).get(decision_page(screening)))
            asked_again.append("Ask the patient again" in page)
    assert asked_again == [False, True]


def test_an_opioid_free_interval_is_counted_in_days_across_the_night(
    client_of: ClientOf, clinician: User, edition: Edition, berlin: None
) -> None:
    with time_machine.travel(BACK + timedelta(hours=12), tick=False):
        client = client_of(clinician)
        send(client, OPIOID_FORM, **{"opioid-use.last-dose": "24 Oct 2026"})
        page = words(client.get(address_of(Screening.objects.get())))
    assert "Counted from 24 October 2026" in page
    assert "runs until 3 November 2026" in page


@pytest.mark.parametrize(
    ("decided_at", "span"),
    [
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "Same day"),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), "1 day"),
    ],
)
def test_the_time_to_the_decision_is_in_local_days_although_the_day_has_25_hours(
    client_of: ClientOf, edition: Edition, berlin: None, decided_at: datetime, span: str
) -> None:
    screening = ScreeningFactory(at=datetime(2026, 10, 24, 22, 0, tzinfo=UTC), taking_opioid=True)
    decided(screening, by=UserFactory(role=Role.PRESCRIBER), at=decided_at)
    with time_machine.travel(BACK + timedelta(days=3), tick=False):
        page = client_of(UserFactory(role=Role.AUDITOR)).get(SAFETY)
    assert columns(page)[span] == "1"


# Times that occur twice, or never -------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [LIST, WORKLIST])
def test_of_two_screenings_at_the_same_local_time_the_list_names_the_zone(
    client_of: ClientOf, edition: Edition, berlin: None, address: str
) -> None:
    first, second, later = (ScreeningFactory(at=BACK + timedelta(minutes=each)) for each in (-30, 30, 90))
    with time_machine.travel(BACK + timedelta(hours=4), tick=False):
        page = client_of(UserFactory(role=Role.PRESCRIBER)).get(address)
    found = listed(page)
    oldest_first = found if address == WORKLIST else found[::-1]
    assert oldest_first == [str(each.uuid) for each in (first, second, later)]
    for shown in ("25 Oct 2026, 02:30 CEST", "25 Oct 2026, 02:30 CET", "25 Oct 2026, 03:30"):
        assert shown in words(page)
    assert "03:30 CET" not in words(page)


@pytest.mark.parametrize("page", ["", "print/", "summary.txt"])
@pytest.mark.parametrize(("minutes", "zone"), [(-30, "CEST"), (30, "CET")])
def test_a_record_and_its_print_name_the_zone(
    client_of: ClientOf, clinician: User, edition: Edition, berlin: None, page: str, minutes: int, zone: str
) -> None:
    at = BACK + timedelta(minutes=minutes)
    screening = ScreeningFactory(at=at)
    with time_machine.travel(at, tick=False):
        text = words(client_of(clinician).get(address_of(screening, page)), "//body")
    assert text.count(f"25 October 2026, 02:30 {zone}") == (1 if page == "" else 2)


def test_a_form_opened_in_the_first_hour_and_sent_in_the_second_is_recorded_after_those_of_the_first(
    client_of: ClientOf, clinician: User, edition: Edition, berlin: None
) -> None:
    with time_machine.travel(BACK - timedelta(minutes=10), tick=False) as clock:
        client = client_of(clinician)
        form = OPIOID_FORM | {"opioid-use.last-dose": "24 Oct 2026", "form_ticket": ticket(client)}
        earlier = ScreeningFactory(at=BACK - timedelta(minutes=5))
        clock.shift(timedelta(minutes=12))  # 02:02 CET, after 02:50 and 02:55 CEST
        assert client.post("/screenings/new/", form).status_code == 302
        assert listed(client.get(LIST)) == [str(Screening.objects.latest("pk").uuid), str(earlier.uuid)]


@pytest.mark.parametrize(
    ("zone", "entered"),
    [
        ("Europe/Berlin", "29 Mar 2026 02:30"),
        ("America/New_York", "8 Mar 2026 02:00"),
        ("America/Santiago", "6 Sep 2026 00:15"),
        ("Africa/Cairo", "24 Apr 2026 00:59"),
        ("Australia/Lord_Howe", "4 Oct 2026 02:15"),
    ],
)
def test_a_time_on_paper_that_never_was_is_refused(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any, zone: str, entered: str
) -> None:
    settings.TIME_ZONE = zone
    with time_machine.travel(datetime(2026, 11, 23, tzinfo=UTC)):
        response = send(client_of(clinician), PAPER_FORM, TRANSCRIBE, paper_completed_at=entered)
    assert response.status_code == 422
    sentence = "Clocks were put forward, so there was no such time on this day. Check the time."
    assert sentence in " ".join(beside(response, "paper_completed_at"))


@pytest.mark.parametrize(
    ("entered", "sentence_shown"),
    [("25 Oct 2026 02:30", True), ("25 Oct 2026 01:59", False), ("25 Oct 2026 03:00", False)],
)
def test_of_a_time_on_paper_that_occurred_twice_the_first_is_taken_and_the_record_says_so(
    client_of: ClientOf, clinician: User, edition: Edition, berlin: None, entered: str, sentence_shown: bool
) -> None:
    with time_machine.travel(datetime(2026, 11, 23, tzinfo=UTC)):
        client = client_of(clinician)
        send(client, PAPER_FORM, TRANSCRIBE, paper_completed_at=entered)
        text = words(client.get(address_of(Screening.objects.get())))
    assert ("occurred twice on that day. The first of the two was taken." in text) is sentence_shown
    assert ("25 October 2026, 02:30 CEST, on paper" in text) is sentence_shown


def test_an_ordinary_screening_in_the_repeated_hour_is_certain(
    client_of: ClientOf, clinician: User, edition: Edition, berlin: None
) -> None:
    screening = ScreeningFactory(at=BACK + timedelta(minutes=30))
    with time_machine.travel(BACK + timedelta(hours=4), tick=False):
        assert "occurred twice" not in words(client_of(clinician).get(address_of(screening)))


# A time zone that is changed later ------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "print/", "summary.txt", "void/"])
def test_a_record_keeps_its_zone_after_the_setting_has_changed(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any, page: str
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    at = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    screening = ScreeningFactory(at=at, by=clinician)
    settings.TIME_ZONE = "America/Los_Angeles"
    with time_machine.travel(at + timedelta(days=2)):
        text = words(client_of(clinician).get(address_of(screening, page)), "//body")
    assert "21 November 2026, 09:00 NZDT" in text


def test_the_lists_show_the_day_and_the_time_of_a_record_in_its_own_zone(
    client_of: ClientOf, edition: Edition, settings: Any
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    at = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    screening = ScreeningFactory(at=at)
    ScreeningFactory(at=at, patient=screening.patient)
    settings.TIME_ZONE = "America/Los_Angeles"
    with time_machine.travel(at + timedelta(days=2)):
        prescriber = client_of(UserFactory(role=Role.PRESCRIBER))
        shown = [words(prescriber.get(page)) for page in (LIST, WORKLIST, address_of(screening))]
    assert ["21 Nov 2026, 09:00 NZDT" in text for text in shown] == [True, True, True]


def test_the_decision_on_a_record_keeps_its_zone(client_of: ClientOf, edition: Edition, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    at, prescriber = datetime(2026, 11, 20, 20, 0, tzinfo=UTC), UserFactory(role=Role.PRESCRIBER)
    screening = ScreeningFactory(at=at)
    decided(screening, by=prescriber, at=at)
    settings.TIME_ZONE = "America/Los_Angeles"
    with time_machine.travel(at + timedelta(days=2)):
        client = client_of(prescriber)
        pages = [words(client.get(page)) for page in (address_of(screening), decision_page(screening))]
    assert ["21 November 2026, 09:00 NZDT" in text for text in pages] == [True, True]


def test_a_paper_form_keeps_the_zone_in_which_it_was_transcribed(
    client_of: ClientOf, clinician: User, edition: Edition, settings: Any
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    at = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    screening = ScreeningFactory(at=at, paper=PaperFormFactory(completed_at=at - timedelta(hours=2)))
    settings.TIME_ZONE = "America/Los_Angeles"
    with time_machine.travel(at + timedelta(days=2)):
        text = words(client_of(clinician).get(address_of(screening)))
    assert "21 November 2026, 07:00 NZDT, on paper" in text
    assert "21 November 2026, 09:00 NZDT, by" in text
