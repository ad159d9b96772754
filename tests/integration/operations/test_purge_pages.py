"""Administrators request a purge of old screenings, and a second one confirms it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from lxml import html

from screening.models import AuditEvent, Edition, PurgeConfirmation, PurgeRequest, PurgeWithdrawal, User
from screening.operations import actions
from screening.operations.models import VALID_FOR
from screening.operations.purging import latest_date
from tests.concurrency import post_at_once
from tests.decisions import decided
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import WRONG_OWNER, messages, words
from tests.purges import (
    BEFORE,
    NEW_PURGE,
    PURGES,
    REASON,
    administrator,
    confirm_page,
    purge_confirmed,
    purge_requested,
    run_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

ClientOf = Callable[[User], Client]
FORM = {"before": "1 Jan 2016", "reason": REASON}
TYPED = {"confirmation": "1 Jan 2016"}


@pytest.fixture
def first(client_of: ClientOf) -> Client:
    """A test client on which an administrator is signed in."""
    return client_of(administrator(first_name="First"))


@pytest.fixture
def second(client_of: ClientOf) -> Client:
    """A test client on which another administrator is signed in."""
    return client_of(administrator(first_name="Second"))


def statuses(client: Client) -> list[str]:
    """Return the status of each purge on the page, the latest first."""
    page = html.fromstring(client.get(PURGES).content.decode())
    return [str(each) for each in page.xpath("//*[@data-purge]/@data-status")]


def events() -> list[str]:
    """Return the actions of the events about purges."""
    return list(
        AuditEvent.objects.filter(action__startswith="purge.").order_by("pk").values_list("action", flat=True)
    )


# Request ------------------------------------------------------------------------------------------------------


def test_a_request_is_stored_with_its_reason_and_an_event(first: Client) -> None:
    assert first.post(NEW_PURGE, FORM).status_code == 302
    made = PurgeRequest.objects.get()
    assert (made.before, made.reason, made.by_name) == (BEFORE, REASON, "First Administrator")
    event = AuditEvent.objects.get(action="purge.requested")
    assert (event.subject, event.actor_role, event.details) == (
        f"purge {made.pk}",
        "administrator",
        {"before": "2016-01-01"},
    )
    assert statuses(first) == ["waiting"]


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("", "Enter the day before which screenings are purged"),
        ("soon", "This is not a date."),
        ("01/02/2016", "Write the month in letters"),
        ("1 Jan 2999", "Records are kept for at least a year."),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused(first: Client, day: str, message: str) -> None:
    response = first.post(NEW_PURGE, FORM | {"before": day})
    assert response.status_code == 422
    assert any(message in each for each in messages(response))
    assert not PurgeRequest.objects.exists()


def test_the_latest_day_is_a_year_ago() -> None:
    assert latest_date(date(2028, 2, 29)) == date(2027, 2, 28)
    assert latest_date(date(2026, 11, 30)) == date(2025, 11, 30)


def test_without_a_reason_nothing_is_requested(first: Client) -> None:
    assert first.post(NEW_PURGE, FORM | {"reason": " "}).status_code == 422
    assert not PurgeRequest.objects.exists()


def test_while_one_is_open_another_request_is_409_with_what_was_typed(first: Client, second: Client) -> None:
    first.post(NEW_PURGE, FORM)
    response = second.post(NEW_PURGE, {"before": "1 Jan 2015", "reason": "Another reason"})
    assert response.status_code == 409
    assert "First Administrator requested a purge of the screenings before 1 January 2016." in words(response)
    assert "Another reason" in words(response)
    assert "1 Jan 2015" in words(response)
    assert second.get(NEW_PURGE).status_code == 409
    assert PurgeRequest.objects.count() == 1


def test_the_same_request_sent_twice_is_stored_once(first: Client) -> None:
    assert [first.post(NEW_PURGE, FORM).status_code for _ in range(2)] == [302, 302]
    assert PurgeRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_requests_at_once_one_is_stored(client_of: ClientOf, edition: Edition) -> None:
    client = client_of(administrator())
    posts = [(NEW_PURGE, {"before": f"1 Jan {year}", "reason": REASON}) for year in (2014, 2015, 2016)]
    assert sorted(each.status_code for each in post_at_once(client, posts)) == [302, 409, 409]
    assert PurgeRequest.objects.count() == 1


def test_after_the_session_ended_the_form_comes_back(edition: Edition) -> None:
    response = Client().post(NEW_PURGE, FORM | WRONG_OWNER)
    assert response.status_code == 403
    assert "Your session ended" in words(response)


# What it would delete -----------------------------------------------------------------------------------------


def test_the_list_counts_what_an_open_purge_would_delete_and_names_no_patient(
    first: Client, edition: Edition
) -> None:
    for year in (2010, 2012, 2016):
        ScreeningFactory(at=datetime(year, 3, 4, 12, tzinfo=UTC))
    decided(
        ScreeningFactory(at=datetime(2011, 3, 4, tzinfo=UTC)), by=UserFactory(), at=datetime(2011, 3, 5, tzinfo=UTC)
    )
    purge_requested()
    page = words(first.get(PURGES))
    for counted in ("Screenings3", "Oldest4 March 2010", "Newest4 March 2012", "Without a decision2"):
        assert counted in page
    assert "Sample Patient" not in page
    assert "DEMO-" not in page


# Confirm ------------------------------------------------------------------------------------------------------


def test_a_second_administrator_confirms_by_typing_the_day(first: Client, second: Client) -> None:
    first.post(NEW_PURGE, FORM)
    request = PurgeRequest.objects.get()
    page = words(second.get(confirm_page(request)))
    for words_ in (
        "What will be deleted",
        "That cannot be undone",
        "Backups that were made before",
        REASON,
    ):
        assert words_ in page
    assert second.post(confirm_page(request), TYPED).status_code == 302
    made = PurgeConfirmation.objects.get()
    assert (made.request, made.by_name, made.requested_by) == (request, "Second Administrator", request.by)
    assert events() == ["purge.requested", "purge.confirmed"]
    assert statuses(second) == ["confirmed"]
    assert "manage.py purge --before 2016-01-01" in words(second.get(PURGES))


@pytest.mark.parametrize("typed", ["", "yes", "2 Jan 2016", "1 Jan 2015", "2999-01-01"])
def test_without_the_day_nothing_is_confirmed(second: Client, typed: str) -> None:
    request = purge_requested()
    assert second.post(confirm_page(request), {"confirmation": typed}).status_code == 422
    assert not PurgeConfirmation.objects.exists()


def test_nobody_confirms_their_own_request(first: Client) -> None:
    first.post(NEW_PURGE, FORM)
    request = PurgeRequest.objects.get()
    for response in (first.get(confirm_page(request)), first.post(confirm_page(request), TYPED)):
        assert response.status_code == 409
        assert "You requested this purge, so another administrator must confirm it." in words(response)
    assert not PurgeConfirmation.objects.exists()


def test_the_database_refuses_a_confirmation_by_the_person_who_asked() -> None:
    request, at = purge_requested(), datetime.now(UTC)
    own = PurgeConfirmation(request=request, requested_by=request.by, by=request.by, by_name="Same", at=at)
    with pytest.raises(DatabaseError, match="purge_confirmed_by_a_second_person"), transaction.atomic():
        own.save(force_insert=True)


def confirmed_by_another(request: PurgeRequest) -> None:
    actions.confirm_purge(request, by=administrator(first_name="Third"), role="administrator", at=datetime.now(UTC))  # type: ignore[arg-type]


def withdrawn(request: PurgeRequest) -> None:
    actions.withdraw_purge(request, by=administrator(first_name="Third"), role="administrator", at=datetime.now(UTC))  # type: ignore[arg-type]


def done(request: PurgeRequest) -> None:
    confirmed_by_another(request)
    run_of(request)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (confirmed_by_another, "This purge was already confirmed by Third Administrator."),
        (withdrawn, "This purge was withdrawn by Third Administrator."),
        (done, "This purge was done."),
    ],
)
def test_what_happened_meanwhile_is_409_with_what_was_typed(
    second: Client, change: Callable[[PurgeRequest], Any], sentence: str
) -> None:
    request = purge_requested()
    change(request)
    count = PurgeConfirmation.objects.count()
    for typed in ("1 Jan 2016", "typed wrongly"):
        response = second.post(confirm_page(request), {"confirmation": typed})
        assert response.status_code == 409
        assert sentence in words(response)
        assert typed in words(response)
    assert PurgeConfirmation.objects.count() == count


def test_a_click_twice_confirms_once(second: Client) -> None:
    request = purge_requested()
    assert [second.post(confirm_page(request), TYPED).status_code for _ in range(2)] == [302, 302]
    assert PurgeConfirmation.objects.count() == 1


def test_after_30_days_a_request_has_expired(second: Client) -> None:
    request = purge_requested(at=datetime.now(UTC) - VALID_FOR)
    response = second.post(confirm_page(request), TYPED)
    assert response.status_code == 409
    assert "it has expired" in words(response)
    assert statuses(second) == ["expired"]
    assert second.get(NEW_PURGE).status_code == 200


def test_a_confirmed_request_expires_too(second: Client) -> None:
    with time_machine.travel(datetime.now(UTC) - VALID_FOR + timedelta(hours=1)):
        purge_confirmed()
    assert statuses(second) == ["confirmed"]
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        assert PurgeRequest.objects.complete().get().status(datetime.now(UTC)) == "expired"


@pytest.mark.django_db(transaction=True)
def test_of_a_confirmation_and_a_withdrawal_at_once_the_withdrawal_counts(
    client_of: ClientOf, edition: Edition
) -> None:
    request = purge_requested()
    client = client_of(administrator())
    post_at_once(client, [(confirm_page(request), TYPED), (f"{PURGES}{request.pk}/withdraw/", {})])
    assert PurgeRequest.objects.complete().get().status(datetime.now(UTC)) == "withdrawn"


# Withdraw -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [purge_requested, purge_confirmed])
def test_any_administrator_withdraws_an_open_purge(second: Client, made: Callable[[], PurgeRequest]) -> None:
    request = made()
    for _ in range(2):
        assert second.post(f"{PURGES}{request.pk}/withdraw/").status_code == 302
    assert PurgeWithdrawal.objects.get().by_name == "Second Administrator"
    assert statuses(second) == ["withdrawn"]
    assert events()[-1] == "purge.withdrawn"


def test_a_purge_that_was_done_cannot_be_withdrawn(second: Client) -> None:
    request = purge_confirmed()
    run_of(request)
    response = second.post(f"{PURGES}{request.pk}/withdraw/")
    assert response.status_code == 409
    assert "This purge was done." in words(response)
    assert not PurgeWithdrawal.objects.exists()


# Who ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["confirm/", "withdraw/"])
def test_an_unknown_purge_is_404_with_the_role_and_403_without(
    first: Client, client_of: ClientOf, page: str, edition: Edition
) -> None:
    assert first.post(f"{PURGES}99/{page}").status_code == 404
    assert client_of(UserFactory()).post(f"{PURGES}99/{page}").status_code == 403


def test_the_header_links_to_the_purges_for_administrators_only(
    first: Client, client: Client, edition: Edition
) -> None:
    assert 'href="/purges/"' in first.get("/editions/").content.decode()
    assert 'href="/purges/"' not in client.get("/editions/").content.decode()


def test_no_page_of_purges_takes_more_queries_for_more_of_them(
    first: Client, django_assert_max_num_queries: Any
) -> None:
    for year in range(2001, 2011):
        purge_requested(date(year, 1, 1), at=datetime(year + 12, 1, 1, tzinfo=UTC))
    with django_assert_max_num_queries(6):
        assert first.get(PURGES).status_code == 200
