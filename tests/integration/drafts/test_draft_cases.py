"""The cases of a draft: the list, the page of a case, merged changes, removal, and permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Case, Change, DraftChange, Rule, RuleSet, User
from tests.drafts import acting
from tests.edit_pages import ADD_CASE, changed, form_data_of, page_of, save
from tests.factories import UserFactory
from tests.pages import beside, links, messages, words

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

NEW_CASE = {
    "words": "Pregnant and taking tramadol.",
    "answer__pregnancy": "yes",
    "answer__opioid__use": "yes",
    "otherwise": "no",
    "outcome": "contraindication_flagged",
    "flagged": ["opioid-use", "pregnancy"],
}

ClientOf = Callable[[User], Client]


def case(number: int) -> Case:
    """A case of the draft, counted from 1."""
    return Case.objects.filter(rule_set__is_open=True)[number - 1]


CASES = "/draft/cases/"


def history() -> list[DraftChange]:
    """The changes of cases in the draft's history."""
    changes = [each for each in Change if each.startswith("case_")]
    return list(DraftChange.objects.filter(what__in=changes).order_by("pk"))


def message_after(client: Client, response: Any) -> str:
    """The message on the page that a redirect leads to."""
    assert response.status_code == 302, messages(response)
    return words(client.get(response.headers["Location"]), "//p[contains(@class,'message')]")


def remove(client: Client, row: Case, revision: int | None = None) -> Any:
    """Submit the form that removes a case."""
    data = {"row": row.pk, "seen": row.revision if revision is None else revision}
    return client.post("/draft/cases/1/remove/", data)


# The list -----------------------------------------------------------------------------------------------------


def test_every_case_shows_its_answers_its_expected_result_and_its_result(editor: Client, draft: RuleSet) -> None:
    page = editor.get(CASES)
    assert words(page, "//h2") == f"{draft.cases.count()} as expected"
    assert words(page, "//li[@data-case='3']") == (
        "3. A buprenorphine injection four months ago; liver tests not known. As expected "
        "Answers Opioid use: yes; severe liver disease: not known; every other question: no "
        "Expects Contraindication flagged: opioid use Gives Contraindication flagged: opioid use"
    )


def test_cases_that_are_not_as_expected_come_first(editor: Client, draft: RuleSet) -> None:
    Rule.objects.filter(rule_set=draft, link_id="pregnancy").update(severity="caution")
    page = editor.get(CASES)
    first, second = html.fromstring(page.content.decode()).xpath("//h2")
    assert first.text_content().strip().endswith("not as expected")
    assert second.text_content().strip().endswith("as expected")
    assert "Gives Caution flagged: pregnancy" in words(page, "(//ul[@class='cases'])[1]")
    assert "Not as expected" in words(page, "(//ul[@class='cases'])[1]")


def test_cases_are_not_run_if_the_rules_are_invalid(editor: Client, draft: RuleSet) -> None:
    Rule.objects.filter(rule_set=draft, link_id="pregnancy").update(severity="deadly")
    page = editor.get(CASES)
    assert "The cases are not run: first fix the problems listed on the draft’s page." in words(page)
    assert words(page, "//h2") == f"{draft.cases.count()} not run"


def test_a_missing_case_links_to_a_form_with_initial_data(editor: Client, draft: RuleSet) -> None:
    for each in draft.cases.all():
        if each.answers.get("pregnancy", each.otherwise) == "yes":
            each.delete()
    page = editor.get(CASES)
    assert "Pregnancy: a case in which the answer is yes" in words(page, "//h2[@id='missing']/following-sibling::ul")
    (add,) = {each for each in links(page) if "rule=pregnancy" in each}
    data = form_data_of(editor.get(add))
    assert (data["answer-pregnancy"], data["otherwise"], data["outcome"]) == (["yes"], ["no"], [""])


@pytest.mark.parametrize("query", ["rule=nothing&answer=yes", "rule=pregnancy&answer=perhaps", "rule=words&answer=x"])
def test_an_invalid_query_gives_no_initial_data(editor: Client, draft: RuleSet, query: str) -> None:
    data = form_data_of(editor.get(f"{ADD_CASE}?{query}"))
    assert (data["answer-pregnancy"], data["words"]) == ([""], [""])


def test_the_list_has_no_verdict_words(editor: Client, draft: RuleSet) -> None:
    text = words(editor.get(CASES)).lower()
    assert not {"passed", "failed", "pass", "fail", "safe"} & set(text.split())


# Saving -------------------------------------------------------------------------------------------------------


def test_saving_an_unchanged_case_changes_nothing(editor: Client, draft: RuleSet) -> None:
    for before in draft.cases.all():
        assert save(editor, page_of(before)).status_code == 302
        assert Case.objects.get(pk=before.pk).plain() == before.plain()
    assert history() == []


def test_a_new_case_is_added_at_the_end_and_shows_its_result(editor: Client, draft: RuleSet) -> None:
    count = draft.cases.count()
    response = save(editor, ADD_CASE, **NEW_CASE)
    added = Case.objects.get(rule_set=draft, words=NEW_CASE["words"])
    assert response.headers["Location"] == page_of(added)
    assert message_after(editor, response) == "The case was saved. It is as expected."
    assert "Gives Contraindication flagged: opioid use and pregnancy" in words(editor.get(page_of(added)))
    assert (added.answers, added.flagged, added.position) == (
        {"opioid-use": "yes", "pregnancy": "yes"},
        ["opioid-use", "pregnancy"],
        count,
    )
    (change,) = history()
    assert (change.what, change.before, change.after) == (Change.CASE_ADDED, None, added.plain())


def test_saving_a_case_reports_a_result_that_is_not_as_expected(editor: Client, draft: RuleSet) -> None:
    message = message_after(editor, save(editor, page_of(case(1)), outcome="cannot_conclude"))
    assert message == (
        "The case was saved. It is not as expected: it expects “Cannot conclude”, found “None identified”."
    )
    (change,) = history()
    assert (change.what, change.revision) == (Change.CASE_CHANGED, 1)


def test_a_removed_answer_is_the_same_as_every_other(editor: Client, draft: RuleSet) -> None:
    save(editor, page_of(case(2)), answer__opioid__use="")
    assert case(2).answers == {}


def test_not_applicable_is_a_choice_if_the_rule_allows_it(editor: Client, draft: RuleSet) -> None:
    page = html.fromstring(editor.get(ADD_CASE).content.decode())

    def choices(link_id: str) -> list[str]:
        return [str(each) for each in page.xpath(f"//select[@name='answer-{link_id}']/option/@value")]

    assert choices("pregnancy") == ["", "yes", "no", "unknown", "not_applicable"]
    assert choices("opioid-use") == ["", "yes", "no", "unknown"]


def test_a_rule_that_is_not_asked_has_no_answer_field(editor: Client, draft: RuleSet) -> None:
    assert "naltrexone-product" not in editor.get(ADD_CASE).content.decode()


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no words": ({"words": " "}, "words", "Describe the case in a sentence."),
    "words too long": ({"words": "x" * 4001}, "words", "Use at most 4000 characters; this has 4001."),
    "an invisible character": ({"words": "a\u202eb"}, "words", "cannot be shown or printed"),
    "no outcome": ({"outcome": ""}, "outcome", "Choose the outcome"),
    "an unknown outcome": ({"outcome": "safe"}, "outcome", "Choose the outcome"),
    "no answer for the other questions": (
        {"otherwise": ""},
        "otherwise",
        "Choose the answer to every other question.",
    ),
    "an unknown answer": ({"answer__pregnancy": "perhaps"}, "answer-pregnancy", "Choose from the list."),
    "an answer not allowed": (
        {"answer__opioid__use": "not_applicable"},
        "answer-opioid-use",
        "Choose from the list.",
    ),
    "an unknown flag": ({"flagged": ["nothing"]}, "", "This rule is not in the draft."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_error_is_shown_beside_its_field_and_nothing_is_saved(editor: Client, draft: RuleSet, name: str) -> None:
    changes, field, expected = REFUSED[name]
    response = save(editor, ADD_CASE, **NEW_CASE | changes)
    assert response.status_code == 422
    assert any(expected in message for message in messages(response)), messages(response)
    assert not field or any(expected in message for message in beside(response, field))
    assert history() == []


def test_answers_and_flags_of_unknown_rules_are_named_before_saving_removes_them(
    editor: Client, draft: RuleSet
) -> None:
    Case.objects.filter(pk=case(1).pk).update(answers={"gone": "yes"}, flagged=["gone"])
    assert "does not ask: gone." in words(editor.get(page_of(case(1))))
    save(editor, page_of(case(1)))
    assert (case(1).answers, case(1).flagged) == ({}, [])


def test_markup_is_shown_as_text(editor: Client, draft: RuleSet) -> None:
    save(editor, page_of(case(1)), words="<script>alert(1)</script>")
    page = editor.get(CASES)
    assert "<script>alert(1)</script>" in words(page)
    assert b"<script>alert" not in page.content


# Two editors --------------------------------------------------------------------------------------------------


def test_a_conflict_is_shown_with_both_versions_and_keeps_the_submitted_data(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    mine = form_data_of(editor.get(page_of(case(1))))
    save(second, page_of(case(1)), words="Their text.", answer__pregnancy="yes")
    response = editor.post(page_of(case(1)), changed(mine, words="My text."))
    assert response.status_code == 409
    alert = words(response, "//*[@role='alert']")
    assert "The case in words, changed by Other Person" in alert
    assert "Other Person changed “Pregnancy”" in alert
    assert "Their text." in words(response, "//*[@id='div_id_words']")
    assert case(1).words == "Their text."
    assert editor.post(page_of(case(1)), form_data_of(response)).status_code == 302
    assert (case(1).words, case(1).answers["pregnancy"]) == ("My text.", "yes")


def test_submitting_a_change_twice_saves_it_once(editor: Client, draft: RuleSet) -> None:
    data = changed(form_data_of(editor.get(page_of(case(1)))), words="My text.")
    assert [editor.post(page_of(case(1)), data).status_code for _ in range(2)] == [302, 302]
    assert len(history()) == 1


def test_submitting_a_new_case_twice_adds_it_once(editor: Client, draft: RuleSet) -> None:
    data = changed(form_data_of(editor.get(ADD_CASE)), **NEW_CASE)
    first, again = editor.post(ADD_CASE, data), editor.post(ADD_CASE, data)
    assert first.headers["Location"] == again.headers["Location"]
    assert len(history()) == 1


def test_the_submitted_text_is_shown_if_the_case_was_removed(editor: Client, person: User, draft: RuleSet) -> None:
    address = page_of(case(1))
    data = changed(form_data_of(editor.get(address)), words="My text.")
    actions.remove_case(case(1), **acting(person))
    response = editor.post(address, data)
    assert response.status_code == 409
    assert "The case was removed by Sample Editor." in words(response, "//*[@role='alert']")
    assert "My text." in words(response)


# Removing -----------------------------------------------------------------------------------------------------


def test_a_removed_case_stays_in_the_history(editor: Client, draft: RuleSet) -> None:
    row = case(1)
    response = remove(editor, row)
    assert response.headers["Location"] == CASES
    assert message_after(editor, response) == "The case was removed."
    (change,) = history()
    assert (change.what, change.before) == (Change.CASE_REMOVED, row.plain())


def test_the_page_of_a_case_has_the_form_that_removes_it(editor: Client, draft: RuleSet) -> None:
    page = html.fromstring(editor.get(page_of(case(1))).content.decode())
    (form,) = page.xpath("//form[@action='/draft/cases/1/remove/']")
    assert (form.fields["row"], form.fields["seen"]) == (str(case(1).pk), "0")


def test_removing_a_case_twice_removes_it_once(editor: Client, draft: RuleSet) -> None:
    row = case(1)
    assert [remove(editor, row).status_code for _ in range(2)] == [302, 302]
    assert len(history()) == 1


def test_a_case_that_someone_else_changed_is_not_removed(editor: Client, second: Client, draft: RuleSet) -> None:
    save(second, page_of(case(1)), words="Their text.")
    response = remove(editor, case(1), revision=0)
    assert response.headers["Location"] == page_of(case(1))
    assert "Nothing was removed" in message_after(editor, response)
    assert case(1).words == "Their text."


def test_no_case_of_a_proposed_draft_is_removed(editor: Client, person: User, draft: RuleSet) -> None:
    actions.propose(draft, change_note="Nothing", **acting(person))
    row = case(1)
    assert "Nothing was changed" in message_after(editor, remove(editor, row))
    assert case(1) == row


def test_an_unknown_case_is_not_found(editor: Client, draft: RuleSet) -> None:
    for number in ("0", "999", "9" * 20):
        assert editor.get(f"{CASES}{number}/").status_code == 404
        assert editor.post(f"{CASES}{number}/", {"words": "Case"}).status_code == 404
        assert editor.post(f"{CASES}{number}/remove/").status_code == 404
    assert editor.get(f"{CASES}1/remove/").status_code == 405


# Permissions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [each for each in Role if each not in (Role.EDITOR, Role.APPROVER)])
def test_other_roles_have_no_access(client_of: ClientOf, draft: RuleSet, role: Role) -> None:
    client = client_of(UserFactory(role=role))
    for address in (page_of(case(1)), ADD_CASE, CASES):
        assert client.get(address).status_code == 403
    assert remove(client, case(1)).status_code == 403


def test_an_approver_sees_cases_read_only(client_of: ClientOf, draft: RuleSet) -> None:
    approver = client_of(UserFactory(role=Role.APPROVER))
    assert "Add a case" not in words(approver.get(CASES))
    page = approver.get(page_of(case(2)))
    assert "opioid use: Yes Every other question: No" in words(page)
    assert not html.fromstring(page.content.decode()).xpath("//main//input|//main//textarea|//main//select")
    assert {approver.post(page_of(case(2))).status_code, remove(approver, case(2)).status_code} == {403}


# A large draft ------------------------------------------------------------------------------------------------


def test_a_draft_with_two_hundred_rules_and_five_hundred_cases_is_shown(editor: Client, draft: RuleSet) -> None:
    plain = {name: getattr(Rule.objects.get(rule_set=draft, link_id="pregnancy"), name) for name in Rule.FIELDS}
    Rule.objects.bulk_create(
        Rule(rule_set=draft, position=number + 10, **plain | {"link_id": f"rule-{number}", "name": f"rule {number}"})
        for number in range(200)
    )
    sample = {name: getattr(case(2), name) for name in Case.FIELDS}
    Case.objects.bulk_create(
        Case(rule_set=draft, position=number + 100, **sample | {"words": f"Case {number}."}) for number in range(500)
    )
    page = editor.get(CASES)
    assert "The cases are not run: the draft has too many rules or cases." in words(page)
    assert words(page, "//h2[@id='not-run']") == "519 not run"
    assert "The case was saved. The cases are not run" in message_after(
        editor, save(editor, page_of(case(1)), words="Other.")
    )
    assert len(form_data_of(editor.get(page_of(case(1))))) < 1000
    rule = Rule.objects.get(rule_set=draft, link_id="rule-1")
    assert "to fix" in message_after(editor, save(editor, page_of(rule), why="Another reason."))


# On the page of a rule ----------------------------------------------------------------------------------------


def test_the_page_of_a_rule_lists_its_cases_with_their_results(editor: Client, draft: RuleSet) -> None:
    Rule.objects.filter(rule_set=draft, link_id="pregnancy").update(severity="caution")
    page = editor.get("/draft/rules/pregnancy/")
    named = [each for each in draft.cases.all() if "pregnancy" in {*each.answers, *each.flagged}]
    assert [page_of(each) for each in named] == links(page, "//*[@id='cases']//li")
    assert "not as expected" in words(page, "//*[@id='cases']//summary")
    assert "expects “Contraindication flagged”, found “Caution flagged”" in words(page, "//*[@id='cases']")


def test_the_page_of_a_rule_leads_to_its_missing_cases(editor: Client, draft: RuleSet) -> None:
    for each in draft.cases.all():
        if each.answers.get("pregnancy", each.otherwise) == "yes":
            each.delete()
    assert f"{ADD_CASE}?rule=pregnancy&answer=yes" in links(editor.get("/draft/rules/pregnancy/"))
    assert f"{ADD_CASE}?rule=pregnancy&answer=yes" not in links(editor.get("/draft/rules/breastfeeding/"))
