"""Deciding on a screening, and the worklist."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.clinical.rules.deciding import DecisionCode
from screening.models import Screening, User
from tests.browser.states.state import State, at, press
from tests.browser.steps import choice, fields
from tests.decisions import WORKLIST, decided, decision_page
from tests.factories import NOT_KNOWN, TRAMADOL, ScreeningFactory
from tests.pages import address_of

SEND = "Record decision"


def flagged() -> Screening:
    """One contraindicated flag and one unresolved answer."""
    return ScreeningFactory(given={"opioid-use": TRAMADOL, "severe-liver-disease": NOT_KNOWN})


def prescriber() -> User:
    """The person who opens the page."""
    return User.objects.get(username=Role.PRESCRIBER)


def undecided(page: Page) -> None:
    page.goto(decision_page(flagged()))


def prescribing(page: Page) -> None:
    page.goto(decision_page(flagged()))
    choice(page, "decision", "prescribe").check()


def refused(page: Page) -> None:
    page.goto(decision_page(flagged()))
    choice(page, "decision", "defer").check()
    press(page, SEND)


def answers_expired(page: Page) -> None:
    old = ScreeningFactory(all_flagged=True, naltrexone_in_list=True, at=datetime.now(UTC) - timedelta(days=40))
    page.goto(decision_page(old))


def clear(page: Page) -> None:
    page.goto(decision_page(ScreeningFactory()))


def recorded_twice(page: Page) -> None:
    screening = flagged()
    decided(screening, DecisionCode.PRESCRIBE, by=prescriber())
    decided(screening, DecisionCode.DEFER, by=prescriber())
    page.goto(address_of(screening))


def made_on_superseded_answers(page: Page) -> None:
    screening = flagged()
    decided(screening, by=prescriber())
    ScreeningFactory(amends=screening)
    page.goto(address_of(screening))


def too_late(page: Page) -> None:
    screening = flagged()
    page.goto(decision_page(screening))
    fields(page, "opioid-use.reason-text").fill("Opioid prescriber called " * 5)
    ScreeningFactory(amends=screening)
    press(page, SEND)


def worklist(page: Page) -> None:
    flagged()
    amended = ScreeningFactory(naltrexone_in_list=True)
    decided(amended, by=prescriber())
    ScreeningFactory(amends=amended)
    deferred = ScreeningFactory(at=datetime.now(UTC) - timedelta(days=20))
    decided(deferred, DecisionCode.DEFER, by=prescriber(), at=deferred.screened_at, days=3)
    page.goto(WORKLIST)


def decided_in_the_list(page: Page) -> None:
    screening = flagged()
    decided(screening, by=prescriber())
    ScreeningFactory(amends=screening)
    decided(ScreeningFactory(), DecisionCode.DEFER, by=prescriber())
    page.goto("/screenings/")


def decided_by_another_meanwhile(page: Page) -> None:
    screening = flagged()
    page.goto(decision_page(screening))
    for link_id in ("opioid-use", "severe-liver-disease"):
        choice(page, f"{link_id}.reason", "followed").check()
    choice(page, "decision", "refer").check()
    decided(screening, by=prescriber())
    press(page, SEND)


DECIDE, RESULT = "screening:screening_decision", "screening:screening_result"
STATES = {
    "deciding": State(DECIDE, undecided, Role.PRESCRIBER),
    "deciding to prescribe despite a flag": State(DECIDE, prescribing, Role.PRESCRIBER),
    "deciding, errors": State(DECIDE, refused, Role.PRESCRIBER),
    "deciding on expired answers": State(DECIDE, answers_expired, Role.PRESCRIBER),
    "deciding on a clear result": State(DECIDE, clear, Role.PRESCRIBER),
    "deciding, superseded meanwhile": State(DECIDE, too_late, Role.PRESCRIBER),
    "deciding, decided meanwhile": State(DECIDE, decided_by_another_meanwhile, Role.PRESCRIBER),
    "result, decided twice": State(RESULT, recorded_twice, Role.PRESCRIBER),
    "result, decision on superseded answers": State(RESULT, made_on_superseded_answers, Role.PRESCRIBER),
    "worklist": State("screening:worklist", worklist, Role.PRESCRIBER),
    "worklist, empty": State("screening:worklist", at(WORKLIST), Role.PRESCRIBER),
    "list, decided": State("screening:screening_list", decided_in_the_list, Role.PRESCRIBER),
}
