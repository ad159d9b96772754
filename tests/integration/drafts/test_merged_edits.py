"""Two editors of the same page of the draft: different changes are merged, changes to the same field conflict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.models import DraftChange, FollowUp, Rule, RuleSet, User
from tests.edit_pages import ADD_RULE, FormData, changed, form_data_of, page_of, save
from tests.factories import UserFactory
from tests.integration.drafts.test_rule_form import NEW_RULE, message_after, page, rule
from tests.pages import messages, words

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
ALERT = "//*[@role='alert']"
MERGED = "Merged with changes made after you opened the page: "


@pytest.fixture
def third(client_of: ClientOf) -> Client:
    """A test client signed in as a third editor."""
    return client_of(UserFactory(role=Role.EDITOR, first_name="Third", last_name="Editor"))


@pytest.fixture
def opened(editor: Client, draft: RuleSet) -> FormData:
    """The form data of the page of a rule as the first editor opened it."""
    return form_data_of(editor.get(page("pregnancy")))


def submit(client: Client, data: FormData, **changes: Any) -> Any:
    """Submit the page of the rule with changes to its form data."""
    return client.post(page("pregnancy"), changed(data, **changes))


def follow_up(link_id: str) -> FollowUp:
    """A follow-up of the rule."""
    return FollowUp.objects.get(rule=rule("pregnancy"), link_id=link_id)


# Different fields ---------------------------------------------------------------------------------------------


def test_changes_to_different_fields_are_merged_and_saved(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="Their reason.", next_review="1 Nov 2029")
    response = submit(editor, opened, finding="My finding")
    message = message_after(editor, response)
    assert "Rule “Pregnancy” saved." in message
    assert f"{MERGED}Other Person changed “Why” and “Next review”." in message
    stored = rule("pregnancy")
    assert (stored.why, stored.next_review.year, stored.finding) == ("Their reason.", 2029, "My finding")
    assert stored.revision == 2


def test_the_history_says_who_changed_which_field(
    editor: Client, second: Client, person: User, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    submit(editor, opened, finding="My finding")
    theirs, mine = list[Any](DraftChange.objects.filter(what="rule_changed").order_by("pk"))
    assert (theirs.by_name, mine.by) == ("Other Person", person)
    assert mine.before["why"] == mine.after["why"] == "Their reason."
    assert mine.before["finding"] != mine.after["finding"] == "My finding"


def test_submitting_an_unchanged_page_undoes_nothing(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="Their reason.", sources__0__title="Their source")
    assert submit(editor, opened).status_code == 302
    assert (rule("pregnancy").why, rule("pregnancy").sources[0]["title"]) == ("Their reason.", "Their source")
    assert DraftChange.objects.filter(what="rule_changed").count() == 1


def test_the_same_change_by_both_is_not_a_conflict(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="The same reason.")
    message = message_after(editor, submit(editor, opened, why=" The same   reason. "))
    assert MERGED not in message
    assert rule("pregnancy").why == "The same reason."


def test_a_change_that_was_reverted_is_not_a_conflict(editor: Client, second: Client, opened: FormData) -> None:
    before = rule("pregnancy").why
    save(second, page("pregnancy"), why="Their reason.")
    save(second, page("pregnancy"), why=before)
    assert MERGED not in message_after(editor, submit(editor, opened, why="My reason."))
    assert rule("pregnancy").why == "My reason."


def test_changes_by_a_third_editor_are_merged_too(
    editor: Client, second: Client, third: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    save(third, page("pregnancy"), next_step="Ask the third.")
    message = message_after(editor, submit(editor, opened, finding="My finding"))
    assert f"{MERGED}Third Editor changed “Next step”; Other Person changed “Why”." in message
    stored = rule("pregnancy")
    assert (stored.why, stored.next_step, stored.finding) == ("Their reason.", "Ask the third.", "My finding")


def test_a_list_that_only_the_other_editor_changed_is_merged(
    editor: Client, second: Client, opened: FormData
) -> None:
    number = len(rule("pregnancy").sources)
    added = {f"sources__{number}__kind": "opinion", f"sources__{number}__title": "Their source"}
    save(second, page("pregnancy"), **added, sources__TOTAL_FORMS=str(number + 1))
    message = message_after(editor, submit(editor, opened, not_applicable_reasons__0__label="My reason"))
    assert f"{MERGED}Other Person changed “Sources”." in message
    assert rule("pregnancy").sources[-1]["title"] == "Their source"
    assert rule("pregnancy").not_applicable_reasons[0]["label"] == "My reason"


def test_a_change_by_the_same_editor_in_another_window_is_merged(editor: Client, opened: FormData) -> None:
    save(editor, page("pregnancy"), why="My reason.")
    assert "changed “Why”." in message_after(editor, submit(editor, opened, finding="My finding"))
    assert (rule("pregnancy").why, rule("pregnancy").finding) == ("My reason.", "My finding")


def test_a_merged_change_of_the_text_clears_the_reviewer(editor: Client, second: Client, draft: RuleSet) -> None:
    Rule.objects.update(checked_by="Dr Sample, 1 November 2026")
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), why="Their reason.")
    submit(editor, mine, next_review="1 Nov 2029")
    assert rule("pregnancy").checked_by == ""


# The same field -----------------------------------------------------------------------------------------------


def test_a_field_that_both_changed_is_a_conflict(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="Their reason.", next_step="Their step.")
    response = submit(editor, opened, why="My reason.", finding="My finding")
    assert response.status_code == 409
    alert = words(response, ALERT)
    assert "Why, changed by Other Person" in alert
    assert "Other Person changed “Next step”." in alert
    assert "Flag" not in alert
    shown = form_data_of(response)
    assert (shown["why"], shown["finding"], shown["next_step"]) == (["My reason."], ["My finding"], ["Their step."])
    theirs = words(response, "//*[@id='div_id_why']//*[@class='theirs']")
    assert theirs.startswith("Other Person also changed this, on ")
    assert theirs.endswith("Their reason.")
    assert words(response, "//*[@id='div_id_finding']//*[@class='theirs']") == ""
    assert (rule("pregnancy").why, rule("pregnancy").finding) != ("My reason.", "My finding")


def test_submitting_the_resolved_form_saves_it_and_undoes_nothing(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.", next_step="Their step.")
    response = submit(editor, opened, why="My reason.", finding="My finding")
    assert editor.post(page("pregnancy"), form_data_of(response)).status_code == 302
    stored = rule("pregnancy")
    assert (stored.why, stored.next_step, stored.finding) == ("My reason.", "Their step.", "My finding")


def test_changes_by_a_third_editor_before_the_resolved_form_is_submitted_are_merged(
    editor: Client, second: Client, third: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.", next_step="Their step.")
    resolved = form_data_of(submit(editor, opened, why="My reason."))
    save(third, page("pregnancy"), finding="Third finding", next_step="Third step.")
    message = message_after(editor, editor.post(page("pregnancy"), resolved))
    assert f"{MERGED}Third Editor changed “Flag” and “Next step”." in message
    stored = rule("pregnancy")
    assert (stored.why, stored.next_step, stored.finding) == ("My reason.", "Third step.", "Third finding")


def test_a_third_editor_who_changes_the_same_field_again_causes_a_new_conflict(
    editor: Client, second: Client, third: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    resolved = form_data_of(submit(editor, opened, why="My reason."))
    save(third, page("pregnancy"), why="Third reason.")
    response = editor.post(page("pregnancy"), resolved)
    assert response.status_code == 409
    assert "Why, changed by Third Editor" in words(response, ALERT)
    assert form_data_of(response)["why"] == ["My reason."]


@pytest.mark.parametrize(
    ("field", "theirs", "mine", "expected"),
    [
        ("severity", "caution", "contraindicated", "Caution"),
        ("listed", "", "naltrexone", "Nothing in a list"),
        ("next_review", "1 Nov 2029", "1 Nov 2030", "1 November 2029"),
        ("holds_days", "9", "8", "9"),
        ("help", "", "My hint.", "Left empty."),
        ("sources__0__title", "Their source", "My source", "Title: Their source"),
    ],
)
def test_their_version_is_shown_beside_every_kind_of_field(
    editor: Client, second: Client, draft: RuleSet, field: str, theirs: str, mine: str, expected: str
) -> None:
    save(second, page("pregnancy"), help="A hint.", listed="opioid")
    opened = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), **{field: theirs})
    response = submit(editor, opened, **{field: mine})
    assert response.status_code == 409
    name = field.partition("__")[0]
    assert expected in words(response, f"//*[@id='div_id_{name}']//*[@class='theirs']")
    assert form_data_of(response)[field.replace("__", "-")] == [mine]
    assert editor.post(page("pregnancy"), form_data_of(response)).status_code == 302


def test_markup_in_their_version_is_shown_as_text(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="<script>alert(1)</script>")
    response = submit(editor, opened, why="My reason.")
    assert "<script>alert(1)</script>" in words(response, "//*[@class='theirs']")
    assert b"<script>alert" not in response.content


def test_a_field_that_one_cleared_and_the_other_changed_is_a_conflict(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    response = submit(editor, opened, why="")
    assert response.status_code == 409
    assert "Why: Enter" not in words(response, "//*[@id='div_id_why']//*[@class='theirs']")
    assert form_data_of(response)["why"] == [""]
    assert rule("pregnancy").why == "Their reason."


def test_errors_are_shown_on_a_page_with_merged_changes(editor: Client, second: Client, opened: FormData) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    response = submit(editor, opened, name="", finding="My finding")
    assert response.status_code == 409
    assert "Name: Enter the name." in messages(response)
    shown = form_data_of(response)
    assert (shown["why"], shown["finding"], "name" in shown) == (["Their reason."], ["My finding"], False)
    assert editor.post(page("pregnancy"), changed(shown, name="a name")).status_code == 302
    assert (rule("pregnancy").why, rule("pregnancy").finding) == ("Their reason.", "My finding")


def test_with_an_unknown_revision_every_difference_is_a_conflict(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    for seen in ("", "x", "99", "-1", "9" * 99):
        response = submit(editor, opened, seen=seen, finding="My finding")
        assert response.status_code == 409
        assert "Why, changed by Someone else" in words(response, ALERT)
        assert "Flag, changed by Someone else" in words(response, ALERT)
    assert rule("pregnancy").why == "Their reason."


# Follow-ups ---------------------------------------------------------------------------------------------------

STATUS = "/draft/rules/pregnancy/follow-ups/status/"


@pytest.fixture
def opened_status(editor: Client, draft: RuleSet) -> FormData:
    """The form data of the page of a follow-up as the first editor opened it."""
    return form_data_of(editor.get(STATUS))


def test_changes_to_different_fields_of_a_follow_up_are_merged(
    editor: Client, second: Client, opened_status: FormData
) -> None:
    save(second, STATUS, choices__0__label="Their choice")
    response = editor.post(STATUS, changed(opened_status, help="My hint."))
    assert f"{MERGED}Other Person changed “Choices”." in message_after(editor, response)
    status = follow_up("status")
    assert (status.help, status.choices[0]["label"]) == ("My hint.", "Their choice")


def test_a_field_of_a_follow_up_that_both_changed_is_a_conflict(
    editor: Client, second: Client, opened_status: FormData
) -> None:
    save(second, STATUS, help="Their hint.", choices__0__label="Their choice", name="Their name")
    response = editor.post(STATUS, changed(opened_status, help="My hint.", choices__0__label="My choice"))
    assert response.status_code == 409
    alert = words(response, ALERT)
    assert "Hint, changed by Other Person" in alert
    assert "Choices, changed by Other Person" in alert
    assert "Their hint." in words(response, "//*[@id='div_id_help']//*[@class='theirs']")
    assert "Their choice" in words(response, "//*[@id='div_id_choices']//*[@class='theirs']")
    shown = form_data_of(response)
    assert (shown["help"], shown["choices-0-label"]) == (["My hint."], ["My choice"])
    assert shown["name"] == ["Their name"]
    assert editor.post(STATUS, shown).status_code == 302
    status = follow_up("status")
    assert (status.help, status.choices[0]["label"], status.name) == ("My hint.", "My choice", "Their name")


def test_a_change_of_the_rule_or_of_another_follow_up_is_no_conflict(
    editor: Client, second: Client, opened_status: FormData
) -> None:
    save(second, page("pregnancy"), why="Their reason.")
    save(second, STATUS.replace("status", "test-date"), help="Their hint.")
    message = message_after(editor, editor.post(STATUS, changed(opened_status, help="My hint.")))
    assert MERGED not in message
    assert [each.help for each in rule("pregnancy").follow_ups.all()][:2] == ["My hint.", "Their hint."]
    assert rule("pregnancy").why == "Their reason."


def test_a_change_of_a_follow_up_is_no_conflict_with_the_rule(
    editor: Client, second: Client, opened: FormData
) -> None:
    save(second, STATUS, help="Their hint.")
    second.post(f"{STATUS}move/", {"direction": "down"})
    message = message_after(editor, submit(editor, opened, why="My reason."))
    assert MERGED not in message
    assert (rule("pregnancy").why, follow_up("status").help) == ("My reason.", "Their hint.")
    assert [each.link_id for each in rule("pregnancy").follow_ups.all()] == ["test-date", "status", "test-result"]


def test_a_follow_up_that_someone_else_moved_keeps_its_new_place(
    editor: Client, second: Client, opened_status: FormData
) -> None:
    second.post(f"{STATUS}move/", {"direction": "down"})
    assert editor.post(STATUS, changed(opened_status, help="My hint.")).status_code == 302
    assert [each.link_id for each in rule("pregnancy").follow_ups.all()] == ["test-date", "status", "test-result"]


def test_a_follow_up_is_the_same_after_its_link_id_changed(editor: Client, second: Client, draft: RuleSet) -> None:
    week = {"label": "Which week?", "name": "Week", "link_id": "week", "kind": "text"}
    save(second, "/draft/rules/pregnancy/add-follow-up/", **week)
    address = STATUS.replace("status", "week")
    opened = form_data_of(editor.get(address))
    save(second, address, link_id="weeks")
    assert editor.post(address, changed(opened, help="My hint.")).status_code == 302
    assert follow_up("weeks").help == "My hint."


def test_a_rule_is_the_same_after_its_link_id_changed(editor: Client, second: Client, draft: RuleSet) -> None:
    save(second, ADD_RULE, **NEW_RULE)
    address = page("renal-impairment")
    opened = form_data_of(editor.get(address))
    save(second, address, link_id="kidneys")
    response = editor.post(address, changed(opened, why="My reason."))
    assert response.headers["Location"] == page("kidneys")
    assert rule("kidneys").why == "My reason."


def test_changed_reasons_of_a_rule_that_is_no_longer_asked_are_shown_for_copying(
    editor: Client, second: Client, opened: FormData
) -> None:
    for detail in rule("pregnancy").follow_ups.all():
        second.post(
            f"{page_of(detail)}remove/",
            {"row": detail.rule_id, "seen": rule("pregnancy").revision, "detail": detail.pk},
        )
    removed = {f"not_applicable_reasons__{number}__DELETE": "on" for number in range(3)}
    not_asked = save(second, page("pregnancy"), trigger="found-in-list", listed="opioid", **removed)
    assert not_asked.status_code == 302, messages(not_asked)
    assert submit(editor, opened, why="My reason.").status_code == 302
    assert (rule("pregnancy").why, rule("pregnancy").trigger) == ("My reason.", "found-in-list")
    response = submit(editor, opened, not_applicable_reasons__0__label="My label")
    assert response.status_code == 409
    assert "now only a medication list flags it" in words(response, ALERT)
    assert "My label" in words(response)


@pytest.mark.parametrize(
    "manipulated",
    [
        {"sources__TOTAL_FORMS": None},
        {"sources__TOTAL_FORMS": "x"},
        {"sources__TOTAL_FORMS": "0"},
        {"sources__TOTAL_FORMS": "9999"},
        {"sources__INITIAL_FORMS": "0"},
        {"sources__0__kind": "none", "sources__0__ORDER": "x", "sources__9999__title": "x"},
        {"sources__0__ORDER": "9" * 99, "sources__1__ORDER": "-1", "sources__2__ORDER": "٣"},
        {"not_applicable_reasons__0__code": "other", "not_applicable_reasons__0__label": None},
        {"severity": None, "trigger": "none", "next_review": "soon", "holds_days": "\x00"},
        {"why": ["One", "Two"]},
        {"name": "x" * 5000},
        {"seen": "-1"},
        {"draft": "999", "row": None},
    ],
)
def test_manipulated_data_from_a_stale_page_never_causes_a_server_error(
    editor: Client, second: Client, opened: FormData, manipulated: dict[str, Any]
) -> None:
    save(second, page("pregnancy"), why="Their reason.", sources__0__title="Their source")
    assert submit(editor, opened, finding="My finding", **manipulated).status_code in {302, 409}
    if "why" not in manipulated:
        assert rule("pregnancy").why == "Their reason."


@pytest.mark.parametrize(
    "manipulated",
    [
        {"choices__TOTAL_FORMS": None},
        {"choices__TOTAL_FORMS": "9999"},
        {"choices__0__code": "", "choices__1__code": "possibly", "choices__2__code": "possibly"},
        {"kind": None, "minimum": "1e999", "maximum": "NaN", "feeds": "none"},
        {"detail": None},
        {"row": None},
    ],
)
def test_manipulated_data_of_a_stale_follow_up_never_causes_a_server_error(
    editor: Client, second: Client, opened_status: FormData, manipulated: dict[str, Any]
) -> None:
    save(second, STATUS, name="Their name", choices__1__label="Their choice")
    assert editor.post(STATUS, changed(opened_status, help="My hint.", **manipulated)).status_code in {302, 409}
    assert follow_up("status").name == "Their name"
