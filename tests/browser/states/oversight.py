"""The audit trail, who looked at a record, and the safety figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.test import Client
from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.clinical.rules.deciding import DecisionCode
from screening.models import Screening
from tests.audit import happened
from tests.browser.states.state import State
from tests.decisions import decided
from tests.factories import CURRENT_OPIOID, NALTREXONE, ScreeningFactory, UserFactory
from tests.pages import address_of
from tests.safety import SAFETY
from tests.trail import TRAIL, sealed_later


def seen_and_refused() -> Screening:
    """Return a record that a prescriber looked at, and an editor was refused."""
    screening = ScreeningFactory(taking_opioid=True)
    for role in (Role.PRESCRIBER, Role.EDITOR):
        client = Client()
        client.force_login(UserFactory(role=role))
        client.get(address_of(screening))
    return screening


def trail(page: Page) -> None:
    seen_and_refused()
    sealed_later(1)
    happened(1)
    page.goto(TRAIL)


def nothing_found(page: Page) -> None:
    page.goto(f"{TRAIL}?person=nobody")


def refused(page: Page) -> None:
    page.goto(f"{TRAIL}?person=%00&action=x&record=x&from=soon&to=9999&after=x")


def long_details(page: Page) -> None:
    screening = seen_and_refused()
    client = Client()
    client.force_login(UserFactory(username="n" * 150))
    client.get(address_of(screening))
    page.goto(f"{TRAIL}?from=1+Jan+2026")


def looks(page: Page) -> None:
    screening = seen_and_refused()
    page.goto(address_of(screening, "looks/"))


def counted() -> None:
    """Record screenings with flags, unknown answers, decisions, and an old flag without one."""
    by = UserFactory(role=Role.PRESCRIBER)
    decided(ScreeningFactory(taking_opioid=True), DecisionCode.PRESCRIBE, by=by)
    decided(ScreeningFactory(all_flagged=True), by=by)
    ScreeningFactory(taking_opioid=True, at=datetime.now(UTC) - timedelta(days=20))
    for traits in ({"liver_not_known": True}, {"listed": CURRENT_OPIOID}, {"listed": NALTREXONE}, {"voided": True}):
        ScreeningFactory(**traits)


def safety(query: str = "") -> Callable[[Page], None]:
    """Return a function that opens the safety figures."""

    def open_page(page: Page) -> None:
        counted()
        page.goto(f"{SAFETY}{query}")

    return open_page


TRAIL_PAGE, SAFETY_PAGE = "screening:audit_events", "screening:safety"
STATES = {
    "audit trail": State(TRAIL_PAGE, trail, Role.AUDITOR),
    "audit trail, nothing found": State(TRAIL_PAGE, nothing_found, Role.AUDITOR),
    "audit trail, errors": State(TRAIL_PAGE, refused, Role.AUDITOR),
    "audit trail, long names": State(TRAIL_PAGE, long_details, Role.AUDITOR),
    "who looked at a record": State("screening:screening_looks", looks, Role.AUDITOR),
    "safety": State(SAFETY_PAGE, safety(), Role.AUDITOR),
    "safety, nothing to count": State(SAFETY_PAGE, safety("?to=1 Jan 2020"), Role.AUDITOR),
    "safety, errors": State(SAFETY_PAGE, safety("?edition=9&from=soon&to=3/4/2026"), Role.AUDITOR),
}
