"""An editor changes the rules, an approver publishes them, and clinicians are asked the new question."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from screening.accounts.permissions import Role
from screening.models import Edition, Screening, User
from tests.browser.conftest import OpenContext
from tests.browser.steps import choice, fields, open_filled, record, rule
from tests.factories import ScreeningFactory, UserFactory
from tests.pages import OPIOID_FORM

pytestmark = pytest.mark.browser

HYPERSENSITIVITY = "hypersensitivity"
ALL_NO = "Every question is answered no."
RECORD_WORDS = "[data-words]"


def follow(page: Page, name: str, role: str = "link", **options: bool) -> None:
    """Click a link or a button by its text and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role(role, name=name, **options).first.click()  # type: ignore[arg-type]


def start_draft_with_hypersensitivity(page: Page) -> None:
    page.goto("/editions/")
    follow(page, "Start a draft")
    follow(page, "Start a draft", "button")
    follow(page, "Add from the rule library")
    with page.expect_navigation():
        page.get_by_role("article", name="Hypersensitivity").get_by_role("button", name="Add to the draft").click()
    expect(page.get_by_role("heading", name="Ready to be proposed")).to_be_visible()


def set_expected_outcome_of_first_case(page: Page, outcome: str) -> None:
    follow(page, "View cases")
    follow(page, ALL_NO)
    fields(page, "outcome").select_option(label=outcome)
    follow(page, "Save", "button", exact=True)


def see_why_it_cannot_be_proposed(page: Page) -> None:
    follow(page, "Back to the draft")
    expect(page.get_by_role("heading", name="Not ready to be proposed")).to_be_visible()
    problems = page.get_by_role("alert")
    expect(problems).to_contain_text(ALL_NO)
    expect(problems).to_contain_text("Cannot conclude")


def propose(page: Page) -> str:
    follow(page, "Back to the draft")
    follow(page, "Propose the draft")
    page.get_by_label("What changed, and why?").fill("Hypersensitivity is asked, as the US label lists it.")
    follow(page, "Propose the draft", "button")
    expect(page.get_by_role("heading", name="Waiting for approval")).to_be_visible()
    return page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_rule_is_added_by_an_editor_published_by_an_approver_and_asked_of_clinicians(
    open_context: OpenContext, clinician: User, edition: Edition, scripts: bool
) -> None:
    old = ScreeningFactory(taking_opioid=True, by=clinician)
    clinician_page = open_context(clinician, java_script_enabled=scripts).new_page()
    clinician_page.goto(f"/screenings/{old.uuid}/")
    words_before = clinician_page.locator(RECORD_WORDS).all_text_contents()
    open_filled(clinician_page, OPIOID_FORM)

    editor = open_context(UserFactory(role=Role.EDITOR), java_script_enabled=scripts).new_page()
    start_draft_with_hypersensitivity(editor)
    set_expected_outcome_of_first_case(editor, "Cannot conclude")
    see_why_it_cannot_be_proposed(editor)
    set_expected_outcome_of_first_case(editor, "None identified")
    draft = propose(editor)
    refused = editor.goto(f"{draft}publish/")
    assert refused is not None
    assert refused.status == 403

    approver = open_context(UserFactory(role=Role.APPROVER), java_script_enabled=scripts).new_page()
    approver.goto("/draft/")
    follow(approver, "Review and decide")
    expect(approver.get_by_text("Added, as question 5")).to_be_visible()
    follow(approver, "Publish edition 2", "button")
    expect(approver.get_by_role("heading", name="Rule edition 2")).to_be_visible()

    record(clinician_page)
    changed = clinician_page.get_by_role("alert")
    expect(changed.get_by_role("listitem")).to_have_count(1)
    expect(changed).to_contain_text("hypersensitivity reaction")
    expect(fields(clinician_page, "opioid-use.agent")).to_have_value(OPIOID_FORM["opioid-use.agent"])
    choice(clinician_page, HYPERSENSITIVITY, "no").press("Space")
    record(clinician_page)
    expect(rule(clinician_page, HYPERSENSITIVITY)).to_have_attribute("data-finding", "not_flagged")
    assert Screening.objects.latest("pk").edition.number == 2

    clinician_page.goto(f"/screenings/{old.uuid}/")
    assert clinician_page.locator(RECORD_WORDS).all_text_contents() == words_before
