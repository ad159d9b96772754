"""The safety page: what it counts, its filters, and who reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.deciding import DecisionCode
from screening.clinical.rules.definition import AnswerCode
from screening.models import AuditEvent, Edition, Screening, User
from screening.screenings import actions
from tests.decisions import decide, decided
from tests.factories import (
    CURRENT_OPIOID,
    NALTREXONE,
    NOT_KNOWN,
    EditionFactory,
    ScreeningFactory,
    UserFactory,
)
from tests.pages import beside, messages, words
from tests.queries import capture_queries
from tests.rules import rules_with_two_more
from tests.safety import SAFETY, columns, look_into, overridden_for, rule_cells, tiles

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

ClientOf = Callable[[User], Client]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOT_APPLICABLE = Answer(AnswerCode.NOT_APPLICABLE, "after-menopause")
PRESCRIBE = DecisionCode.PRESCRIBE


@pytest.fixture(autouse=True)
def _now() -> Any:
    """It is noon on 20 November 2026."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def by(edition: Edition) -> User:
    """A prescriber."""
    return UserFactory(role=Role.PRESCRIBER)


@pytest.fixture
def auditor(client_of: ClientOf, edition: Edition) -> Client:
    """A test client on which an auditor is signed in."""
    return client_of(UserFactory(role=Role.AUDITOR, username="auditor"))


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def opioid(days: float = 0, **options: Any) -> Screening:
    """Return a screening of these days ago, flagged for an opioid."""
    return ScreeningFactory(taking_opioid=True, at=days_ago(days), **options)


def drawn(page: Any) -> list[Any]:
    """Return the boxes of the charts."""
    return list(map(dict, (each.attrib for each in html.fromstring(page.content.decode()).xpath("//svg//rect"))))


# What each rule found -----------------------------------------------------------------------------------------


def test_each_rule_has_its_counts(auditor: Client) -> None:
    opioid()
    ScreeningFactory(given={"severe-liver-disease": NOT_KNOWN, "pregnancy": NOT_APPLICABLE})
    ScreeningFactory()
    cells = rule_cells(auditor.get(SAFETY))
    assert list(cells) == ["opioid-use", "severe-liver-disease", "pregnancy", "breastfeeding", "naltrexone-product"]
    assert cells["opioid-use"] == {
        "Asked": "3",
        "Flagged": "1",
        "Not known": "0",
        "Not applicable": "0",
        "No": "2",
        "Overridden": "0",
    }
    assert cells["severe-liver-disease"]["Not known"] == "1"
    assert cells["pregnancy"] | {"Asked": "3", "Not applicable": "1", "No": "2"} == cells["pregnancy"]


def test_a_no_beside_an_opioid_in_the_list_counts_as_flagged_and_as_a_conflict(auditor: Client) -> None:
    ScreeningFactory(listed=CURRENT_OPIOID)
    ScreeningFactory(listed=CURRENT_OPIOID, given={"opioid-use": NOT_KNOWN})
    page = auditor.get(SAFETY)
    assert (
        rule_cells(page)["opioid-use"] | {"Flagged": "2", "Not known": "0", "No": "0"}
        == rule_cells(page)["opioid-use"]
    )
    assert look_into(page)["Answer no, but the list names an opioid"] == "1"
    assert tiles(page)["With a flag …"] == "1 raised by the list beside a no"


def test_a_rule_without_a_question_is_shown_as_not_asked(auditor: Client) -> None:
    ScreeningFactory(listed=NALTREXONE)
    page = auditor.get(SAFETY)
    cells = rule_cells(page)["naltrexone-product"]
    assert (cells["Asked"], cells["Flagged"], cells["Not known"]) == ("not asked", "1", "–")
    assert "has no question; the medication list raised it once." in words(page)


def test_a_rule_counts_in_the_editions_that_have_it(auditor: Client) -> None:
    ScreeningFactory()
    second = EditionFactory(definition=rules_with_two_more())
    ScreeningFactory(edition=second)
    added = [
        item.link_id
        for item in second.definition.items
        if item.link_id not in rule_cells(auditor.get("/safety/?edition=1"))
    ]
    cells = rule_cells(auditor.get(SAFETY))
    assert len(added) == 2
    assert [cells[link_id]["Asked"] for link_id in ("opioid-use", *added)] == ["2", "1", "1"]


def test_an_amended_screening_counts_by_its_latest_version(auditor: Client) -> None:
    opioid(superseded=True)
    page = auditor.get(SAFETY)
    assert (tiles(page)["Screenings"], tiles(page)["Screenings …"]) == ("1", "1 amended, 0 entered in error")
    assert (tiles(page)["With a flag"], rule_cells(page)["opioid-use"]["Flagged"]) == ("0", "0")


def test_a_screening_entered_in_error_does_not_count(auditor: Client) -> None:
    opioid(voided=True)
    opioid()
    page = auditor.get(SAFETY)
    assert (tiles(page)["Screenings"], tiles(page)["Screenings …"]) == ("1", "0 amended, 1 entered in error")
    assert rule_cells(page)["opioid-use"]["Flagged"] == "1"
    assert look_into(page)["Entered in error"] == "1"


def test_without_a_screening_the_page_says_so_and_has_no_chart(auditor: Client) -> None:
    page = auditor.get(SAFETY)
    assert "There is no screening of this edition and these days." in words(page)
    assert b'<svg class="chart"' not in page.content


# Overridden ---------------------------------------------------------------------------------------------------


def test_a_flag_despite_which_ldn_was_prescribed_is_overridden_with_its_reason(auditor: Client, by: User) -> None:
    decided(opioid(), PRESCRIBE, by=by)
    decided(opioid(), PRESCRIBE, by=by, reason="expert-contradicts")
    decided(opioid(), by=by)
    page = auditor.get(SAFETY)
    assert rule_cells(page)["opioid-use"]["Overridden"] == "2"
    assert overridden_for(page) == {"expert-contradicts": "1", "risk-benefit-ratio": "1", "": "2"}
    assert "Benefit outweighs the risk here" in words(page, "//section[@aria-labelledby='why']")


def test_only_the_latest_decision_overrides(auditor: Client, by: User) -> None:
    screening = opioid()
    decided(screening, PRESCRIBE, by=by)
    decided(screening, by=by)
    assert rule_cells(auditor.get(SAFETY))["opioid-use"]["Overridden"] == "0"


def test_an_unresolved_rule_despite_which_ldn_was_prescribed_is_no_overridden_flag(auditor: Client, by: User) -> None:
    decided(ScreeningFactory(liver_not_known=True), PRESCRIBE, by=by)
    assert tiles(auditor.get(SAFETY))["Flags overridden"] == "0"


def test_a_decision_on_old_answers_overrides_nothing_and_is_named(auditor: Client, by: User) -> None:
    amended, void = opioid(), opioid()
    for screening in (amended, void):
        decided(screening, PRESCRIBE, by=by)
    ScreeningFactory(amends=amended)
    actions.void_screening(void, by=by, role=Role.PRESCRIBER, at=NOW, reason="Wrong patient")
    page = auditor.get(SAFETY)
    assert tiles(page)["Flags overridden"] == "0"
    assert look_into(page)["Decision made on answers that were amended or entered in error"] == "2"


# Time from flag to decision -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "label"),
    [
        (0, "Same day"),
        (1, "1 day"),
        (2, "2 to 3 days"),
        (3, "2 to 3 days"),
        (4, "4 to 7 days"),
        (7, "4 to 7 days"),
        (8, "Over 7 days"),
        (400, "Over 7 days"),
    ],
)
def test_the_time_to_the_first_decision_is_in_calendar_days(auditor: Client, by: User, days: int, label: str) -> None:
    screening = opioid(days)
    decided(screening, by=by, at=NOW)
    decided(screening, by=by, at=NOW + timedelta(hours=1))
    counts = columns(auditor.get(SAFETY))
    assert counts == dict.fromkeys(counts, "0") | {label: "1"}


def test_a_decision_just_after_midnight_in_the_clinic_is_one_day_later(
    auditor: Client, by: User, settings: Any
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    midnight = datetime(2026, 11, 18, 11, tzinfo=UTC)  # 19 November begins
    decided(opioid((NOW - midnight) / timedelta(days=1) + 0.001), by=by, at=midnight + timedelta(minutes=1))
    assert columns(auditor.get(SAFETY))["1 day"] == "1"


def test_undecided_screenings_are_named_once_they_are_older_than_seven_days(auditor: Client) -> None:
    for days in (7, 7.6, 30):
        opioid(days)
    ScreeningFactory(at=days_ago(30))
    page = auditor.get(SAFETY)
    assert columns(page)["Undecided"] == "3"
    assert look_into(page)["Undecided for more than 7 days"] == "2"
    assert tiles(page)["Flagged and undecided …"] == "2 for more than 7 days"


def test_the_number_of_days_is_a_setting(auditor: Client, settings: Any) -> None:
    settings.UNDECIDED_DAYS = 1
    opioid(2)
    assert look_into(auditor.get(SAFETY))["Undecided for more than 1 day"] == "1"


# Refused decisions --------------------------------------------------------------------------------------------


def test_decisions_refused_for_what_they_held_are_counted(auditor: Client, by: User, client_of: ClientOf) -> None:
    screening = opioid()
    assert decide(client_of(by), screening, None).status_code == 422
    assert decide(client_of(by), screening, "prescribe").status_code == 422
    client_of(UserFactory()).post(f"/screenings/{screening.uuid}/decision/")
    page = auditor.get(SAFETY)
    assert look_into(page)["Decisions refused for what they held"] == "2"
    assert look_into(auditor.get(f"{SAFETY}?to=19 Nov 2026"))["Decisions refused for what they held"] == "0"


# Filters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", "3"),
        ("?edition=&from=&to=", "3"),
        ("?edition=1", "2"),
        ("?edition=2", "1"),
        ("?from=11 Nov 2026", "2"),
        ("?from=2026-11-11&to=2026-11-19", "1"),
        ("?to=10 Nov 2026", "1"),
        ("?edition=1&from=11 Nov 2026&to=20 Nov 2026", "1"),
    ],
)
def test_edition_and_days_select_screenings(auditor: Client, query: str, count: str) -> None:
    opioid(10)
    opioid(5)
    opioid(edition=EditionFactory(change_note="Second edition"))
    page = auditor.get(SAFETY + query)
    assert (tiles(page)["Screenings"], rule_cells(page)["opioid-use"]["Flagged"]) == (count, count)
    assert sum(map(int, columns(page).values())) == int(count)


def test_a_day_is_a_local_day(auditor: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    ScreeningFactory(at=datetime(2026, 11, 18, 11, 30, tzinfo=UTC))
    assert tiles(auditor.get(f"{SAFETY}?from=19 Nov 2026&to=19 Nov 2026"))["Screenings"] == "1"
    assert tiles(auditor.get(f"{SAFETY}?to=18 Nov 2026"))["Screenings"] == "0"


def test_the_head_names_edition_and_period(auditor: Client) -> None:
    assert "All editions, all days." in words(auditor.get(SAFETY))
    page = auditor.get(f"{SAFETY}?edition=1&from=1 Sep 2026&to=19 Nov 2026")
    assert "Edition 1, 1 September to 19 November 2026." in words(page)


WRONG = [
    ("edition=9", "edition", "There is no such edition. Choose one from the list."),
    ("edition=01", "edition", "There is no such edition. Choose one from the list."),
    ("edition=1%00", "edition", "There is no such edition. Choose one from the list."),
    (f"edition={'9' * 5000}", "edition", "There is no such edition. Choose one from the list."),
    ("edition=1&edition=1", "edition", "This was sent twice. Give one answer."),
    ("from=soon", "from", "This is not a date."),
    ("from=1 Sep 2026%00", "from", "This is not a date."),
    ("from=3/4/2026", "from", "Write the month in letters"),
    ("from=0001-01-01", "from", "This date is before 1 January 1900. Check the year."),
    ("to=9999-12-31", "to", "This date is too late. Check the year."),
    (f"to={'1' * 5000}", "to", "Write the month in letters"),
    ("to=31 Feb 2026", "to", "There is no such day in the calendar."),
    ("from=2 Sep 2026&to=1 Sep 2026", "to", "This day is before “Screened from”. Check both dates."),
]


@pytest.mark.parametrize("page", ["", "rules.csv"])
@pytest.mark.parametrize(("query", "field", "sentence"), WRONG, ids=lambda each: str(each)[:30])
def test_a_wrong_filter_is_422_with_a_sentence_beside_the_field(
    auditor: Client, page: str, query: str, field: str, sentence: str
) -> None:
    response = auditor.get(f"{SAFETY}{page}?{query}")
    assert response.status_code == 422
    assert any(sentence in each for each in beside(response, field))
    assert tiles(response) == {}


def test_what_was_typed_comes_back(auditor: Client) -> None:
    page = auditor.get(f"{SAFETY}?edition=1&from=soon&to=19 Nov 2026").content.decode()
    assert 'value="soon"' in page
    assert 'value="19 Nov 2026"' in page
    assert '<option value="1" selected>' in page


def test_a_name_that_is_no_filter_is_refused(auditor: Client) -> None:
    page = auditor.get(f"{SAFETY}?editions=1")
    assert page.status_code == 422
    assert messages(page) == ["This form has no field “editions”. Send only its own fields."]


@pytest.mark.parametrize("query", ["from=1900-01-01&to=9998-12-31", "from=9998-12-31", "to=1900-01-01"])
def test_the_earliest_and_latest_days_are_accepted(auditor: Client, query: str) -> None:
    assert auditor.get(f"{SAFETY}?{query}").status_code == 200


# Access and privacy -------------------------------------------------------------------------------------------


def test_reading_the_page_is_one_audit_event_with_its_filters(auditor: Client) -> None:
    auditor.get(f"{SAFETY}?edition=1&from=1 Sep 2026")
    event = AuditEvent.objects.get(action="safety.read")
    assert event.details == {"page": "safety", "edition": "1", "from": "2026-09-01"}
    assert (event.actor_name, event.actor_role, event.subject) == ("auditor", "auditor", "")


def test_a_head_request_is_not_recorded(auditor: Client) -> None:
    assert auditor.head(SAFETY).status_code == 200
    assert not AuditEvent.objects.filter(action="safety.read").exists()


def test_the_charts_are_the_same_in_a_language_with_a_decimal_comma(
    client_of: ClientOf, by: User, settings: Any
) -> None:
    settings.DEMO = True
    reader = UserFactory(role=Role.AUDITOR)
    for screening in (opioid(), opioid(), opioid(days=1)):
        decided(screening, PRESCRIBE, by=by)
    ScreeningFactory(at=NOW)
    in_english = drawn(client_of(reader).get(SAFETY))
    reader.language = "es"
    reader.save(update_fields=["language"])
    in_spanish = client_of(reader).get(SAFETY)
    assert 'lang="es"' in in_spanish.content.decode()
    assert drawn(in_spanish) == in_english
    assert any("." in each["width"] for each in in_english)


def test_the_page_shows_no_patient(auditor: Client) -> None:
    screening = opioid(listed=CURRENT_OPIOID)
    text = auditor.get(SAFETY).content.decode()
    hidden = (screening.patient_name, screening.record_number, str(screening.uuid), screening.short_id, "Percocet")
    assert [each for each in hidden if each in text] == []


def test_the_navigation_leads_to_the_page_for_those_who_may_read_it(client_of: ClientOf, edition: Edition) -> None:
    pages = {role: client_of(UserFactory(role=role)).get("/editions/").content for role in Role}
    assert {role for role, page in pages.items() if b'href="/safety/"' in page} == {Role.AUDITOR, Role.APPROVER}


@pytest.mark.parametrize("query", ["", "?edition=1&from=1 Sep 2026&to=20 Nov 2026"])
def test_the_page_sends_the_same_few_statements_however_many_screenings_there_are(
    auditor: Client, by: User, query: str
) -> None:
    def statements() -> int:
        with capture_queries() as captured:
            assert auditor.get(SAFETY + query).status_code == 200
        return len(captured.on_data)

    auditor.get(SAFETY)  # parses the edition
    before = statements()
    for _ in range(3):
        decided(opioid(superseded=False), PRESCRIBE, by=by)
        opioid(superseded=True)
    assert statements() == before <= 14


@pytest.mark.django_db(transaction=True)
def test_the_page_is_one_snapshot_on_postgresql(auditor: Client) -> None:
    opioid()
    with capture_queries() as captured:
        assert tiles(auditor.get(SAFETY))["Screenings"] == "1"
    isolated = [each for each in captured.all if "REPEATABLE READ, READ ONLY" in each]
    assert len(isolated) == (connection.vendor == "postgresql")
