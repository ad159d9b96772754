"""Auditors read who did what, with filters, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.accounts import actions as account_actions
from screening.accounts.account_state import AccountState
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.audit_trail.events import PAGE_SIZE, EventFilter
from screening.audit_trail.forms import NO_ACCOUNT
from screening.models import AuditEvent, Screening, Seal, User
from tests.audit import happened, sealed
from tests.decisions import decide
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import address_of, beside, links, messages, words
from tests.queries import capture_queries
from tests.trail import TRAIL, actions_on, all_rows, caption_of, older, rows, sealed_later

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

ClientOf = Callable[[User], Client]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def at(moment: datetime, by: User, action: Action = Action.SIGNED_IN) -> None:
    """Record an event of this moment."""
    with time_machine.travel(moment, tick=False):
        record_event(action, by=by)


# Rows ---------------------------------------------------------------------------------------------------------


def test_a_row_says_when_who_what_which_record_from_where_and_whether_it_is_sealed(
    auditor: Client, client_of: ClientOf, screening: Screening
) -> None:
    with time_machine.travel(datetime(2026, 11, 29, 15, 20, 41, tzinfo=UTC), tick=False):
        reader = client_of(UserFactory(role=Role.PRESCRIBER, username="reader"))
        reader.get(address_of(screening, "print/"), REMOTE_ADDR="192.0.2.14")
    row = rows(auditor.get(TRAIL))[0]
    assert row[:3] == ["29 Nov 2026, 15:20:41", "reader prescriber", "Summary printed screening.printed"]
    assert row[3:] == [screening.short_id, "192.0.2.14", "Not yet sealed"]


def test_times_are_utc_whatever_the_time_zone_of_the_clinic(auditor: Client, person: User, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    at(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), person)
    assert rows(auditor.get(TRAIL))[0][0] == "1 Jul 2026, 23:30:00"


def test_the_newest_event_comes_first(auditor: Client) -> None:
    ids = happened(3)
    found = [event.pk for event in EventFilter().page(None)[0]]
    assert found[:3] == ids[::-1]


def test_a_record_is_linked_by_its_short_id(auditor: Client, screening: Screening) -> None:
    page = auditor.get(TRAIL, {"action": "screening.recorded"})
    assert address_of(screening) in links(page, "//tr[@data-event]")


def test_any_other_subject_is_text(auditor: Client) -> None:
    page = auditor.get(TRAIL, {"action": "edition.published"})
    assert rows(page)[0][3] == "edition 1"
    assert links(page, "//tr[@data-event]") == []


def test_an_event_without_a_client_is_from_the_command_line(auditor: Client) -> None:
    row = rows(auditor.get(TRAIL, {"action": "edition.published"}))[0]
    assert (row[1], row[4]) == ("command line", "command line")


@pytest.mark.parametrize(
    ("page", "label"),
    {
        "": "Result opened",
        "print/": "Summary printed",
        "summary.pdf": "PDF downloaded",
        "summary.txt": "Plain text downloaded",
        "amend/": "Amendment form opened",
        "void/": "Entered-in-error form opened",
        "others/": "Other screenings of the record number opened",
        "decision/": "Decision page opened",
        "looks/": "Looks at a record listed",
    }.items(),
)
def test_access_is_named_by_its_page(
    auditor: Client, client_of: ClientOf, screening: Screening, page: str, label: str
) -> None:
    client_of(UserFactory(role=Role.PRESCRIBER)).get(address_of(screening, page))
    assert rows(auditor.get(TRAIL))[0][2].startswith(label)


def test_a_refused_page_is_named(auditor: Client, client_of: ClientOf, screening: Screening) -> None:
    client_of(UserFactory(role=Role.EDITOR)).get(address_of(screening, "void/"))
    row = rows(auditor.get(TRAIL))[0]
    assert row[2] == "Access refused: entered-in-error form access.refused method: GET"
    assert row[3] == screening.short_id


def test_a_failed_sign_in_names_the_account(auditor: Client, person: User) -> None:
    Client().post("/accounts/login/", {"login": person.username, "password": "wrong"})
    row = rows(auditor.get(TRAIL))[0]
    assert row[1:4] == ["not signed in", "Sign-in failed account.sign_in_refused", "auditor"]


def test_a_refused_decision_says_what_is_missing(auditor: Client, client_of: ClientOf) -> None:
    screening = ScreeningFactory(all_flagged=True)
    prescriber = client_of(UserFactory(role=Role.PRESCRIBER))
    missing = {"opioid-use__reason": None, "pregnancy__reason": None}
    assert decide(prescriber, screening, "refer", **missing).status_code == 422
    row = rows(auditor.get(TRAIL, {"action": "decision.refused"}))[0]
    assert row[2].startswith("Decision refused: 2 reasons missing decision.refused")


def test_a_role_change_is_in_plain_words(auditor: Client, person: User) -> None:
    admin, account = UserFactory(role=Role.ADMINISTRATOR), UserFactory(username="changed")
    state = AccountState.of(account)
    wanted = AccountState(state.first_name, state.last_name, frozenset({Role.CLINICIAN, Role.PRESCRIBER}), False)
    account_actions.change_account(account, wanted, by=admin, seen=state.version)
    row = rows(auditor.get(TRAIL))[0]
    assert row[2] == "Account changed: roles clinician → clinician, prescriber, disabled account.changed"
    assert row[3] == "changed"


def test_details_are_escaped(auditor: Client, person: User) -> None:
    record_event(Action.RULES_CHANGED, by=person, subject="<b>", what="<script>alert(1)</script>")
    page = auditor.get(TRAIL)
    assert "what: <script>alert(1)</script>" in rows(page)[0][2]
    assert "<script>alert" not in page.content.decode()


def test_an_action_of_a_later_release_is_shown_by_its_code(auditor: Client) -> None:
    AuditEvent.objects.create(at=timezone.now(), actor_name="later", action="later.action", details={"page": "later"})
    assert rows(auditor.get(TRAIL))[0][2] == "later.action later.action page: later"


def test_details_that_are_no_object_are_left_out(auditor: Client) -> None:
    AuditEvent.objects.create(at=timezone.now(), actor_name="later", action="screening.read", details=["other"])
    assert rows(auditor.get(TRAIL))[0][2] == "Screening opened screening.read"


# Seals --------------------------------------------------------------------------------------------------------


def test_each_event_names_the_seal_that_covers_it(auditor: Client) -> None:
    happened(1)
    sealed_later(2, 1)
    happened(1)
    first, second = Seal.objects.order_by("number").values_list("hash", flat=True)
    seals = [row[5] for row in rows(auditor.get(TRAIL))]
    names = [f"Sealed {each[:4]}-{each[4:8]}" for each in (second, first, first, first)]
    assert seals[:5] == ["Not yet sealed", *names]


def test_the_caption_says_up_to_when_events_are_sealed(auditor: Client) -> None:
    with time_machine.travel(datetime(2099, 11, 29, 16, 0, tzinfo=UTC), tick=False):
        sealed(1)
    assert caption_of(auditor.get(TRAIL)) == "Newest first. Sealed up to 29 November 2099, 15:00 UTC; times are UTC."


def test_without_a_seal_the_caption_says_so(auditor: Client) -> None:
    assert caption_of(auditor.get(TRAIL)) == "Newest first. Nothing is sealed yet; times are UTC."


# Filters ------------------------------------------------------------------------------------------------------


def test_a_person_is_found_by_user_name(auditor: Client, client_of: ClientOf, screening: Screening) -> None:
    client_of(UserFactory(username="reader")).get(address_of(screening))
    found = auditor.get(TRAIL, {"person": "reader"})
    assert [row[1] for row in rows(found)] == ["reader clinician"] * 2


def test_an_unknown_person_has_no_events(auditor: Client) -> None:
    page = auditor.get(TRAIL, {"person": "nobody"})
    assert (rows(page), caption_of(page)) == ([], "No event found.")


def test_an_action_is_chosen_by_its_code(auditor: Client, screening: Screening) -> None:
    assert set(actions_on(auditor.get(TRAIL, {"action": "screening.recorded"}))) == {"screening.recorded"}


@pytest.mark.parametrize("form", ["short", "short without hyphen", "whole", "whole without hyphens", "capitals"])
def test_a_record_is_found_by_short_or_whole_id(auditor: Client, screening: Screening, form: str) -> None:
    ScreeningFactory()
    uuid = screening.uuid
    text = {
        "short": screening.short_id,
        "short without hyphen": uuid.hex[:8],
        "whole": str(uuid),
        "whole without hyphens": f" {uuid.hex} ",
        "capitals": screening.short_id.upper(),
    }[form]
    assert actions_on(auditor.get(TRAIL, {"record": text})) == ["screening.recorded"]


def test_refused_access_to_an_unknown_record_is_found_by_its_whole_id(auditor: Client, client_of: ClientOf) -> None:
    client_of(UserFactory(role=Role.EDITOR)).get(f"/screenings/{UNKNOWN}/")
    assert actions_on(auditor.get(TRAIL, {"record": UNKNOWN})) == ["access.refused"]
    assert actions_on(auditor.get(TRAIL, {"record": UNKNOWN[:8]})) == []


def test_days_are_local_days_from_the_first_to_the_last(auditor: Client, person: User, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    moments = [datetime(2026, 7, day, hour, 30, tzinfo=UTC) for day, hour in ((1, 3), (1, 4), (2, 3), (2, 4))]
    for moment in moments:
        at(moment, person)
    page = auditor.get(TRAIL, {"from": "1 Jul 2026", "to": "2026-07-01"})
    assert [row[0] for row in rows(page)] == ["2 Jul 2026, 03:30:00", "1 Jul 2026, 04:30:00"]
    assert caption_of(page).endswith("Days are those of America/New_York.")


def test_filters_are_combined(auditor: Client, person: User, clinician: User, screening: Screening) -> None:
    now = timezone.now()
    for by, action, ago in (
        (person, Action.SIGNED_IN, 40),
        (person, Action.SIGNED_OUT, 40),
        (clinician, Action.SIGNED_IN, 40),
    ):
        at(now - timedelta(days=ago), by, action)
    day = (now - timedelta(days=40)).date().isoformat()
    page = auditor.get(TRAIL, {"person": "auditor", "action": "account.signed_in", "from": day, "to": day})
    assert [(row[1], row[2]) for row in rows(page)] == [("auditor", "Signed in account.signed_in")]


def test_empty_filters_are_no_filters(auditor: Client) -> None:
    happened(1)
    empty = dict.fromkeys(["person", "action", "record", "from", "to", "after"], "")
    assert len(rows(auditor.get(TRAIL, empty))) > 1


def test_filters_that_are_set_stay_in_the_form(auditor: Client) -> None:
    page = auditor.get(TRAIL, {"person": "nobody", "action": "account.made", "from": "2026-01-02"}).content.decode()
    assert 'value="nobody"' in page
    assert '<option value="account.made" selected>' in page
    assert 'value="2026-01-02"' in page


@pytest.mark.parametrize("filters", [{}, {"person": "clinician"}, {"action": "account.signed_out"}])
def test_events_long_before_the_last_day_are_found(
    auditor: Client, person: User, clinician: User, filters: dict[str, str]
) -> None:
    now = timezone.now()
    for days in (700, 400, 399, 10):
        at(now - timedelta(days=days), clinician, Action.SIGNED_OUT)
        at(now - timedelta(days=days), person)
    first, last = ((now - timedelta(days=days)).date() for days in (500, 300))
    found = rows(auditor.get(TRAIL, {"from": first.isoformat(), "to": last.isoformat()} | filters))
    expected = [now - timedelta(days=days) for days in (399, 400)]
    mine = [row[0] for row in found if row[1] == "clinician"]
    assert mine == [f"{each.day} {each:%b %Y, %H:%M:%S}" for each in expected]
    assert len(found) == (2 if filters else 4)


# What filters refuse ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("person", "a\0b", "cannot be shown or printed"),
        ("person", "x" * 10_000, "Use at most 200 characters; this has 10000."),
        ("action", "nothing.of_this", "Choose one of the actions in the list."),
        ("record", "5d3a-91c", "Enter the eight characters as printed: 5d3a-91c7, or the whole id."),
        ("record", "Sample Patient", "Enter the eight characters as printed: 5d3a-91c7, or the whole id."),
        ("record", "0" * 10_000, "Enter the eight characters as printed: 5d3a-91c7, or the whole id."),
        ("from", "soon", "This is not a date"),
        ("from", "31 Dec 1999", "This date is before 1 January 2000"),
        ("to", "31 Dec 9999", "This date is in the future"),
    ],
)
def test_a_filter_that_is_not_valid_is_refused_beside_its_field(
    auditor: Client, field: str, value: str, sentence: str
) -> None:
    response = auditor.get(TRAIL, {field: value})
    assert response.status_code == 422
    assert any(sentence in each for each in beside(response, field)), beside(response, field)
    assert caption_of(response) == "No event is shown: correct the marked field."


def test_days_in_the_wrong_order_are_refused(auditor: Client) -> None:
    response = auditor.get(TRAIL, {"from": "2 Jan 2026", "to": "1 Jan 2026"})
    assert response.status_code == 422
    assert any("This day is before the first one." in each for each in beside(response, "to"))


@pytest.mark.parametrize("after", ["x", "-1", "0", "1.5", "٣", str(2**63), "9" * 5_000, "1\0"])
def test_a_place_that_no_event_can_have_is_refused(auditor: Client, after: str) -> None:
    response = auditor.get(TRAIL, {"after": after})
    assert response.status_code == 422
    assert messages(response) == [
        "The address names no event to continue after. “Show” starts with the newest event."
    ]


def test_a_place_after_all_events_is_an_empty_page(auditor: Client) -> None:
    for filters in ({}, {"from": "2026-01-01"}, {"person": "auditor"}, {"action": "account.signed_in"}):
        assert rows(auditor.get(TRAIL, {"after": "1"} | filters)) == []


def test_a_place_beyond_the_newest_event_starts_with_it(auditor: Client) -> None:
    assert len(rows(auditor.get(TRAIL, {"after": str(2**63 - 1)}))) > 0


def test_a_field_sent_twice_or_not_in_the_form_is_refused(auditor: Client) -> None:
    twice = auditor.get(f"{TRAIL}?person=a&person=b")
    assert (twice.status_code, messages(twice)) == (422, ["Person: This was sent twice. Give one answer."])
    assert auditor.get(f"{TRAIL}?after=1&after=2").status_code == 422
    assert auditor.get(f"{TRAIL}?q=Sample").status_code == 422


@pytest.mark.parametrize("typed", ["=1+1", "<script>alert(1)</script>", "' OR 1=1 --", "%", "Ünïcode 名"])
def test_text_that_no_account_has_finds_nothing(auditor: Client, typed: str) -> None:
    page = auditor.get(TRAIL, {"person": typed})
    assert rows(page) == []
    assert "<script>alert" not in page.content.decode()


VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "auditor", "account.signed_in", "5d3a-91c7", UNKNOWN, "1 Jan 2026", "2026-12-31", "7", "\0"]
    ),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    sent=st.dictionaries(
        st.sampled_from(["person", "action", "record", "from", "to", "after", "q"]),
        st.lists(VALUES, min_size=1, max_size=2),
    )
)
def test_any_filters_give_a_page_or_a_sentence(auditor: Client, sent: dict[str, list[str]]) -> None:
    for address in (TRAIL, "/audit/events.csv"):
        response = auditor.get(address, sent)
        assert response.status_code in {200, 422}
        if response.status_code == 422:
            assert messages(response)
        elif address != TRAIL:
            assert b"INCOMPLETE" not in b"".join(response.streaming_content)  # type: ignore[attr-defined]


# Pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"person": "command line"},
        {"action": "screening.read"},
        {"from": "2026-01-01"},
        {"person": "command line", "from": "2026-01-01"},
        {"action": "screening.read", "to": "2098-01-01"},
    ],
    ids=["all", "person", "action", "days", "person and days", "action and days"],
)
def test_pages_show_every_event_once(auditor: Client, filters: dict[str, str]) -> None:
    happened(PAGE_SIZE * 2 + 3)
    first = auditor.get(TRAIL, filters)
    assert len(rows(first)) == PAGE_SIZE
    records = [row[3] for row in all_rows(auditor, **filters) if row[3].startswith("record ")]
    assert records == [f"record {number}" for number in reversed(range(PAGE_SIZE * 2 + 3))]


def test_events_of_the_same_moment_are_on_one_page_each(auditor: Client, person: User) -> None:
    moment = timezone.now() - timedelta(days=400)
    with time_machine.travel(moment, tick=False):
        for number in range(PAGE_SIZE + 5):
            record_event(Action.RULES_CHANGED, by=person, subject=f"rule set {number}")
    day = moment.date().isoformat()
    subjects = [row[3] for row in all_rows(auditor, **{"from": day, "to": day})]
    assert subjects == [f"rule set {number}" for number in reversed(range(PAGE_SIZE + 5))]


def test_the_link_to_older_events_keeps_the_filters(auditor: Client) -> None:
    happened(PAGE_SIZE + 1)
    filters = {"person": "command line", "action": "screening.read", "from": "1 Jan 2026"}
    following = older(auditor.get(TRAIL, filters))
    assert following is not None
    assert following.startswith(f"{TRAIL}?person=command+line&action=screening.read&from=1+Jan+2026&after=")
    assert rows(auditor.get(following))[0][3] == "record 0"


def test_an_event_that_comes_meanwhile_moves_no_page(auditor: Client) -> None:
    happened(PAGE_SIZE + 1)
    following = older(auditor.get(TRAIL, {"action": "screening.read"}))
    happened(3)
    assert [row[3] for row in rows(auditor.get(str(following)))] == ["record 0"]


@pytest.mark.parametrize("filters", [{}, {"person": "command line"}, {"from": "2026-01-01"}, {"record": UNKNOWN}])
def test_the_number_of_statements_does_not_grow(auditor: Client, filters: dict[str, str]) -> None:
    counts = []
    for more in (1, 40):
        sealed_later(*[1] * more)
        with capture_queries() as captured:
            auditor.get(TRAIL, filters)
        counts.append(len(captured.on_data))
    assert counts[0] == counts[1] <= 9


# Access -------------------------------------------------------------------------------------------------------


def test_opening_the_trail_is_recorded_with_its_filters(auditor: Client, person: User) -> None:
    auditor.get(TRAIL, {"person": "auditor", "action": "account.made", "record": "5D3A91C7", "after": "99"})
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor_role) == ("audit.listed", "auditor")
    assert event.details == {
        "page": "audit_events",
        "person": "auditor",
        "action": "account.made",
        "record": "5d3a-91c7",
        "after": 99,
    }


def test_a_whole_id_is_recorded_with_its_hyphens(auditor: Client) -> None:
    auditor.get(TRAIL, {"record": UNKNOWN.replace("-", "")})
    assert AuditEvent.objects.latest("pk").details["record"] == UNKNOWN


def test_a_name_that_no_account_has_is_not_recorded(auditor: Client) -> None:
    auditor.get(TRAIL, {"person": "Sample Patient"})
    assert AuditEvent.objects.latest("pk").details["person"] == NO_ACCOUNT


def test_filters_that_are_refused_are_not_recorded(auditor: Client) -> None:
    before = AuditEvent.objects.count()
    auditor.get(TRAIL, {"record": "Sample Patient"})
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("address", [TRAIL, "/audit/events.csv", f"/screenings/{UNKNOWN}/looks/"])
def test_nobody_changes_anything_there(auditor: Client, method: str, address: str) -> None:
    assert auditor.generic(method, address).status_code == 405


def test_the_navigation_leads_auditors_to_the_trail(auditor: Client, client: Client) -> None:
    assert TRAIL in links(auditor.get("/screenings/"), "//nav")
    assert TRAIL not in links(client.get("/screenings/"), "//nav")
    assert "Audit trail" in words(auditor.get(TRAIL), "//nav//*[@aria-current='page']")


def test_the_caption_names_the_filters_for_those_who_read_a_print(auditor: Client, person: User) -> None:
    assert caption_of(auditor.get(TRAIL)).startswith("Newest first. ")
    filters = {"action": "account.signed_in", "person": "auditor"}
    only = "Newest first, only person: auditor; action: account.signed_in. "
    assert caption_of(auditor.get(TRAIL, filters)).startswith(only)
