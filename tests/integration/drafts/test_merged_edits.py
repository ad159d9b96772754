"""Two editors have one page of the draft open: what each changed is merged, what both changed is asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Case, DraftChange, Rule, RuleSet, User
from tests.drafts import acting, address
from tests.edit_pages import ADD_CASE, FormData, changed, form_data_of, page_of, save
from tests.factories import UserFactory
from tests.integration.drafts.test_rule_form import detail_of, page, rule, said
from tests.pages import links, messages, words

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
ALERT = "//*[@role='alert']"


@pytest.fixture
def third(client_of: ClientOf) -> Client:
    """A test client on which a third editor is signed in."""
    return client_of(UserFactory(role=Role.EDITOR, first_name="Third", last_name="Editor"))


@pytest.fixture
def opened(editor: Client, draft: RuleSet) -> FormData:
    """The page of a rule as the first editor opened it."""
    return form_data_of(editor.get(page("pregnancy")))


def send(client: Client, sent: FormData, **changes: Any) -> Any:
    """Save what was opened before, with changes."""
    return client.post(page("pregnancy"), changed(sent, **changes))


def names_of_details() -> list[str]:
    """The link ids of the details of the rule in their order."""
    return [each.link_id for each in rule("pregnancy").follow_ups.all()]


def new_detail(number: int, link_id: str = "week", **more: str) -> dict[str, str]:
    """What is typed for a detail that is new."""
    own = {"label": "Which week?", "name": "Week", "link_id": link_id, "kind": "text", **more}
    return {f"follow_ups__{number}__{name}": words for name, words in own.items()}


# Different fields ---------------------------------------------------------------------------------------------


def test_changes_of_different_fields_are_merged_and_saved(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="Their reason.", next_review="1 Nov 2029")
    response = send(editor, opened, finding="My finding")
    told = said(editor, response)
    assert "Rule “Pregnancy” saved." in told
    assert "Other Person changed “Why it matters” and “Next review” meanwhile" in told
    stored = rule("pregnancy")
    assert (stored.why, stored.next_review.year, stored.finding) == ("Their reason.", 2029, "My finding")
    assert stored.revision == 2


def test_the_history_says_who_changed_which_field(editor: Client, second: Client, person: User, opened: FormData) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    send(editor, opened, finding="My finding")
    theirs, mine = list[Any](DraftChange.objects.filter(what="rule_changed").order_by("pk"))
    assert (theirs.by_name, mine.by) == ("Other Person", person)
    assert mine.before["why"] == mine.after["why"] == "Their reason."
    assert mine.before["finding"] != mine.after["finding"] == "My finding"


def test_who_changed_nothing_undoes_nothing(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="Their reason.", sources__0__title="Their source")
    assert send(editor, opened).status_code == 302
    assert (rule("pregnancy").why, rule("pregnancy").sources[0]["title"]) == ("Their reason.", "Their source")
    assert DraftChange.objects.filter(what="rule_changed").count() == 1


def test_the_same_change_by_both_is_no_conflict(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="The same reason.")
    told = said(editor, send(editor, opened, why=" The same   reason. "))
    assert "meanwhile" not in told
    assert rule("pregnancy").why == "The same reason."


def test_what_was_changed_and_changed_back_is_no_conflict(editor: Client, second: Client, opened: FormData) -> None:
    before = rule("pregnancy").why
    save(second, page("pregnancy"), why="Their reason.")
    save(second, page("pregnancy"), why=before)
    assert "meanwhile" not in said(editor, send(editor, opened, why="My reason."))
    assert rule("pregnancy").why == "My reason."


def test_words_that_a_third_editor_changed_in_between_are_kept_too(
    editor: Client, second: Client, third: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    save(third, page("pregnancy"), next_step="Ask the third.")
    told = said(editor, send(editor, opened, finding="My finding"))
    assert "Third Editor changed “Next step”; Other Person changed “Why it matters” meanwhile" in told
    stored = rule("pregnancy")
    assert (stored.why, stored.next_step, stored.finding) == ("Their reason.", "Ask the third.", "My finding")


def test_lists_that_only_one_changed_are_taken_over(editor: Client, second: Client, opened: FormData) -> None:
    number = len(rule("pregnancy").sources)
    added = {f"sources__{number}__kind": "opinion", f"sources__{number}__title": "Their source"}
    save(second, page("pregnancy"), **added)
    told = said(editor, send(editor, opened, not_applicable_reasons__0__label="My reason"))
    assert "Other Person changed “Sources” meanwhile" in told
    assert rule("pregnancy").sources[-1]["title"] == "Their source"
    assert rule("pregnancy").not_applicable_reasons[0]["label"] == "My reason"


def test_ones_own_change_on_another_page_is_merged_too(editor: Client, opened: FormData) -> None:
    save(editor, page("pregnancy"), why="My reason.")
    assert "changed “Why it matters” meanwhile" in said(editor, send(editor, opened, finding="My finding"))
    assert (rule("pregnancy").why, rule("pregnancy").finding) == ("My reason.", "My finding")


def test_words_that_were_checked_are_checked_no_longer_when_only_the_other_changed_them(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    Rule.objects.update(checked_by="Dr Sample, 1 November 2026")
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), why="Their reason.")
    send(editor, mine, next_review="1 Nov 2029")
    assert rule("pregnancy").checked_by == ""


# One field ----------------------------------------------------------------------------------------------------


def test_a_field_that_both_changed_is_asked_about(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="Their reason.", next_step="Their step.")
    response = send(editor, opened, why="My reason.", finding="My finding")
    assert response.status_code == 409
    told = words(response, ALERT)
    assert "Why it matters, changed by Other Person" in told
    assert "Other Person changed “Next step”." in told
    assert "Finding" not in told
    again = form_data_of(response)
    assert (again["why"], again["finding"], again["next_step"]) == (["My reason."], ["My finding"], ["Their step."])
    beside = words(response, "//*[@id='div_id_why']//*[@class='theirs']")
    assert beside.startswith("Other Person changed this too, on ")
    assert beside.endswith("Their reason.")
    assert words(response, "//*[@id='div_id_finding']//*[@class='theirs']") == ""
    assert (rule("pregnancy").why, rule("pregnancy").finding) != ("My reason.", "My finding")


def test_sending_it_again_saves_what_is_in_the_boxes_and_undoes_nothing(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.", next_step="Their step.")
    response = send(editor, opened, why="My reason.", finding="My finding")
    assert editor.post(page("pregnancy"), form_data_of(response)).status_code == 302
    stored = rule("pregnancy")
    assert (stored.why, stored.next_step, stored.finding) == ("My reason.", "Their step.", "My finding")


def test_what_a_third_editor_saves_before_it_is_sent_again_is_kept(
    editor: Client, second: Client, third: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.", next_step="Their step.")
    again = form_data_of(send(editor, opened, why="My reason."))
    save(third, page("pregnancy"), finding="Third finding", next_step="Third step.")
    told = said(editor, editor.post(page("pregnancy"), again))
    assert "Third Editor changed “Finding” and “Next step” meanwhile" in told
    stored = rule("pregnancy")
    assert (stored.why, stored.next_step, stored.finding) == ("My reason.", "Third step.", "Third finding")


def test_a_third_editor_who_changes_the_field_once_more_is_asked_about_anew(
    editor: Client, second: Client, third: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    again = form_data_of(send(editor, opened, why="My reason."))
    save(third, page("pregnancy"), why="Third reason.")
    response = editor.post(page("pregnancy"), again)
    assert response.status_code == 409
    assert "Why it matters, changed by Third Editor" in words(response, ALERT)
    assert form_data_of(response)["why"] == ["My reason."]


@pytest.mark.parametrize(
    ("field", "theirs", "mine", "shown"),
    [
        ("severity", "caution", "contraindicated", "Caution"),
        ("listed", "", "naltrexone", "Nothing in a list"),
        ("next_review", "1 Nov 2029", "1 Nov 2030", "1 November 2029"),
        ("holds_days", "9", "8", "9"),
        ("help", "", "My hint.", "Left empty."),
        ("sources__0__title", "Their source", "My source", "Title: Their source"),
    ],
)
def test_whatever_kind_of_field_it_is_their_words_are_shown_beside_it(
    editor: Client, second: Client, draft: RuleSet, field: str, theirs: str, mine: str, shown: str
) -> None:
    save(second, page("pregnancy"), help="A hint.", listed="opioid")
    opened = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), **{field: theirs})
    response = send(editor, opened, **{field: mine})
    assert response.status_code == 409
    own = field.partition("__")[0]
    assert shown in words(response, f"//*[@id='div_id_{own}']//*[@class='theirs']")
    assert form_data_of(response)[field.replace("__", "-")] == [mine]
    assert editor.post(page("pregnancy"), form_data_of(response)).status_code == 302


def test_markup_in_their_words_is_shown_as_typed(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="<script>alert(1)</script>")
    response = send(editor, opened, why="My reason.")
    assert "<script>alert(1)</script>" in words(response, "//*[@class='theirs']")
    assert b"<script>alert" not in response.content


def test_a_field_that_was_cleared_by_one_and_changed_by_the_other_is_a_conflict(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    response = send(editor, opened, why="")
    assert response.status_code == 409
    assert "Why it matters: Enter" not in words(response, "//*[@id='div_id_why']//*[@class='theirs']")
    assert form_data_of(response)["why"] == [""]
    assert rule("pregnancy").why == "Their reason."


def test_something_wrong_is_told_on_a_page_that_has_their_changes(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    response = send(editor, opened, name="", finding="My finding")
    assert response.status_code == 409
    assert "Name: Enter the name." in messages(response)
    again = form_data_of(response)
    assert (again["why"], again["finding"], "name" in again) == (["Their reason."], ["My finding"], False)
    assert editor.post(page("pregnancy"), changed(again, name="a name")).status_code == 302
    assert (rule("pregnancy").why, rule("pregnancy").finding) == ("Their reason.", "My finding")


def test_a_revision_that_the_history_does_not_know_asks_about_all_that_differs(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    for seen in ("", "x", "99", "-1", "9" * 99):
        response = send(editor, opened, seen=seen, finding="My finding")
        assert response.status_code == 409
        assert "Why it matters, changed by Somebody else" in words(response, ALERT)
        assert "Finding, changed by Somebody else" in words(response, ALERT)
    assert rule("pregnancy").why == "Their reason."


# Details ------------------------------------------------------------------------------------------------------


def test_changes_of_different_details_are_merged(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), follow_ups__0__help="Their hint.")
    told = said(editor, send(editor, opened, follow_ups__1__help="My hint."))
    assert "Other Person changed “Hint” of the detail “Status” meanwhile" in told
    assert [each.help for each in rule("pregnancy").follow_ups.all()][:2] == ["Their hint.", "My hint."]


def test_changes_of_different_fields_of_one_detail_are_merged(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), follow_ups__0__choices__0__label="Their choice")
    assert send(editor, opened, follow_ups__0__help="My hint.").status_code == 302
    status = detail_of("pregnancy", "status")
    assert (status.help, status.choices[0]["label"]) == ("My hint.", "Their choice")


def test_a_field_of_a_detail_that_both_changed_is_asked_about(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), follow_ups__0__help="Their hint.", follow_ups__1__help="Their other hint.")
    response = send(editor, opened, follow_ups__0__help="My hint.")
    assert response.status_code == 409
    assert "Detail “Status”: Hint, changed by Other Person" in words(response, ALERT)
    assert "Their hint." in words(response, "//*[@id='div_id_follow_ups-0-help']//*[@class='theirs']")
    again = form_data_of(response)
    assert (again["follow_ups-0-help"], again["follow_ups-1-help"]) == (["My hint."], ["Their other hint."])
    assert editor.post(page("pregnancy"), again).status_code == 302
    assert [each.help for each in rule("pregnancy").follow_ups.all()][:2] == ["My hint.", "Their other hint."]


def test_a_detail_that_each_added_is_kept(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), **new_detail(3, "week"))
    told = said(editor, send(editor, opened, **new_detail(3, "month", name="Month")))
    assert "the detail “Week” (added)" in told
    assert names_of_details() == ["status", "test-date", "test-result", "week", "month"]


def test_a_detail_that_both_added_under_one_link_id_is_the_same(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), **new_detail(3, help="Their hint."))
    response = send(editor, opened, **new_detail(3, help="My hint."))
    assert response.status_code == 409
    assert "Detail “Week”: Hint, changed by Other Person" in words(response, ALERT)
    assert editor.post(page("pregnancy"), form_data_of(response)).status_code == 302
    assert (names_of_details().count("week"), detail_of("pregnancy", "week").help) == (1, "My hint.")


def test_a_detail_that_the_other_removed_is_gone(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), follow_ups__1__DELETE="on")
    told = said(editor, send(editor, opened, follow_ups__2__help="My hint."))
    assert "Other Person changed the detail “Date of last test” (removed) meanwhile" in told
    assert names_of_details() == ["status", "test-result"]
    assert detail_of("pregnancy", "test-result").help == "My hint."


def test_a_detail_that_the_other_removed_and_i_changed_can_be_let_go(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), follow_ups__1__DELETE="on")
    response = send(editor, opened, follow_ups__1__help="My hint.")
    assert response.status_code == 409
    assert names_of_details() == ["status", "test-result"]
    again = changed(form_data_of(response), follow_ups__2__DELETE="on")
    assert editor.post(page("pregnancy"), again).status_code == 302
    assert names_of_details() == ["status", "test-result"]


def test_a_detail_that_i_removed_and_the_other_changed_is_asked_about(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), follow_ups__1__help="Their hint.")
    response = send(editor, opened, follow_ups__1__DELETE="on")
    assert response.status_code == 409
    assert "Other Person changed this detail" in words(response, "//*[@id='follow_ups-1']")
    again = form_data_of(response)
    assert (again["follow_ups-1-help"], again["follow_ups-1-DELETE"]) == (["Their hint."], ["on"])
    assert "test-date" in names_of_details()
    kept = changed(again, follow_ups__1__DELETE=None)
    assert editor.post(page("pregnancy"), kept).status_code == 302
    assert detail_of("pregnancy", "test-date").help == "Their hint."


def test_a_detail_that_i_removed_and_nobody_changed_is_gone(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), follow_ups__0__help="Their hint.")
    assert send(editor, opened, follow_ups__1__DELETE="on").status_code == 302
    assert names_of_details() == ["status", "test-result"]
    assert detail_of("pregnancy", "status").help == "Their hint."


def test_an_order_that_one_made_and_words_that_the_other_wrote_are_merged(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), follow_ups__2__place="1")
    told = said(editor, send(editor, opened, follow_ups__0__help="My hint.", follow_ups__2__help="My other hint."))
    assert "the order of the details" in told
    assert [(each.link_id, each.help) for each in rule("pregnancy").follow_ups.all()][:2] == [
        ("test-result", "My other hint."),
        ("status", "My hint."),
    ]


def test_my_order_is_kept_where_the_other_changed_words(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), follow_ups__2__help="Their hint.")
    assert send(editor, opened, follow_ups__0__place="3").status_code == 302
    assert names_of_details() == ["test-date", "test-result", "status"]
    assert detail_of("pregnancy", "test-result").help == "Their hint."


def test_an_order_that_both_made_is_asked_about(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), follow_ups__2__place="1")
    response = send(editor, opened, follow_ups__0__place="3")
    assert response.status_code == 409
    assert "Order of the details, changed by Other Person" in words(response, ALERT)
    assert "put the details in another order too" in words(response, "//*[@id='details']")
    assert names_of_details() == ["test-result", "status", "test-date"]
    assert editor.post(page("pregnancy"), form_data_of(response)).status_code == 302
    assert names_of_details() == ["test-date", "test-result", "status"]


def test_a_link_id_that_the_other_changed_does_not_make_it_another_detail(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    save(second, page("pregnancy"), **new_detail(3))
    opened = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), follow_ups__3__link_id="weeks")
    assert send(editor, opened, follow_ups__3__help="My hint.").status_code == 302
    assert names_of_details()[3:] == ["weeks"]
    assert detail_of("pregnancy", "weeks").help == "My hint."


def test_a_rule_that_is_asked_no_longer_leaves_what_was_typed_of_its_details(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    address = page("pregnancy")
    opened = form_data_of(editor.get(address))
    gone = {f"follow_ups__{number}__DELETE": "on" for number in range(3)}
    asked = {name: words for name, words in opened.items() if not name.startswith("not_applicable_reasons-")}
    raised = changed(asked, trigger="found-in-list", listed="opioid", **gone)
    assert second.post(address, raised).status_code == 302
    assert editor.post(address, changed(opened, why="My reason.")).status_code == 302
    assert (rule("pregnancy").why, rule("pregnancy").trigger) == ("My reason.", "found-in-list")
    response = editor.post(address, changed(opened, follow_ups__0__help="My hint."))
    assert response.status_code == 409
    assert "a medication list alone raises it now" in words(response, ALERT)
    assert "My hint." in words(response)


@pytest.mark.parametrize(
    "mangled",
    [
        {"follow_ups__TOTAL_FORMS": None},
        {"follow_ups__TOTAL_FORMS": "x"},
        {"follow_ups__TOTAL_FORMS": "0"},
        {"follow_ups__TOTAL_FORMS": "9999"},
        {"follow_ups__INITIAL_FORMS": "0"},
        {"follow_ups__0__id": "999999"},
        {"follow_ups__0__id": "x"},
        {"follow_ups__0__id": "\x00"},
        {"follow_ups__0__id": ""},
        {"follow_ups__0__id": None, "follow_ups__0__kind": None},
        {"follow_ups__0__place": "9" * 99, "follow_ups__1__place": "-1", "follow_ups__2__place": "٣"},
        {"follow_ups__0__minimum": "1e999", "follow_ups__0__maximum": "NaN"},
        {"follow_ups__0__choices__9999__label": "x", "follow_ups__0__choices__0__label": None},
        {"follow_ups__0__link_id": "test-date", **new_detail(3, "status")},
        {"sources__0__kind": "none", "sources__0__place": "x", "sources__9999__title": "x"},
        {"severity": None, "trigger": "none", "next_review": "soon", "holds_days": "\x00"},
        {"why": ["One", "Two"]},
        {"name": "x" * 5000},
    ],
)
def test_whatever_is_sent_from_a_page_that_was_outrun_is_answered(
    editor: Client, second: Client, opened: FormData, mangled: dict[str, Any]
) -> None:
    theirs = {"why": "Their reason.", "follow_ups__2__help": "Their hint.", "follow_ups__1__DELETE": "on"}
    save(second, page("pregnancy"), **theirs, **new_detail(3))
    status = send(editor, opened, finding="My finding", **mangled).status_code
    assert status in {302, 409}
    same_id = {"follow_ups__1__id": opened["follow_ups-0-id"], **mangled}
    assert send(editor, opened, **same_id).status_code in {302, 409}
    if "why" not in mangled:
        assert rule("pregnancy").why == "Their reason."


# A case -------------------------------------------------------------------------------------------------------


@pytest.fixture
def case(draft: RuleSet) -> Case:
    """The first case of the draft."""
    return draft.cases.all()[0]


def test_changes_of_different_fields_of_a_case_are_merged(editor: Client, second: Client, case: Case) -> None:
    opened = form_data_of(editor.get(page_of(case)))
    save(second, page_of(case), answer__pregnancy="unknown", flagged=["pregnancy"])
    response = editor.post(page_of(case), changed(opened, words="My words.", answer__breastfeeding="unknown"))
    assert "Other Person changed “Expected flags” and “Pregnancy” meanwhile" in said(editor, response)
    case.refresh_from_db()
    assert (case.words, case.flagged) == ("My words.", ["pregnancy"])
    assert (case.answers["pregnancy"], case.answers["breastfeeding"]) == ("unknown", "unknown")


def test_an_answer_of_a_case_that_both_changed_is_asked_about(editor: Client, second: Client, case: Case) -> None:
    opened = form_data_of(editor.get(page_of(case)))
    save(second, page_of(case), answer__pregnancy="unknown", flagged=["breastfeeding"], words="Their words.")
    mine = changed(opened, answer__pregnancy="yes", flagged=["pregnancy"])
    response = editor.post(page_of(case), mine)
    assert response.status_code == 409
    assert "Not known" in words(response, "//*[@id='div_id_answer-pregnancy']//*[@class='theirs']")
    assert "Breastfeeding" in words(response, "//*[@id='div_id_flagged']//*[@class='theirs']")
    again = form_data_of(response)
    assert (again["answer-pregnancy"], again["flagged"], again["words"]) == (["yes"], ["pregnancy"], ["Their words."])
    assert editor.post(page_of(case), again).status_code == 302
    case.refresh_from_db()
    assert (case.answers["pregnancy"], case.flagged, case.words) == ("yes", ["pregnancy"], "Their words.")


def test_an_answer_to_a_rule_that_was_retired_is_left_to_be_copied(
    editor: Client, person: User, draft: RuleSet
) -> None:
    case = draft.cases.all()[0]
    Case.objects.filter(pk=case.pk).update(answers={"pregnancy": "yes", "breastfeeding": "no"})
    opened = form_data_of(editor.get(page_of(case)))
    actions.retire_rule(rule("pregnancy"), **acting(person))
    kept = changed(opened, words="My words.")
    assert editor.post(page_of(case), kept).status_code == 302
    response = editor.post(page_of(case), changed(opened, words="Other words.", answer__pregnancy="unknown"))
    assert response.status_code == 409
    assert "Other words." in words(response)
    assert not Case.objects.filter(words="Other words.").exists()


@pytest.mark.parametrize("is_new", [False, True])
def test_an_answer_to_a_rule_that_is_asked_no_more_is_not_dropped_without_a_word(
    editor: Client, person: User, case: Case, is_new: bool
) -> None:
    Case.objects.filter(pk=case.pk).update(answers={"breastfeeding": "yes"}, flagged=["breastfeeding"])
    where = ADD_CASE if is_new else page_of(case)
    opened = changed(form_data_of(editor.get(where)), words="My words.", otherwise="no", answer__pregnancy="yes")
    actions.retire_rule(rule("pregnancy"), **acting(person))
    response = editor.post(where, {**opened, "outcome": "contraindication_flagged"})
    assert response.status_code == 422
    assert "your answer to it, “Yes”, cannot be saved" in " ".join(messages(response))
    assert form_data_of(response)["words"] == ["My words."]
    assert editor.post(where, form_data_of(response)).status_code == 302


# The texts of the draft ---------------------------------------------------------------------------------------


@pytest.fixture
def texts(editor: Client, draft: RuleSet) -> dict[str, str]:
    """The general texts as the first editor opened them."""
    page = editor.get(address(draft, "texts/")).context["form"]
    return {name: str(page[name].value()) for name in page.fields}


def change(draft: RuleSet, **texts: Any) -> None:
    """Somebody else saves texts."""
    other = UserFactory(role=Role.EDITOR, first_name="Other", last_name="Person")
    draft.refresh_from_db()
    actions.change_texts(draft, texts, revision=draft.revision, **acting(other))


def test_changes_of_different_texts_are_merged(editor: Client, draft: RuleSet, texts: dict[str, str]) -> None:
    change(draft, basis="Their basis.", not_covered=["Theirs"])
    response = editor.post(address(draft, "texts/"), {**texts, "dose_note": "My note.", "counselling": "Mine"})
    told = said(editor, response)
    assert "The texts were saved." in told
    assert "Other Person changed “On what the rules rest” and “What the screen does not cover” meanwhile" in told
    draft.refresh_from_db()
    assert (draft.basis, draft.not_covered) == ("Their basis.", ["Theirs"])
    assert (draft.dose_note, draft.counselling) == ("My note.", ["Mine"])


def test_a_text_that_both_changed_is_asked_about(editor: Client, draft: RuleSet, texts: dict[str, str]) -> None:
    change(draft, basis="Their basis.", counselling=["Their line", "Their other line"], title="Their title")
    mine = {**texts, "basis": "My basis.", "counselling": "My line"}
    response = editor.post(address(draft, "texts/"), mine)
    assert response.status_code == 409
    assert "Their other line" in words(response, "//*[@id='div_id_counselling']//*[@class='theirs']")
    form = response.context["form"]
    assert (form["basis"].value(), form["title"].value()) == ("My basis.", "Their title")
    again = {name: form[name].value() for name in form.fields}
    assert editor.post(address(draft, "texts/"), again).status_code == 302
    draft.refresh_from_db()
    assert (draft.basis, draft.title, draft.counselling) == ("My basis.", "Their title", ["My line"])


def test_texts_that_are_wrong_only_together_are_not_saved(
    editor: Client, draft: RuleSet, texts: dict[str, str]
) -> None:
    change(draft, dose_high_mg="3")
    response = editor.post(address(draft, "texts/"), {**texts, "dose_low_mg": "4"})
    assert response.status_code == 409
    assert "This is below the low end of the range." in " ".join(messages(response))
    assert "Other Person changed “High end of the dose range”" in words(response)
    draft.refresh_from_db()
    assert str(draft.dose_low_mg) != "4"


def test_a_second_click_on_the_texts_is_harmless(editor: Client, draft: RuleSet, texts: dict[str, str]) -> None:
    mine = {**texts, "basis": "My basis."}
    assert [editor.post(address(draft, "texts/"), mine).status_code for _ in range(2)] == [302, 302]
    assert draft.changes.filter(what="texts_changed").count() == 1


def test_texts_for_a_draft_that_was_discarded_are_shown(
    editor: Client, person: User, draft: RuleSet, texts: dict[str, str]
) -> None:
    actions.discard_draft(draft, **acting(person))
    response = editor.post(address(draft, "texts/"), {**texts, "basis": "My basis."})
    assert response.status_code == 409
    assert "the draft was proposed, published or discarded meanwhile" in words(response, ALERT)
    assert response.context["form"]["basis"].value() == "My basis."
    for each in links(response, "//main"):
        assert editor.get(each).status_code in {200, 302}
