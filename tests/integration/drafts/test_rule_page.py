"""The page of a rule beside its fields: two editors, a draft that changed meanwhile, the preview, and permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Rule, RuleSet, User
from tests.drafts import acting, started
from tests.edit_pages import ADD_RULE, changed, form_data_of, save
from tests.factories import UserFactory
from tests.integration.drafts.test_rule_form import NEW_RULE, history, page, rule
from tests.pages import messages, words

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
PREVIEW = "//*[@id='preview']"


# Two editors --------------------------------------------------------------------------------------------------


def test_a_conflict_is_shown_with_both_versions_and_keeps_the_submitted_data(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), why="Their reason.")
    response = editor.post(page("pregnancy"), changed(mine, why="My reason.", finding="My finding"))
    assert response.status_code == 409
    alert = words(response, "//*[@role='alert']")
    assert "This was changed while you had it open" in alert
    assert "Why, changed by Other Person" in alert
    assert "Their reason." in words(response, "//*[@id='div_id_why']")
    shown = form_data_of(response)
    assert (shown["why"], shown["finding"]) == (["My reason."], ["My finding"])
    assert rule("pregnancy").why == "Their reason."
    assert len(history()) == 1


def test_saving_again_resolves_the_conflict_with_the_submitted_version(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), why="Their reason.")
    response = editor.post(page("pregnancy"), changed(mine, why="My reason."))
    assert editor.post(page("pregnancy"), form_data_of(response)).status_code == 302
    assert rule("pregnancy").why == "My reason."
    assert [each.before["why"] for each in history()][1] == "Their reason."


def test_errors_are_shown_together_with_merged_changes(editor: Client, second: Client, draft: RuleSet) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), why="Their reason.")
    response = editor.post(page("pregnancy"), changed(mine, name=""))
    assert response.status_code == 409
    assert "Name: Enter the name." in messages(response)


def test_submitting_a_change_twice_saves_it_once(editor: Client, draft: RuleSet) -> None:
    data = changed(form_data_of(editor.get(page("pregnancy"))), why="My reason.")
    assert [editor.post(page("pregnancy"), data).status_code for _ in range(2)] == [302, 302]
    assert len(history()) == 1


def test_submitting_a_new_rule_twice_adds_it_once(editor: Client, draft: RuleSet) -> None:
    data = changed(form_data_of(editor.get(ADD_RULE)), **NEW_RULE)
    assert [editor.post(ADD_RULE, data).status_code for _ in range(2)] == [302, 302]
    assert len(history()) == 1


def test_two_editors_can_change_different_rules_at_the_same_time(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("breastfeeding"), why="Their reason.")
    assert editor.post(page("pregnancy"), changed(mine, why="My reason.")).status_code == 302


def not_saved(response: Any) -> str:
    """Check that a page shows the submitted text read-only, and return its alert."""
    assert response.status_code == 409
    assert not html.fromstring(response.content.decode()).xpath("//main//input|//main//textarea")
    assert "My text." in words(response, "//dl")
    return words(response, "//*[@role='alert']")


def save_stale_page(client: Client, change: Callable[[], object]) -> str:
    """Save the page of a rule after a change of the draft, and return the alert."""
    address = page("pregnancy")
    data = changed(form_data_of(client.get(address)), why="My text.")
    change()
    return not_saved(client.post(address, data))


def propose(person: User) -> RuleSet:
    """Propose the draft."""
    draft = RuleSet.objects.get(is_open=True)
    return actions.propose(draft, change_note="A change", **acting(person))


def test_the_submitted_text_is_shown_if_the_rule_was_retired(editor: Client, person: User, draft: RuleSet) -> None:
    alert = save_stale_page(editor, lambda: actions.retire_rule(rule("pregnancy"), **acting(person)))
    assert "The rule was retired by Sample Editor." in alert


def test_the_submitted_text_is_shown_if_the_draft_was_proposed(editor: Client, person: User, draft: RuleSet) -> None:
    assert "The draft was proposed by Sample Editor." in save_stale_page(editor, lambda: propose(person))


def test_the_submitted_text_is_shown_if_the_draft_was_published(editor: Client, person: User, draft: RuleSet) -> None:
    def publish() -> None:
        approver = UserFactory(role=Role.APPROVER)
        proposed = propose(person)
        actions.publish(proposed, change_note="A change", lexicon=None, **acting(approver, Role.APPROVER))

    assert "The draft was published as edition 2." in save_stale_page(editor, publish)


def test_the_submitted_text_is_shown_if_the_draft_was_discarded(editor: Client, person: User, draft: RuleSet) -> None:
    alert = save_stale_page(editor, lambda: actions.discard_draft(draft, **acting(person)))
    assert "The draft was discarded." in alert


def test_the_submitted_text_of_a_new_rule_is_shown_if_the_draft_was_discarded(
    editor: Client, person: User, draft: RuleSet
) -> None:
    data = changed(form_data_of(editor.get(ADD_RULE)), name="a new rule", why="My text.")
    actions.discard_draft(draft, **acting(person))
    response = editor.post(ADD_RULE, data)
    assert response.status_code == 409
    assert "My text." in words(response)


def test_a_new_rule_is_added_to_another_draft_only_by_saving_again(
    editor: Client, person: User, draft: RuleSet
) -> None:
    data = changed(form_data_of(editor.get(ADD_RULE)), **NEW_RULE)
    actions.discard_draft(draft, **acting(person))
    started(person)
    response = editor.post(ADD_RULE, data)
    assert response.status_code == 409
    assert "A different draft is open now" in words(response, "//*[@role='alert']")
    assert editor.post(ADD_RULE, form_data_of(response)).status_code == 302


# The preview of the question ----------------------------------------------------------------------------------


def test_the_question_is_shown_as_saved_with_its_details(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), question="Is a child expected?")
    response = editor.get(page("pregnancy"))
    shown = words(response, PREVIEW)
    for text in ("Is a child expected?", "Not applicable", "Which is it?", "Result of the last pregnancy test"):
        assert text in shown
    assert "Severe liver" not in shown
    refused = save(editor, page("pregnancy"), question="Typed, not saved", name="")
    assert "Is a child expected?" in words(refused, PREVIEW)


def test_the_preview_submits_nothing(editor: Client, draft: RuleSet) -> None:
    response = editor.get(page("pregnancy"))
    inside = html.fromstring(response.content.decode()).xpath(f"{PREVIEW}//input|{PREVIEW}//select")
    assert inside
    assert all(each.xpath("ancestor::fieldset[@disabled]") for each in inside)
    assert not [each for each in inside if each.get("id", "").startswith("id_")]


def test_an_invalid_draft_has_no_preview(editor: Client, draft: RuleSet) -> None:
    Rule.objects.filter(rule_set=draft, link_id="breastfeeding").update(severity="deadly")
    assert "once the problems listed on the draft’s page are fixed" in words(editor.get(page("pregnancy")), PREVIEW)


def test_a_rule_that_is_not_asked_and_a_new_rule_have_no_preview(editor: Client, draft: RuleSet) -> None:
    for address in (page("naltrexone-product"), ADD_RULE):
        assert words(editor.get(address), PREVIEW) == ""


# Permissions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [each for each in Role if each not in (Role.EDITOR, Role.APPROVER)])
def test_other_roles_have_no_access(client_of: ClientOf, draft: RuleSet, role: Role) -> None:
    client = client_of(UserFactory(role=role))
    for address in (page("pregnancy"), ADD_RULE, "/draft/rules/unknown/"):
        assert {client.get(address).status_code, client.post(address).status_code} == {403}


def test_an_approver_sees_the_rule_read_only(client_of: ClientOf, draft: RuleSet) -> None:
    approver = client_of(UserFactory(role=Role.APPROVER))
    response = approver.get(page("opioid-use"))
    assert "Only editors can change this." in words(response)
    assert "Naltrexone blocks opioid receptors." in words(response)
    assert "Short-acting" in words(response)
    assert not html.fromstring(response.content.decode()).xpath("//main//input|//main//textarea|//main//select")
    assert {approver.post(page("opioid-use")).status_code, approver.get(ADD_RULE).status_code} == {403}


def test_a_rule_of_a_proposed_draft_is_read_only(editor: Client, person: User, draft: RuleSet) -> None:
    propose(person)
    response = editor.get(page("opioid-use"))
    assert "The draft was proposed by Sample Editor." in words(response)
    assert not html.fromstring(response.content.decode()).xpath("//main//input|//main//textarea|//main//select")


def test_no_rule_can_be_added_without_a_draft(editor: Client) -> None:
    response = editor.get(ADD_RULE)
    assert response.headers["Location"] == "/draft/"
    assert editor.post(ADD_RULE).status_code == 409


@pytest.mark.parametrize("link_id", ["999", "x" * 300, "Pregnancy", "-1"])
def test_an_unknown_rule_is_not_found(editor: Client, draft: RuleSet, link_id: str) -> None:
    address = f"/draft/rules/{link_id}/"
    assert (editor.get(address).status_code, editor.post(address).status_code) == (404, 404)
