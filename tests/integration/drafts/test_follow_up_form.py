"""The page of a follow-up: saving, errors, link ids, choices, moving, removing, two editors, and permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import FollowUp, Rule, RuleSet, User
from tests.drafts import acting, started
from tests.edit_pages import changed, form_data_of, page_of, save
from tests.factories import UserFactory
from tests.integration.drafts.test_rule_form import history, message_after, rule
from tests.pages import beside, links, messages, words
from tests.rules import shipped_rules

pytestmark = pytest.mark.django_db

FOLLOW_UPS = [(item.link_id, each.link_id) for item in shipped_rules().items for each in item.follow_ups]
ADD = "/draft/rules/pregnancy/add-follow-up/"
NEW = {"label": "Which week?", "name": "Week", "link_id": "week", "kind": "number", "maximum": "42"}

ClientOf = Callable[[User], Client]


def follow_up(detail: str, link_id: str = "pregnancy") -> FollowUp:
    """A follow-up of a rule of the draft."""
    return FollowUp.objects.get(rule=rule(link_id), link_id=detail)


def page(detail: str, link_id: str = "pregnancy") -> str:
    """The URL of the page of a follow-up of the draft."""
    return page_of(follow_up(detail, link_id))


def codes(link_id: str = "pregnancy") -> list[str]:
    """The link ids of a rule's follow-ups, in order."""
    return [each.link_id for each in rule(link_id).follow_ups.all()]


def move(client: Client, detail: str, direction: str) -> Any:
    """Move a follow-up up or down."""
    return client.post(f"{page(detail)}move/", {"direction": direction})


def remove(client: Client, detail: str, **changes: Any) -> Any:
    """Submit the form that removes a follow-up."""
    data = {"row": follow_up(detail).rule_id, "seen": rule("pregnancy").revision, "detail": follow_up(detail).pk}
    return client.post(f"{page(detail)}remove/", {**data, **changes})


# Saving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("link_id", "detail"), FOLLOW_UPS)
def test_saving_an_unchanged_follow_up_changes_nothing(
    editor: Client, draft: RuleSet, link_id: str, detail: str
) -> None:
    before = rule(link_id).plain()
    assert save(editor, page(detail, link_id)).status_code == 302
    assert rule(link_id).plain() == before
    assert history() == []


def test_a_change_is_recorded_as_a_change_of_the_rule(editor: Client, person: User, draft: RuleSet) -> None:
    Rule.objects.update(checked_by="Dr Sample, 1 November 2026")
    response = save(editor, page("status"), help="  Ask\ntwice. ")
    assert response.headers["Location"] == page("status")
    (change,) = history()
    assert (change.what, change.by, change.subject, change.revision) == ("rule_changed", person, "pregnancy", 1)
    assert change.after["follow_ups"][0]["help"] == follow_up("status").help == "Ask twice."
    assert rule("pregnancy").checked_by == ""


def test_save_and_back_leads_to_the_rule(editor: Client, draft: RuleSet) -> None:
    response = save(editor, page("status"), help="A hint.", save="back")
    assert response.headers["Location"] == "/draft/rules/pregnancy/"
    message = message_after(editor, response)
    assert message == "Detail “Status” saved. Every case gives the result that it expects."


def test_the_page_of_the_rule_lists_its_follow_ups_with_what_they_feed(editor: Client, draft: RuleSet) -> None:
    response = editor.get(page_of(rule("opioid-use")))
    assert page("kind", "opioid-use") in links(response)
    text = words(response, "//*[@data-detail='kind']")
    assert "What kind is it? Choose all that apply" in text
    assert "Several choices, 8 choices" in text
    assert "The opioid-free interval: the kind of opioid" in text


# Errors -------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no label": ({"label": ""}, "label", "Enter how it is asked."),
    "no short name": ({"name": ""}, "name", "Enter the short name."),
    "a code in use": ({"link_id": "status"}, "link_id", "Another detail has the link id “status”"),
    "a reserved code": ({"link_id": "na-reason"}, "link_id", "is used for the reason of an answer"),
    "a code with a capital": ({"link_id": "Week"}, "link_id", "Use lower-case letters"),
    "no kind": ({"kind": ""}, "kind", "Choose the kind of answer."),
    "a limit below the other": ({"minimum": "43"}, "maximum", "This is below the lowest number."),
    "a limit that is no number": ({"minimum": "1e999"}, "minimum", "This is not a number."),
    "a list without choices": ({"kind": "one-choice", "maximum": ""}, "kind", "Add at least one choice"),
    "an interval from a number": ({"feeds": "interval-start"}, "feeds", "For the start of an interval, use a date."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_error_is_shown_beside_its_field_and_nothing_is_saved(editor: Client, draft: RuleSet, name: str) -> None:
    changes, field, expected = REFUSED[name]
    response = save(editor, ADD, **NEW | changes)
    assert response.status_code == 422
    assert any(expected in each for each in messages(response)), messages(response)
    assert any(expected in each for each in beside(response, field))
    assert history() == []


def test_choices_of_a_kind_without_choices_are_refused(editor: Client, draft: RuleSet) -> None:
    assert "has no choices: remove them" in messages(save(editor, page("status"), kind="date"))[0]


def test_a_choice_with_days_needs_words_for_its_interval(editor: Client, draft: RuleSet) -> None:
    response = save(editor, page("kind", "opioid-use"), choices__0__interval="")
    (message,) = messages(response)
    assert message.startswith("Choice 1, interval in words: Enter")
    assert any("Enter" in each for each in beside(response, "choices-0-interval"))


@pytest.mark.parametrize(
    "changes",
    [
        {"choices__TOTAL_FORMS": None},
        {"choices__TOTAL_FORMS": "5000"},
        {"choices__TOTAL_FORMS": "-1"},
        {"choices__INITIAL_FORMS": "x"},
        {"choices__0__ORDER": "9" * 400},
        {"choices__0__label": "\x00"},
        {"row": "9" * 30},
        {"detail": "x"},
        {"detail": "9" * 30},
        {"seen": "x"},
        {"add": "sources"},
    ],
)
def test_manipulated_data_never_causes_a_server_error(
    editor: Client, draft: RuleSet, changes: dict[str, Any]
) -> None:
    before = rule("pregnancy").plain()
    assert save(editor, page("status"), **changes).status_code in {200, 302, 404, 409, 422}
    assert rule("pregnancy").plain() == before


def test_a_follow_up_of_another_rule_is_not_changed(editor: Client, draft: RuleSet) -> None:
    other = follow_up("kind", "opioid-use")
    assert save(editor, page("status"), detail=str(other.pk), help="Mine.").status_code == 404
    assert not FollowUp.objects.filter(help="Mine.").exists()


@pytest.mark.parametrize("address", ["pregnancy/follow-ups/none/", "none/follow-ups/status/", "none/add-follow-up/"])
def test_an_unknown_follow_up_is_not_found(editor: Client, draft: RuleSet, address: str) -> None:
    found = f"/draft/rules/{address}"
    assert (editor.get(found).status_code, editor.post(found, NEW).status_code) == (404, 404)


# Adding, and the link id --------------------------------------------------------------------------------------


def test_a_new_follow_up_is_added_at_the_end(editor: Client, draft: RuleSet) -> None:
    response = save(editor, ADD, **NEW)
    assert response.headers["Location"] == page("week")
    assert codes() == ["status", "test-date", "test-result", "week"]
    added = draft.definition().item("pregnancy").follow_up("week")
    assert added
    assert (added.name, added.kind, str(added.maximum)) == ("Week", "number", "42")


def test_submitting_a_new_follow_up_twice_adds_it_once(editor: Client, draft: RuleSet) -> None:
    data = changed(form_data_of(editor.get(ADD)), **NEW)
    first, again = editor.post(ADD, data), editor.post(ADD, data)
    assert first.headers["Location"] == again.headers["Location"] == page("week")
    assert len(history()) == 1


def test_a_published_link_id_is_shown_and_cannot_be_edited(editor: Client, draft: RuleSet) -> None:
    assert "link_id" not in form_data_of(editor.get(page("status")))
    save(editor, page("status"), link_id="state")
    assert follow_up("status")


def test_a_published_link_id_is_reused_only_for_the_same_question(editor: Client, draft: RuleSet) -> None:
    remove(editor, "test-date")
    response = save(editor, ADD, **NEW | {"link_id": "test-date"})
    assert "In edition 1 “test-date” was used for “Date of the last pregnancy test”" in messages(response)[0]
    same = {"link_id": "test-date", "label": "Date of the last pregnancy test", "kind": "date", "maximum": ""}
    assert save(editor, ADD, **NEW | same).status_code == 302


def test_an_unpublished_link_id_can_be_changed(editor: Client, draft: RuleSet) -> None:
    save(editor, ADD, **NEW)
    response = save(editor, page("week"), link_id="month")
    assert response.headers["Location"] == page("month")


def test_a_rule_has_at_most_twenty_follow_ups(editor: Client, draft: RuleSet) -> None:
    for number in range(3, 20):
        each = f"d{number}"
        FollowUp.objects.create(
            rule=rule("pregnancy"), position=number, link_id=each, label=each, name=each, kind="text"
        )
    assert messages(save(editor, ADD, **NEW)) == ["The rule has 20 details, and can have no more."]


def test_a_rule_that_is_not_asked_has_no_follow_ups_and_no_reasons(editor: Client, draft: RuleSet) -> None:
    data = form_data_of(editor.get(page_of(rule("naltrexone-product"))))
    assert not [name for name in data if name.startswith("not_applicable")]
    add = "/draft/rules/naltrexone-product/add-follow-up/"
    assert editor.get(add).status_code == 302
    assert editor.post(add, NEW).status_code == 409
    response = save(editor, page_of(rule("pregnancy")), trigger="found-in-list")
    assert [each.split(": ")[0] for each in messages(response)] == [
        "Flagged by",
        "Flagged by",
        "What flags it in a medication list",
    ]


# Choices ------------------------------------------------------------------------------------------------------


def test_choices_are_reordered_by_their_place(editor: Client, draft: RuleSet) -> None:
    before = [each["code"] for each in follow_up("status").choices]
    save(editor, page("status"), choices__2__ORDER="1")
    assert [each["code"] for each in follow_up("status").choices] == [before[2], *before[:2]]


def test_an_interval_is_entered_in_its_own_fields(editor: Client, draft: RuleSet) -> None:
    save(editor, page("kind", "opioid-use"), choices__0__days="12", choices__0__interval="12 days")
    choice = follow_up("kind", "opioid-use").choices[0]
    assert choice["interval"] == {"words": "12 days", "days": 12, "counted_from": "the last dose"}


def test_a_choice_is_added_after_the_button_for_another_row(editor: Client, draft: RuleSet) -> None:
    response = save(editor, page("status"), add="choices", help="My hint.")
    assert response.status_code == 200
    assert history() == []
    shown = form_data_of(response)
    assert (shown["help"], shown["choices-TOTAL_FORMS"]) == (["My hint."], ["4"])
    editor.post(page("status"), changed(shown, choices__3__label="Not sure"))
    assert follow_up("status").choices[3]["code"] == "not-sure"
    assert follow_up("status").help == "My hint."


def test_thirty_choices_with_intervals_stay_below_the_number_of_fields_that_the_server_accepts(
    editor: Client, draft: RuleSet
) -> None:
    kind = follow_up("kind", "opioid-use")
    kind.choices = [kind.choices[0] | {"code": f"c{each}", "label": f"Choice {each}"} for each in range(30)]
    kind.save()
    assert len(form_data_of(editor.get(page("kind", "opioid-use")))) < 400
    assert save(editor, page("kind", "opioid-use"), help="A hint.").status_code == 302


# Moving and removing ------------------------------------------------------------------------------------------


def test_a_follow_up_is_moved_up_and_down(editor: Client, draft: RuleSet) -> None:
    assert move(editor, "test-result", "up").headers["Location"] == "/draft/rules/pregnancy/"
    assert codes() == ["status", "test-result", "test-date"]
    move(editor, "status", "down")
    assert codes() == ["test-result", "status", "test-date"]
    assert [each["link_id"] for each in history()[-1].after["follow_ups"]] == codes()


def test_the_first_follow_up_moved_up_stays_first(editor: Client, draft: RuleSet) -> None:
    move(editor, "status", "up")
    assert codes() == ["status", "test-date", "test-result"]
    assert history() == []


def test_a_follow_up_is_removed(editor: Client, draft: RuleSet) -> None:
    (form,) = html.fromstring(editor.get(page("test-date")).content.decode()).xpath(
        "//form[contains(@action,'remove')]"
    )
    response = editor.post(form.action, dict(form.form_values()))
    assert "The detail “test-date” was removed." in message_after(editor, response)
    assert codes() == ["status", "test-result"]


def test_removing_a_follow_up_twice_removes_it_once(editor: Client, draft: RuleSet) -> None:
    data = {"row": rule("pregnancy").pk, "seen": "0", "detail": follow_up("test-date").pk}
    sent = [editor.post(f"{ADD.replace('add-follow-up', 'follow-ups/test-date')}remove/", data) for _ in range(2)]
    assert [each.headers["Location"] for each in sent] == ["/draft/rules/pregnancy/"] * 2
    assert len(history()) == 1


def test_a_follow_up_that_someone_else_changed_is_not_removed(editor: Client, second: Client, draft: RuleSet) -> None:
    save(second, page("status"), help="Their hint.")
    response = remove(editor, "status", seen="0")
    assert response.headers["Location"] == page("status")
    assert "Nothing was removed" in message_after(editor, response)
    assert follow_up("status").help == "Their hint."


def test_nothing_is_moved_or_removed_in_a_proposed_draft(editor: Client, person: User, draft: RuleSet) -> None:
    actions.propose(draft, change_note="Nothing", **acting(person))
    assert "Nothing was changed" in message_after(editor, move(editor, "status", "down"))
    assert "Nothing was changed" in message_after(editor, remove(editor, "status"))
    assert codes() == ["status", "test-date", "test-result"]


def test_a_page_of_a_discarded_draft_moves_nothing_in_the_next_one(
    editor: Client, person: User, draft: RuleSet
) -> None:
    actions.discard_draft(draft, **acting(person))
    started(person)
    data = {"direction": "down", "draft": draft.pk}
    assert "Nothing was changed" in message_after(editor, editor.post(f"{page('status')}move/", data))
    assert "Nothing was changed" in message_after(editor, remove(editor, "status", draft=draft.pk))
    assert codes() == ["status", "test-date", "test-result"]


# Two editors --------------------------------------------------------------------------------------------------


def save_stale_page(client: Client, change: Callable[[], object]) -> str:
    """Save the page of a follow-up after a change of the draft; return the alert."""
    address = page("status")
    data = changed(form_data_of(client.get(address)), help="My hint.", choices__0__label="My choice")
    change()
    response = client.post(address, data)
    assert response.status_code == 409
    assert "My hint." in words(response)
    assert "My choice" in words(response)
    return words(response, "//*[@role='alert']")


def test_the_submitted_text_is_shown_if_the_follow_up_was_removed(
    editor: Client, person: User, draft: RuleSet
) -> None:
    alert = save_stale_page(editor, lambda: actions.remove_follow_up(follow_up("status"), **acting(person)))
    assert "The detail was removed by Sample Editor." in alert


def test_the_submitted_text_is_shown_if_the_rule_was_retired(editor: Client, person: User, draft: RuleSet) -> None:
    alert = save_stale_page(editor, lambda: actions.retire_rule(rule("pregnancy"), **acting(person)))
    assert "The rule was retired by Sample Editor." in alert


def test_the_submitted_text_is_shown_if_the_draft_was_proposed(editor: Client, person: User, draft: RuleSet) -> None:
    alert = save_stale_page(editor, lambda: actions.propose(draft, change_note="x", **acting(person)))
    assert "The draft was proposed by Sample Editor." in alert


def test_the_submitted_text_is_shown_if_the_draft_was_discarded(editor: Client, person: User, draft: RuleSet) -> None:
    def discard_and_start() -> None:
        actions.discard_draft(draft, **acting(person))
        started(person)

    assert "The draft was discarded." in save_stale_page(editor, discard_and_start)
    assert not FollowUp.objects.filter(help="My hint.").exists()


def test_the_submitted_text_of_a_new_follow_up_is_shown_if_the_rule_was_retired(
    editor: Client, person: User, draft: RuleSet
) -> None:
    data = changed(form_data_of(editor.get(ADD)), **NEW)
    actions.retire_rule(rule("pregnancy"), **acting(person))
    response = editor.post(ADD, data)
    assert response.status_code == 409
    assert "Which week?" in words(response)


# Permissions --------------------------------------------------------------------------------------------------


def test_an_approver_sees_a_follow_up_read_only(client_of: ClientOf, draft: RuleSet) -> None:
    approver = client_of(UserFactory(role=Role.APPROVER))
    response = approver.get(page("kind", "opioid-use"))
    assert "Only editors can change this." in words(response)
    assert "Short-acting" in words(response)
    assert not html.fromstring(response.content.decode()).xpath("//main//input|//main//textarea|//main//select")
    assert {approver.post(page("status")).status_code, approver.get(ADD).status_code} == {403}
