"""Two editors of a case or of the general texts: different changes are merged, changes to the same field conflict."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Case, RuleSet, User
from tests.drafts import acting, address
from tests.edit_pages import ADD_CASE, changed, form_data_of, page_of, save
from tests.factories import UserFactory
from tests.integration.drafts.test_merged_edits import ALERT, MERGED
from tests.integration.drafts.test_rule_form import message_after, rule
from tests.pages import links, messages, words

pytestmark = pytest.mark.django_db


# A case -------------------------------------------------------------------------------------------------------


@pytest.fixture
def case(draft: RuleSet) -> Case:
    """The first case of the draft."""
    return draft.cases.all()[0]


def test_changes_to_different_fields_of_a_case_are_merged(editor: Client, second: Client, case: Case) -> None:
    opened = form_data_of(editor.get(page_of(case)))
    save(second, page_of(case), answer__pregnancy="unknown", flagged=["pregnancy"])
    response = editor.post(page_of(case), changed(opened, words="My text.", answer__breastfeeding="unknown"))
    message = message_after(editor, response)
    assert f"{MERGED}Other Person changed “Expected flags” and “Pregnancy”." in message
    case.refresh_from_db()
    assert (case.words, case.flagged) == ("My text.", ["pregnancy"])
    assert (case.answers["pregnancy"], case.answers["breastfeeding"]) == ("unknown", "unknown")


def test_an_answer_of_a_case_that_both_changed_is_a_conflict(editor: Client, second: Client, case: Case) -> None:
    opened = form_data_of(editor.get(page_of(case)))
    save(second, page_of(case), answer__pregnancy="unknown", flagged=["breastfeeding"], words="Their text.")
    mine = changed(opened, answer__pregnancy="yes", flagged=["pregnancy"])
    response = editor.post(page_of(case), mine)
    assert response.status_code == 409
    assert "Not known" in words(response, "//*[@id='div_id_answer-pregnancy']//*[@class='theirs']")
    assert "Breastfeeding" in words(response, "//*[@id='div_id_flagged']//*[@class='theirs']")
    shown = form_data_of(response)
    assert (shown["answer-pregnancy"], shown["flagged"], shown["words"]) == (["yes"], ["pregnancy"], ["Their text."])
    assert editor.post(page_of(case), shown).status_code == 302
    case.refresh_from_db()
    assert (case.answers["pregnancy"], case.flagged, case.words) == ("yes", ["pregnancy"], "Their text.")


def test_a_changed_answer_to_a_retired_rule_is_shown_for_copying(
    editor: Client, person: User, draft: RuleSet
) -> None:
    case = draft.cases.all()[0]
    Case.objects.filter(pk=case.pk).update(answers={"pregnancy": "yes", "breastfeeding": "no"})
    opened = form_data_of(editor.get(page_of(case)))
    actions.retire_rule(rule("pregnancy"), **acting(person))
    unchanged_answer = changed(opened, words="My text.")
    assert editor.post(page_of(case), unchanged_answer).status_code == 302
    response = editor.post(page_of(case), changed(opened, words="Another text.", answer__pregnancy="unknown"))
    assert response.status_code == 409
    assert "Another text." in words(response)
    assert not Case.objects.filter(words="Another text.").exists()


@pytest.mark.parametrize("is_new", [False, True])
def test_an_answer_to_a_rule_that_is_no_longer_asked_is_refused_with_a_message(
    editor: Client, person: User, case: Case, is_new: bool
) -> None:
    Case.objects.filter(pk=case.pk).update(answers={"breastfeeding": "yes"}, flagged=["breastfeeding"])
    address = ADD_CASE if is_new else page_of(case)
    opened = changed(form_data_of(editor.get(address)), words="My text.", otherwise="no", answer__pregnancy="yes")
    actions.retire_rule(rule("pregnancy"), **acting(person))
    response = editor.post(address, {**opened, "outcome": "contraindication_flagged"})
    assert response.status_code == 422
    assert "Your answer to it, “Yes”, cannot be saved" in " ".join(messages(response))
    assert form_data_of(response)["words"] == ["My text."]
    assert editor.post(address, form_data_of(response)).status_code == 302


# The general texts of the draft -------------------------------------------------------------------------------


@pytest.fixture
def texts(editor: Client, draft: RuleSet) -> dict[str, str]:
    """The general texts of the draft as the first editor opened them."""
    form = editor.get(address("texts/")).context["form"]
    return {name: str(form[name].value()) for name in form.fields}


def save_texts_of_another_editor(draft: RuleSet, **texts: Any) -> None:
    """Save general texts as another editor."""
    other = UserFactory(role=Role.EDITOR, first_name="Other", last_name="Person")
    draft.refresh_from_db()
    actions.change_texts(draft, texts, revision=draft.revision, **acting(other))


def test_changes_to_different_texts_are_merged(editor: Client, draft: RuleSet, texts: dict[str, str]) -> None:
    save_texts_of_another_editor(draft, basis="Their basis.", not_covered=["Theirs"])
    response = editor.post(address("texts/"), {**texts, "dose_note": "My note.", "counselling": "Mine"})
    message = message_after(editor, response)
    assert "The texts were saved." in message
    assert f"{MERGED}Other Person changed “Basis of the rules” and “What this screen does not cover”." in message
    draft.refresh_from_db()
    assert (draft.basis, draft.not_covered) == ("Their basis.", ["Theirs"])
    assert (draft.dose_note, draft.counselling) == ("My note.", ["Mine"])


def test_a_text_that_both_changed_is_a_conflict(editor: Client, draft: RuleSet, texts: dict[str, str]) -> None:
    save_texts_of_another_editor(
        draft, basis="Their basis.", counselling=["Their line", "Their other line"], title="Their title"
    )
    mine = {**texts, "basis": "My basis.", "counselling": "My line"}
    response = editor.post(address("texts/"), mine)
    assert response.status_code == 409
    assert "Their other line" in words(response, "//*[@id='div_id_counselling']//*[@class='theirs']")
    form = response.context["form"]
    assert (form["basis"].value(), form["title"].value()) == ("My basis.", "Their title")
    shown = {name: form[name].value() for name in form.fields}
    assert editor.post(address("texts/"), shown).status_code == 302
    draft.refresh_from_db()
    assert (draft.basis, draft.title, draft.counselling) == ("My basis.", "Their title", ["My line"])


def test_merged_texts_that_are_invalid_together_are_not_saved(
    editor: Client, draft: RuleSet, texts: dict[str, str]
) -> None:
    save_texts_of_another_editor(draft, dose_high_mg="3")
    response = editor.post(address("texts/"), {**texts, "dose_low_mg": "4"})
    assert response.status_code == 409
    assert "This is below the low end of the range." in " ".join(messages(response))
    assert "Other Person changed “High end of the dose range”" in words(response)
    draft.refresh_from_db()
    assert str(draft.dose_low_mg) != "4"


def test_submitting_texts_twice_saves_them_once(editor: Client, draft: RuleSet, texts: dict[str, str]) -> None:
    mine = {**texts, "basis": "My basis."}
    assert [editor.post(address("texts/"), mine).status_code for _ in range(2)] == [302, 302]
    assert draft.changes.filter(what="texts_changed").count() == 1


def test_texts_submitted_to_a_discarded_draft_are_shown(
    editor: Client, person: User, draft: RuleSet, texts: dict[str, str]
) -> None:
    actions.discard_draft(draft, **acting(person))
    response = editor.post(address("texts/"), {**texts, "basis": "My basis."})
    assert response.status_code == 409
    assert "the draft has since been proposed, published or discarded" in words(response, ALERT)
    assert response.context["form"]["basis"].value() == "My basis."
    for each in links(response, "//main"):
        assert editor.get(each).status_code in {200, 302}
