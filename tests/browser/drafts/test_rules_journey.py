"""An editor changes the rules without code, an approver publishes them, and clinicians are asked what is new."""

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
ALL_SAID = "[data-words]"


def follow(page: Page, name: str, role: str = "link", **options: bool) -> None:
    """Press a link or a button by its words; the next page is there when this returns."""
    with page.expect_navigation():
        page.get_by_role(role, name=name, **options).first.click()  # type: ignore[arg-type]


def starts_a_draft_with_hypersensitivity(page: Page) -> None:
    page.goto("/editions/")
    follow(page, "Start a draft")
    follow(page, "Start a draft", "button")
    follow(page, "Bring in a further rule")
    with page.expect_navigation():
        page.get_by_role("article", name="Hypersensitivity").get_by_role("button", name="Add to the draft").click()
    expect(page.get_by_role("heading", name="Ready to be proposed")).to_be_visible()


def expects_of_the_first_case(page: Page, outcome: str) -> None:
    follow(page, "See the cases")
    follow(page, ALL_NO)
    fields(page, "outcome").select_option(label=outcome)
    follow(page, "Save", "button", exact=True)


def sees_why_it_cannot_be_published(page: Page) -> None:
    follow(page, "Back to the draft")
    expect(page.get_by_role("heading", name="Not ready to be proposed")).to_be_visible()
    told = page.get_by_role("alert")
    expect(told).to_contain_text(ALL_NO)
    expect(told).to_contain_text("Cannot conclude")


def proposes(page: Page) -> str:
    follow(page, "Back to the draft")
    follow(page, "Propose it")
    page.get_by_label("What changed, and why?").fill("Hypersensitivity is asked, as the US label lists it.")
    follow(page, "Propose it", "button")
    expect(page.get_by_role("heading", name="With the approver")).to_be_visible()
    return page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_rule_goes_from_an_editor_over_an_approver_to_clinicians(
    open_context: OpenContext, clinician: User, edition: Edition, scripts: bool
) -> None:
    old = ScreeningFactory(taking_opioid=True, by=clinician)
    asked = open_context(clinician, java_script_enabled=scripts).new_page()
    asked.goto(f"/screenings/{old.uuid}/")
    words_before = asked.locator(ALL_SAID).all_text_contents()
    open_filled(asked, OPIOID_FORM)

    editor = open_context(UserFactory(role=Role.EDITOR), java_script_enabled=scripts).new_page()
    starts_a_draft_with_hypersensitivity(editor)
    expects_of_the_first_case(editor, "Cannot conclude")
    sees_why_it_cannot_be_published(editor)
    expects_of_the_first_case(editor, "None identified")
    draft = proposes(editor)
    refused = editor.goto(draft.replace("change/", "publish/"))
    assert refused is not None
    assert refused.status == 403

    approver = open_context(UserFactory(role=Role.APPROVER), java_script_enabled=scripts).new_page()
    approver.goto("/admin/")
    follow(approver, "Look at it and decide")
    expect(approver.get_by_text("Added, as question 5")).to_be_visible()
    follow(approver, "Publish edition 2", "button")
    expect(approver.get_by_role("heading", name="Rule edition 2")).to_be_visible()

    record(asked)
    changed = asked.get_by_role("alert")
    expect(changed.get_by_role("listitem")).to_have_count(1)
    expect(changed).to_contain_text("hypersensitivity reaction")
    expect(fields(asked, "opioid-use.agent")).to_have_value(OPIOID_FORM["opioid-use.agent"])
    choice(asked, HYPERSENSITIVITY, "no").press("Space")
    record(asked)
    expect(rule(asked, HYPERSENSITIVITY)).to_have_attribute("data-finding", "not_flagged")
    assert Screening.objects.latest("pk").edition.number == 2

    asked.goto(f"/screenings/{old.uuid}/")
    assert asked.locator(ALL_SAID).all_text_contents() == words_before
