"""Published editions, their review, and local names of medicines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from playwright.sync_api import Page

from screening.accounts.permissions import Role
from screening.drafts import actions as draft_actions
from screening.editions import actions as edition_actions
from tests.browser.states.state import State, at
from tests.browser.steps import fill
from tests.drafts import acting, proposed
from tests.factories import EditionFactory, ScreeningFactory, UserFactory
from tests.pages import address_of
from tests.rules import changed_rules, rules_with_two_more

LONG_WORD = "x" * 300


def local_names(page: Page) -> None:
    for number, name in enumerate(("Zorbelan forte", "Own mixture", "Q" * 120)):
        page.goto("/editions/local-names/")
        fill(page, {"name": name, "ingredient": "oxycodone", "note": "Label of the hospital pharmacy"})
        with page.expect_navigation():
            page.get_by_role("button", name="Add the name").click()
        if not number:
            with page.expect_navigation():
                page.get_by_role("button", name="Retire").click()


def local_name_refused(page: Page) -> None:
    page.goto("/editions/local-names/")
    with page.expect_navigation():
        page.get_by_role("button", name="Add the name").click()


def editions(page: Page) -> None:
    EditionFactory(definition=rules_with_two_more(), change_note="Two more rules")
    page.goto("/editions/")


def rules_to_review(page: Page) -> None:
    """Open the review page of an edition with one overdue and one confirmed rule."""
    edition = EditionFactory(definition=changed_rules(pregnancy={"next_review": "2020-11-01"}))
    by, until = UserFactory(first_name="A" * 60), date(2099, 11, 1)
    review: dict[str, Any] = {"by": by, "role": Role.CLINICIAN, "at": datetime.now(UTC), "next_review": until}
    edition_actions.confirm_review(edition, ["opioid-use"], **review)
    page.goto(f"/editions/{edition.number}/review/")


def review_without_input(page: Page) -> None:
    rules_to_review(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Confirm the ticked rules").click()


def review_of_a_superseded_edition(page: Page) -> None:
    rules_to_review(page)
    page.goto("/editions/1/review/")


def result_with_an_overdue_rule(page: Page) -> None:
    rules_to_review(page)
    page.goto(address_of(ScreeningFactory(all_flagged=True)))


def edition_comparison(page: Page) -> None:
    EditionFactory(definition=rules_with_two_more(why=f"Another reason. {LONG_WORD}"), change_note=LONG_WORD)
    page.goto("/editions/2/compare/1/")


def history(page: Page) -> None:
    approver = UserFactory(role=Role.APPROVER)
    draft = proposed(basis=LONG_WORD)
    draft_actions.publish(draft, change_note=draft.change_note, **acting(approver, Role.APPROVER))
    page.goto("/editions/2/history/")


REVIEW, NAMES = "screening:edition_review", "screening:local_name_list"
STATES = {
    "editions": State("screening:edition_list", editions),
    "edition": State("screening:edition_detail", at("/editions/1/")),
    "two editions compared": State("screening:edition_compare", edition_comparison, Role.EDITOR),
    "history of an edition": State("screening:edition_history", history, Role.EDITOR),
    "blank form on an unsupported paper size": State(
        "screening:blank_form", at("/editions/current/blank-form/?paper=a5")
    ),
    "reviewing": State(REVIEW, rules_to_review),
    "reviewing without input": State(REVIEW, review_without_input),
    "reviewing a superseded edition": State(REVIEW, review_of_a_superseded_edition),
    "result, a rule overdue": State("screening:screening_result", result_with_an_overdue_rule),
    "local names": State(NAMES, local_names, Role.EDITOR),
    "local names, refused": State("screening:local_name_add", local_name_refused, Role.EDITOR),
    "local names, read": State(NAMES, at("/editions/local-names/")),
}
