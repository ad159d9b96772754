"""Purges of old screenings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.models import PurgeRequest, User
from screening.operations import actions
from tests.browser.states.state import State, at, press
from tests.browser.steps import fill
from tests.decisions import decided
from tests.factories import ScreeningFactory
from tests.purges import NEW_PURGE, PURGES, administrator, confirm_page, purge_confirmed, purge_requested, run_of

LONG_WORD = "x" * 300


def old_screenings() -> None:
    """Record three screenings of 2010, one of them with a decision."""
    first, *_ = [ScreeningFactory(at=datetime(2010, month, 4, tzinfo=UTC)) for month in (3, 5, 9)]
    decided(first, by=first.screened_by, at=datetime(2010, 3, 5, tzinfo=UTC))


def purges(page: Page) -> None:
    """Open the list with a purge in each state, the open one waiting for the administrator who looks."""
    long_ago = datetime.now(UTC) - timedelta(days=900)
    run_of(purge_confirmed(date(2008, 1, 1), at=long_ago))
    purge_requested(date(2009, 1, 1), at=long_ago + timedelta(days=400))
    third = administrator(first_name="N" * 60)
    withdrawn = purge_requested(date(2015, 1, 1))
    actions.withdraw_purge(withdrawn, by=third, role=Role.ADMINISTRATOR, at=datetime.now(UTC))
    old_screenings()
    purge_requested(by=third)
    page.goto(PURGES)


def confirmed(page: Page) -> None:
    old_screenings()
    purge_confirmed()
    page.goto(PURGES)


def own_request(page: Page) -> None:
    requested = PurgeRequest.objects.filter(by__username="administrator")
    if not requested.exists():
        purge_requested(by=User.objects.get(username="administrator"))
    page.goto(PURGES)


def requesting_without_input(page: Page) -> None:
    page.goto(NEW_PURGE)
    press(page, "Request the purge")


def requesting_while_one_is_open(page: Page) -> None:
    page.goto(NEW_PURGE)
    fill(page, {"before": "1 Jan 2015", "reason": LONG_WORD})
    purge_requested()
    press(page, "Request the purge")


def confirming(page: Page) -> None:
    old_screenings()
    page.goto(confirm_page(purge_requested()))


def confirming_another_day(page: Page) -> None:
    confirming(page)
    fill(page, {"confirmation": "2 Jan 2016"})
    press(page, "Confirm the purge")


def confirming_what_was_withdrawn(page: Page) -> None:
    confirming(page)
    fill(page, {"confirmation": "1 Jan 2016"})
    by = administrator(first_name="Third")
    actions.withdraw_purge(PurgeRequest.objects.get(), by=by, role=Role.ADMINISTRATOR, at=datetime.now(UTC))
    press(page, "Confirm the purge")


LIST, NEW, CONFIRM = "screening:purge_list", "screening:purge_new", "screening:purge_confirm"
STATES = {
    "purges": State(LIST, purges, Role.ADMINISTRATOR),
    "purges, none": State(LIST, at(PURGES), Role.ADMINISTRATOR),
    "purges, confirmed": State(LIST, confirmed, Role.ADMINISTRATOR),
    "purges, own request": State(LIST, own_request, Role.ADMINISTRATOR),
    "requesting a purge": State(NEW, at(NEW_PURGE), Role.ADMINISTRATOR),
    "requesting a purge, errors": State(NEW, requesting_without_input, Role.ADMINISTRATOR),
    "requesting a purge while one is open": State(NEW, requesting_while_one_is_open, Role.ADMINISTRATOR),
    "confirming a purge": State(CONFIRM, confirming, Role.ADMINISTRATOR),
    "confirming a purge, another day": State(CONFIRM, confirming_another_day, Role.ADMINISTRATOR),
    "confirming a purge that was withdrawn": State(CONFIRM, confirming_what_was_withdrawn, Role.ADMINISTRATOR),
}
