"""The pages that edit rules and cases: accessibility in every state, scripts, and two editors."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from screening.accounts.permissions import Role
from screening.models import FollowUp, Rule, User
from tests.browser.conftest import OpenContext
from tests.browser.steps import fields, fill
from tests.drafts import started
from tests.edit_pages import page_of
from tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.look]


def rule(link_id: str) -> Rule:
    """A rule of the draft."""
    return Rule.objects.get(rule_set__is_open=True, link_id=link_id)


def save(page: Page) -> None:
    """Choose Save and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()


def detail(name: str, link_id: str = "pregnancy") -> str:
    """The URL of the page of a follow-up."""
    return page_of(FollowUp.objects.get(rule=rule(link_id), link_id=name))


@pytest.fixture
def editor(db: None) -> User:
    """A user with the role of an editor."""
    return UserFactory(role=Role.EDITOR)


@pytest.fixture
def page(open_context: OpenContext, editor: User) -> Page:
    """A browser page signed in as the editor of a draft."""
    started(editor)
    return open_context(editor).new_page()


def test_the_fields_for_a_kind_of_answer_appear_with_it(page: Page) -> None:
    page.goto("/draft/rules/pregnancy/add-follow-up/")
    kind, unit = page.get_by_label("Kind of answer"), page.get_by_label("Unit")
    choices = page.get_by_role("heading", name="Choices")
    shown = {}
    for each in ("", "text", "number", "one-choice", "several-choices"):
        kind.select_option(each)
        shown[each] = (unit.is_visible(), choices.is_visible())
    assert shown == {
        "": (False, False),
        "text": (False, False),
        "number": (True, False),
        "one-choice": (False, True),
        "several-choices": (False, True),
    }


def test_a_source_is_added_without_leaving_the_page(page: Page) -> None:
    page.goto(page_of(rule("breastfeeding")))
    number = len(rule("breastfeeding").sources)
    fields(page, "why").fill("My reason.")
    page.get_by_role("button", name="Add a source").click()
    expect(fields(page, f"sources-{number}-kind")).to_be_focused()
    fields(page, f"sources-{number}-kind").select_option("opinion")
    fields(page, f"sources-{number}-title").fill("Our clinic")
    save(page)
    stored = rule("breastfeeding")
    assert (stored.sources[-1]["title"], stored.why) == ("Our clinic", "My reason.")


def test_a_row_is_moved_and_removed_in_place(page: Page) -> None:
    titles = [each["title"] for each in rule("opioid-use").sources]
    page.goto(page_of(rule("opioid-use")))
    rows = page.locator("#div_id_sources [data-row]")
    for each in (rows.nth(0), rows.nth(1)):
        each.locator("summary").click()
    rows.nth(1).get_by_role("button", name="Move up").click()
    rows.nth(1).get_by_label("Remove this source").check()
    save(page)
    assert [each["title"] for each in rule("opioid-use").sources] == [titles[1], *titles[2:]]


def test_a_rule_can_be_edited_without_scripts(open_context: OpenContext, editor: User) -> None:
    started(editor)
    page = open_context(editor, java_script_enabled=False).new_page()
    page.goto(page_of(rule("breastfeeding")))
    number = len(rule("breastfeeding").sources)
    fields(page, "why").fill("My reason.")
    with page.expect_navigation():
        page.get_by_role("button", name="Add a source").click()
    fields(page, f"sources-{number}-kind").select_option("opinion")
    fields(page, f"sources-{number}-title").fill("Our clinic")
    fields(page, f"sources-{number}-ORDER").fill("1")
    page.get_by_role("button", name="Save and back to the draft").click()
    page.get_by_role("status").wait_for()
    assert "Rule “Breastfeeding” saved." in page.get_by_role("status").inner_text()
    assert (rule("breastfeeding").sources[0]["title"], rule("breastfeeding").why) == ("Our clinic", "My reason.")


def dialogs(page: Page) -> list[str]:
    """Accept every dialog; return the list to which their types are added."""
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    return asked


def test_leaving_with_unsaved_changes_is_warned_of(page: Page) -> None:
    asked = dialogs(page)
    page.goto(page_of(rule("pregnancy")))
    page.get_by_role("link", name="Back to the draft").click()
    page.wait_for_url("**/draft/")
    assert asked == []
    page.goto(page_of(rule("pregnancy")))
    fields(page, "why").fill("My reason.")
    page.get_by_role("link", name="Back to the draft").click()
    page.wait_for_url("**/draft/")
    assert asked == ["beforeunload"]


def test_saving_warns_of_nothing(page: Page) -> None:
    asked = dialogs(page)
    page.goto(page_of(rule("pregnancy")))
    fields(page, "why").fill("My reason.")
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Rule “Pregnancy” saved.")
    assert asked == []


def test_each_problem_of_the_draft_leads_to_its_field(page: Page) -> None:
    unpublishable = rule("opioid-use")
    unpublishable.sources[1]["title"], unpublishable.finding = "Not safe李", "Not safe"
    unpublishable.save()
    unpublishable.follow_ups.filter(link_id="last-dose").delete()
    FollowUp.objects.filter(rule=rule("pregnancy"), link_id="status").update(label="Not 李")
    page.goto("/draft/")
    links = page.locator("#problems a")
    assert links.count() >= 4
    for address in [each.get_attribute("href") or "" for each in links.all()]:
        page.goto(address)
        target = page.locator(f"[id='{address.partition('#')[2]}']")
        expect(target).to_be_visible()


def test_a_detail_is_moved_on_the_page_of_its_rule(page: Page) -> None:
    page.goto(page_of(rule("pregnancy")))
    with page.expect_navigation():
        page.locator("[data-detail=test-result]").get_by_role("button", name="Move up").click()
    assert [each.link_id for each in rule("pregnancy").follow_ups.all()] == ["status", "test-result", "test-date"]


def test_the_question_is_previewed_from_the_page_of_its_rule(page: Page) -> None:
    page.goto(page_of(rule("pregnancy")))
    page.locator("#preview summary").first.press("Enter")
    preview = page.get_by_role("group", name="The question as clinicians will see it")
    expect(preview).to_contain_text("Is the patient pregnant")
    expect(preview.get_by_label("Which is it?")).to_be_visible()
    expect(preview.get_by_label("Which is it?")).to_be_disabled()
    page.get_by_role("link", name="Try it on the form").click()
    expect(page.locator("#div_id_pregnancy")).to_be_in_viewport()


def test_enter_in_a_text_field_saves(page: Page) -> None:
    page.goto(page_of(rule("pregnancy")))
    fields(page, "finding").fill("Pregnant")
    with page.expect_navigation():
        fields(page, "finding").press("Enter")
    assert rule("pregnancy").finding == "Pregnant"


def test_two_editors_of_a_rule_resolve_only_the_conflicts(open_context: OpenContext, editor: User) -> None:
    started(editor)
    other = UserFactory(role=Role.EDITOR, first_name="Other", last_name="Person")
    one, two = open_context(editor).new_page(), open_context(other).new_page()
    for each in (one, two):
        each.goto(page_of(rule("pregnancy")))
    fill(two, {"why": "Their reason.", "next_step": "Their step."})
    save(two)
    fill(one, {"why": "My reason.", "finding": "My finding"})
    save(one)
    alert = one.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert.get_by_role("link")).to_have_text(["Why, changed by Other Person"])
    expect(alert).to_contain_text("Other Person changed “Next step”.")
    alert.get_by_role("link").click()
    expect(fields(one, "why")).to_be_focused()
    expect(fields(one, "why")).to_have_value("My reason.")
    expect(fields(one, "why")).to_have_accessible_description(
        re.compile("Other Person also changed this.*Their reason")
    )
    expect(fields(one, "next_step")).to_have_value("Their step.")
    fields(one, "why").fill("Their reason, and mine.")
    save(one)
    expect(one.get_by_role("status")).to_contain_text("Rule “Pregnancy” saved.")
    stored = rule("pregnancy")
    assert (stored.why, stored.next_step, stored.finding) == ("Their reason, and mine.", "Their step.", "My finding")


def test_changes_to_different_fields_are_merged_and_saved(open_context: OpenContext, editor: User) -> None:
    started(editor)
    other = UserFactory(role=Role.EDITOR, first_name="Other", last_name="Person")
    one, two = open_context(editor).new_page(), open_context(other, java_script_enabled=False).new_page()
    for each in (one, two):
        each.goto(page_of(rule("pregnancy")))
    fill(one, {"why": "My reason."})
    save(one)
    fields(two, "finding").fill("Their finding")
    two.get_by_role("button", name="Save", exact=True).click()
    expect(two.get_by_role("status")).to_contain_text(f"{editor.display_name} changed “Why”.")
    assert (rule("pregnancy").why, rule("pregnancy").finding) == ("My reason.", "Their finding")
