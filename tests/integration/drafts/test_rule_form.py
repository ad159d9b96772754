"""The page of a rule: what an editor sees, what is refused, what is saved, and who is told of whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import Change, DraftChange, FollowUp, Rule, RuleSet, User
from tests.drafts import acting, started
from tests.edit_pages import ADD_RULE, changed, form_data_of, page_of, save
from tests.factories import UserFactory
from tests.pages import beside, links, messages, words
from tests.rules import shipped_rules

pytestmark = pytest.mark.django_db

RULES = [item.link_id for item in (*shipped_rules().items, *shipped_rules().listed)]
NEW_RULE = {
    "link_id": "renal-impairment",
    "name": "renal impairment",
    "question": "Are the kidneys impaired?",
    "holds_days": "90",
    "trigger": "answered-yes",
    "listed": "",
    "severity": "caution",
    "severity_words": "Caution",
    "finding": "Renal impairment",
    "next_step": "Ask nephrology.",
    "find_out": "Look for a creatinine.",
    "why": "Naltrexone leaves by the kidneys.",
    "sources__0__kind": "opinion",
    "sources__0__title": "This rule set",
    "authored_by": "Sample Editor",
    "next_review": "1 Nov 2027",
}

ClientOf = Callable[[User], Client]


def rule(link_id: str) -> Rule:
    """A rule of the draft."""
    return Rule.objects.get(rule_set__is_open=True, link_id=link_id)


def page(link_id: str) -> str:
    """The address of the page of a rule of the draft."""
    return page_of(rule(link_id))


def history() -> list[Any]:
    """What was done to rules and cases."""
    touched = [each for each in Change if each.startswith(("rule_", "case_"))]
    return list(DraftChange.objects.filter(what__in=touched).order_by("pk"))


def said(client: Client, response: Any) -> str:
    """The message on the page that a redirect leads to."""
    assert response.status_code == 302, messages(response)
    return words(client.get(response.headers["Location"]), "//p[contains(@class,'message')]")


def detail_of(link_id: str, detail: str) -> FollowUp:
    """A detail of a rule of the draft."""
    return FollowUp.objects.get(rule=rule(link_id), link_id=detail)


def add(client: Client, **changes: Any) -> Any:
    """Fill in the page of a new rule and save."""
    return save(client, ADD_RULE, **NEW_RULE | changes)


# Saving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link_id", RULES)
def test_saving_what_was_not_changed_changes_nothing(editor: Client, draft: RuleSet, link_id: str) -> None:
    before = rule(link_id)
    assert save(editor, page(link_id)).status_code == 302
    assert rule(link_id).plain() == before.plain()
    assert rule(link_id).revision == before.revision
    assert history() == []


def test_a_change_stands_in_the_draft_and_on_its_history(editor: Client, person: User, draft: RuleSet) -> None:
    response = save(editor, page("pregnancy"), why="  Because of\nthe <b>foetus</b>. ")
    assert response.headers["Location"] == f"/admin/screening/ruleset/{draft.pk}/change/"
    (change,) = history()
    assert (change.what, change.by, change.role, change.subject) == (
        Change.RULE_CHANGED,
        person,
        "editor",
        "pregnancy",
    )
    assert change.before["why"].startswith("There are no adequate")
    assert change.after["why"] == rule("pregnancy").why == "Because of the <b>foetus</b>."
    assert (change.revision, rule("pregnancy").revision) == (1, 1)


def test_markup_shows_as_it_was_typed(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), name="<script>alert(1)</script>")
    answer = editor.get(page("pregnancy"))
    assert "<script>alert(1)</script>" in words(answer, "//h1")
    assert b"<script>alert" not in answer.content


def test_other_words_are_not_checked_any_more(editor: Client, draft: RuleSet) -> None:
    Rule.objects.update(checked_by="Dr Sample, 1 November 2026")
    save(editor, page("pregnancy"), next_review="1 Nov 2028")
    assert rule("pregnancy").checked_by == "Dr Sample, 1 November 2026"
    save(editor, page("pregnancy"), why="For another reason.")
    assert rule("pregnancy").checked_by == ""


def test_who_checked_it_is_shown_and_cannot_be_typed(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), checked_by="Myself")
    assert rule("pregnancy").checked_by == ""
    assert "Nobody yet" in words(editor.get(page("pregnancy")))


def test_who_wants_to_go_on_stays_on_the_page(editor: Client, draft: RuleSet) -> None:
    sent = changed(form_data_of(editor.get(page("pregnancy"))), why="For another reason.", _continue="")
    response = editor.post(page("pregnancy"), sent)
    assert response.headers["Location"] == page("pregnancy")
    assert "Rule “Pregnancy” saved." in said(editor, response)


def test_saving_says_that_every_case_is_as_expected(editor: Client, draft: RuleSet) -> None:
    told = said(editor, save(editor, page("pregnancy"), why="For another reason."))
    assert told == "Rule “Pregnancy” saved. Every case gives the result that it expects."


def test_saving_says_which_cases_are_not_as_expected(editor: Client, draft: RuleSet) -> None:
    told = said(editor, save(editor, page("pregnancy"), severity="caution"))
    assert "cases are not as expected: case " in told
    assert "expects “Contraindication flagged”, found “Caution flagged”" in told


def test_saving_says_what_else_is_to_be_mended_and_the_page_says_what(editor: Client, draft: RuleSet) -> None:
    number = [each.link_id for each in rule("opioid-use").follow_ups.all()].index("last-dose")
    told = said(editor, save(editor, page("opioid-use"), **{f"follow_ups__{number}__DELETE": "on"}))
    assert "1 problem to fix" in told
    assert "An opioid-free interval needs one follow-up" in words(editor.get(page("opioid-use")), "//form")


def test_a_page_is_far_from_what_a_browser_may_send(editor: Client, draft: RuleSet) -> None:
    sent = {link_id: len(form_data_of(editor.get(page(link_id)))) for link_id in RULES}
    assert max(sent.values()) < 400


# What is refused ----------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    **{
        f"no {name}": ({name: " "}, name, sentence)
        for name, sentence in {
            "name": "Enter the name.",
            "question": "Enter the question.",
            "why": "Say why it matters.",
            "severity_words": "Say in words how grave it is.",
            "finding": "Enter the finding.",
            "next_step": "Say what to do about a yes.",
            "find_out": "Say how to find out.",
            "authored_by": "Say who wrote it.",
            "holds_days": "Enter how many days an answer holds",
            "next_review": "Enter the date of the next review",
        }.items()
    },
    "a verdict": ({"finding": "Not safe"}, "finding", "“safe” is a verdict"),
    "a text too long": ({"why": "x" * 4001}, "why", "Use at most 4000 characters; this has 4001."),
    "a name too long": ({"name": "x" * 201}, "name", "Use at most 200 characters; this has 201."),
    "what cannot be seen": ({"why": "a\u202eb"}, "why", "Character 2 cannot be shown or printed"),
    "a date that reads two ways": ({"next_review": "1/2/2027"}, "next_review", "Write the month in letters"),
    "days that are none": ({"holds_days": "4000"}, "holds_days", "Enter 3660 days or less."),
    "a source without a title": ({"sources__0__title": ""}, "sources-0-title", "Enter the title of the source."),
    "a reason without a label": (
        {"not_applicable_reasons__0__label": ""},
        "not_applicable_reasons-0-label",
        "Enter what is chosen",
    ),
    "a detail without a label": ({"follow_ups__0__label": ""}, "follow_ups-0-label", "Enter how it is asked."),
    "a list without choices": ({"follow_ups__1__kind": "one-choice"}, "", "Add at least one choice"),
    "choices of a date": ({"follow_ups__0__kind": "date"}, "follow_ups-0-kind", "takes no choices"),
    "an interval from a text": (
        {"follow_ups__0__feeds": "interval-start"},
        "follow_ups-0-feeds",
        "An interval counts from a date.",
    ),
    "a choice without a label": (
        {"follow_ups__0__choices__0__label": ""},
        "follow_ups-0-choices-0-label",
        "Enter what is chosen",
    ),
}


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(editor: Client, draft: RuleSet) -> None:
    opened = form_data_of(editor.get(page("pregnancy")))
    for case, (changes, name, sentence) in REFUSED.items():
        response = editor.post(page("pregnancy"), changed(opened, **changes))
        assert response.status_code == 422, case
        assert any(sentence in message for message in messages(response)), (case, messages(response))
        assert not name or any(sentence in each for each in beside(response, name)), case
    assert history() == []


def test_nothing_that_was_typed_is_lost(editor: Client, draft: RuleSet) -> None:
    sent = changed(form_data_of(editor.get(page("pregnancy"))), name=["x" * 300], why=["Words of mine."])
    response = editor.post(page("pregnancy"), sent)
    again = form_data_of(response)
    assert again["name"] == ["x" * 300]
    assert {name: each for name, each in again.items() if any(each)} == {
        name: each for name, each in sent.items() if any(each)
    }


def test_the_last_source_cannot_be_taken_out(editor: Client, draft: RuleSet) -> None:
    number = len(rule("breastfeeding").sources)
    response = save(editor, page("breastfeeding"), **{f"sources__{each}__remove": "on" for each in range(number)})
    assert messages(response) == ["Sources: Name at least one source, an opinion if there is nothing better."]


def test_every_link_of_the_summary_leads_to_its_field(editor: Client, draft: RuleSet) -> None:
    response = save(
        editor,
        page("opioid-use"),
        name="",
        severity=None,
        sources__0__kind="",
        follow_ups__1__choices__0__interval="",
    )
    at = html.fromstring(response.content.decode()).xpath("//*[contains(@class,'errors')]//a/@href")
    ids = html.fromstring(response.content.decode()).xpath("//@id")
    assert len(at) == 4
    assert {each.removeprefix("#") for each in at} <= set(ids)


@pytest.mark.parametrize(
    "changes",
    [
        {"follow_ups__TOTAL_FORMS": None},
        {"follow_ups__TOTAL_FORMS": "9" * 9},
        {"follow_ups__TOTAL_FORMS": "-3"},
        {"follow_ups__INITIAL_FORMS": "99"},
        {"follow_ups__0__id": "99999999999999999999"},
        {"follow_ups__0__id": "x"},
        {"sources__0__kind": "\x00"},
        {"not_applicable_reasons__9999__label": "x"},
        {"_saveasnew": "1"},
        {"_popup": "1"},
        {"seen": "9" * 99},
    ],
)
def test_what_no_browser_sends_is_no_fault_of_ours(editor: Client, draft: RuleSet, changes: dict[str, Any]) -> None:
    assert save(editor, page("pregnancy"), **changes).status_code in {302, 400, 409, 422}


# Its link id --------------------------------------------------------------------------------------------------


def test_a_new_rule_comes_last_and_is_on_the_history(editor: Client, draft: RuleSet) -> None:
    told = said(editor, add(editor))
    made = rule("renal-impairment")
    assert made.position == max(draft.rules.values_list("position", flat=True))
    assert (made.holds_days, made.listed, made.checked_by) == (90, None, "")
    (change,) = history()
    assert (change.what, change.before, change.after) == (Change.RULE_ADDED, None, made.plain())
    assert "Rule “Renal impairment” saved. 1 problem to fix" in told


@pytest.mark.parametrize(
    ("link_id", "sentence"),
    [
        ("", "Enter a link id."),
        ("Renal", "Use small letters, figures and dashes"),
        ("medications", "is the name of a field of the form"),
        ("pregnancy", "“pregnancy” was used by edition 1 and is never used anew; bring that rule back instead"),
        ("naltrexone-product", "was used by edition 1"),
    ],
)
def test_a_link_id_that_may_not_be_is_refused(editor: Client, draft: RuleSet, link_id: str, sentence: str) -> None:
    response = add(editor, link_id=link_id)
    assert response.status_code == 422
    assert any(sentence in each for each in beside(response, "link_id"))


def test_the_link_id_of_a_retired_rule_is_never_used_anew(editor: Client, person: User, draft: RuleSet) -> None:
    actions.retire_rule(rule("breastfeeding"), **acting(person))
    assert "was used by edition 1" in messages(add(editor, link_id="breastfeeding"))[0]


def test_a_link_id_of_the_draft_is_refused(editor: Client, draft: RuleSet) -> None:
    add(editor)
    assert "The draft has a rule “renal-impairment” already" in messages(add(editor, name="another rule"))[0]


def test_a_published_link_id_is_shown_and_cannot_be_typed(editor: Client, draft: RuleSet) -> None:
    assert "link_id" not in form_data_of(editor.get(page("pregnancy")))
    assert "An edition has it, so it stays as it is." in words(editor.get(page("pregnancy")))
    save(editor, page("pregnancy"), link_id="expecting")
    assert rule("pregnancy")


def test_until_then_it_may_be_changed_and_cases_go_with_it(editor: Client, person: User, draft: RuleSet) -> None:
    add(editor)
    case = draft.cases.first()
    assert case
    case.answers, case.flagged = {"renal-impairment": "yes"}, ["renal-impairment"]
    actions.record_case_saved(_saved(case), None, **acting(person))
    assert save(editor, page("renal-impairment"), link_id="kidneys").status_code == 302
    case.refresh_from_db()
    assert (case.answers, case.flagged) == ({"kidneys": "yes"}, ["kidneys"])
    assert [each.what for each in history()][-2:] == [Change.RULE_CHANGED, Change.CASE_CHANGED]


def _saved(case: Any) -> Any:
    case.save()
    return case


# Rows of a list -----------------------------------------------------------------------------------------------


def test_a_source_is_added_in_an_empty_row(editor: Client, draft: RuleSet) -> None:
    number = len(rule("pregnancy").sources)
    new = {f"sources__{number}__kind": "opinion", f"sources__{number}__title": "The house"}
    save(editor, page("pregnancy"), **new)
    assert rule("pregnancy").sources[-1] == {
        "kind": "opinion",
        "region": "",
        "title": "The house",
        "identifier": "",
        "supports": "",
    }


def test_a_source_is_taken_out_by_emptying_it_or_by_a_tick(editor: Client, draft: RuleSet) -> None:
    titles = [each["title"] for each in rule("opioid-use").sources]
    empty = {f"sources__0__{name}": "" for name in ("kind", "region", "title", "identifier", "supports")}
    save(editor, page("opioid-use"), **empty, sources__1__remove="on")
    assert [each["title"] for each in rule("opioid-use").sources] == titles[2:]


def test_choices_are_put_in_another_order(editor: Client, draft: RuleSet) -> None:
    codes = [each["code"] for each in detail_of("pregnancy", "status").choices]
    save(editor, page("pregnancy"), follow_ups__0__choices__2__place="1")
    assert [each["code"] for each in detail_of("pregnancy", "status").choices] == [codes[2], *codes[:2]]


def test_an_interval_is_typed_in_cells(editor: Client, draft: RuleSet) -> None:
    save(
        editor,
        page("opioid-use"),
        follow_ups__1__choices__0__days="12",
        follow_ups__1__choices__0__interval="12 days",
    )
    choice = detail_of("opioid-use", "kind").choices[0]
    assert choice["interval"] == {"words": "12 days", "days": 12, "counted_from": "the last dose"}


def test_the_draft_is_still_a_rule_set_after_lists_were_changed(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), not_applicable_reasons__0__remove="on", follow_ups__0__choices__0__label="Yes")
    draft.refresh_from_db()
    item = draft.definition().item("pregnancy")
    assert [each.code for each in item.not_applicable_reasons] == ["no-uterus", "other"]


# Details ------------------------------------------------------------------------------------------------------

NEW_DETAIL = {"label": "Which week?", "name": "Week", "link_id": "week", "kind": "number", "maximum": "42"}


def with_detail(number: int, **changes: Any) -> dict[str, Any]:
    """A new detail in the empty form of a page that has so many."""
    return {f"follow_ups__{number}__{name}": each for name, each in (NEW_DETAIL | changes).items()}


def test_a_detail_is_added_last(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), **with_detail(3))
    assert [each.link_id for each in rule("pregnancy").follow_ups.all()][-1] == "week"
    detail = draft.definition().item("pregnancy").follow_up("week")
    assert detail
    assert (detail.name, detail.kind, str(detail.maximum)) == ("Week", "number", "42")


def test_a_detail_is_taken_out(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), follow_ups__1__DELETE="on", follow_ups__1__label="")
    assert [each.link_id for each in rule("pregnancy").follow_ups.all()] == ["status", "test-result"]
    assert [each.position for each in rule("pregnancy").follow_ups.all()] == [0, 1]


def test_a_detail_takes_the_place_that_is_typed(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), follow_ups__2__place="1")
    assert [each.link_id for each in rule("pregnancy").follow_ups.all()] == ["test-result", "status", "test-date"]
    (change,) = history()
    assert [each["link_id"] for each in change.after["follow_ups"]] == ["test-result", "status", "test-date"]


def test_the_link_id_of_a_published_detail_cannot_be_typed(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), follow_ups__0__link_id="state")
    assert detail_of("pregnancy", "status")


def test_a_detail_that_may_not_be_is_refused(editor: Client, draft: RuleSet) -> None:
    opened = form_data_of(editor.get(page("pregnancy")))
    for changes, sentence in (
        ({"link_id": "status"}, "Another detail has the link id “status”"),
        ({"link_id": "na-reason"}, "is taken by the reasons of an answer"),
        ({"link_id": "Week"}, "Use small letters"),
        ({"minimum": "43"}, "This is below the lowest number."),
        ({"kind": ""}, "Choose the kind of answer."),
    ):
        response = editor.post(page("pregnancy"), changed(opened, **with_detail(3, **changes)))
        assert response.status_code == 422, changes
        assert any(sentence in each for each in messages(response)), messages(response)


def test_a_detail_that_an_edition_had_comes_back_only_as_it_was(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), follow_ups__1__DELETE="on")
    response = save(editor, page("pregnancy"), **with_detail(2, link_id="test-date"))
    assert "In edition 1 “test-date” asked “Date of the last pregnancy test”" in messages(response)[0]
    as_then = with_detail(2, link_id="test-date", label="Date of the last pregnancy test", kind="date", maximum="")
    assert save(editor, page("pregnancy"), **as_then).status_code == 302


def test_two_details_cannot_exchange_their_link_ids_at_once(editor: Client, draft: RuleSet) -> None:
    add(editor, **with_detail(0))
    save(editor, page("renal-impairment"), **with_detail(1, link_id="month"))
    exchanged = {"follow_ups__0__link_id": "month", "follow_ups__1__link_id": "week"}
    response = save(editor, page("renal-impairment"), **exchanged)
    assert [each.split(", ")[0] for each in messages(response)] == ["Detail “Week”"] * 2


def test_more_than_twenty_details_are_counted(editor: Client, draft: RuleSet) -> None:
    many = {"follow_ups__TOTAL_FORMS": "21"}
    for number in range(3, 21):
        many |= with_detail(number, link_id=f"week-{number}")
    response = save(editor, page("pregnancy"), **many)
    assert messages(response) == ["Details: There are 21 details; after a yes ask at most 20."]


def test_a_rule_that_nobody_is_asked_has_no_details_and_no_reasons(editor: Client, draft: RuleSet) -> None:
    sent = form_data_of(editor.get(page("naltrexone-product")))
    assert not [name for name in sent if name.startswith(("follow_ups", "not_applicable"))]
    response = save(editor, page("pregnancy"), trigger="found-in-list")
    assert {each.split(": ")[0] for each in messages(response)} == {
        "What flags it in a medication list",
        "Reasons for “not applicable”",
        "Details",
    }


def test_choices_that_are_too_many_for_one_page_are_shown_one_detail_at_a_time(
    editor: Client, draft: RuleSet
) -> None:
    choices = [
        {"code": f"c{each}", "label": f"Choice {each}", "points": None, "interval": None, "next_step": "Ask."}
        for each in range(30)
    ]
    for number in range(3, 20):
        name = f"Detail {number}"
        FollowUp.objects.create(
            rule=rule("pregnancy"),
            position=number,
            link_id=f"d{number}",
            label=name,
            name=name,
            kind="one-choice",
            choices=choices,
        )
    answer = editor.get(page("pregnancy"))
    assert len(form_data_of(answer)) < 1000
    assert save(editor, page("pregnancy"), why="Because.").status_code == 302
    (of_one,) = {each for each in links(answer) if f"choices={detail_of('pregnancy', 'd5').pk}#" in each}
    response = save(editor, of_one.partition("#")[0], follow_ups__5__choices__0__label="Another")
    assert response.status_code == 302
    assert detail_of("pregnancy", "d5").choices[0]["label"] == "Another"
    assert [each["label"] for each in detail_of("pregnancy", "d6").choices][:2] == ["Choice 0", "Choice 1"]


# Two at once --------------------------------------------------------------------------------------------------


def test_who_comes_second_is_told_what_changed_and_keeps_what_they_typed(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), why="Their reason.")
    response = editor.post(page("pregnancy"), changed(mine, why="My reason.", finding="My finding"))
    assert response.status_code == 409
    told = words(response, "//*[@role='alert']")
    assert "This was changed while you had it open" in told
    assert "Why, changed by Other Person" in told
    assert "Their reason." in words(response, "//*[@id='div_id_why']")
    again = form_data_of(response)
    assert (again["why"], again["finding"]) == (["My reason."], ["My finding"])
    assert rule("pregnancy").why == "Their reason."
    assert len(history()) == 1


def test_saving_once_more_is_done_knowingly(editor: Client, second: Client, draft: RuleSet) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), why="Their reason.")
    told = editor.post(page("pregnancy"), changed(mine, why="My reason."))
    assert editor.post(page("pregnancy"), form_data_of(told)).status_code == 302
    assert rule("pregnancy").why == "My reason."
    assert [each.before["why"] for each in history()][1] == "Their reason."


def test_a_detail_that_somebody_removed_meanwhile_comes_back_knowingly(
    editor: Client, second: Client, draft: RuleSet
) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), follow_ups__1__DELETE="on", **with_detail(3))
    told = editor.post(page("pregnancy"), changed(mine, follow_ups__1__help="My hint."))
    assert told.status_code == 409
    assert "Detail “Date of last test”, changed by Other Person" in words(told, "//*[@role='alert']")
    assert "Other Person removed this detail" in words(told, "//*[@id='follow_ups-3']")
    again = form_data_of(told)
    assert ["My hint."] in again.values()
    response = editor.post(page("pregnancy"), again)
    assert response.status_code == 302, messages(response)
    assert {each.link_id for each in rule("pregnancy").follow_ups.all()} == {
        "status",
        "test-result",
        "test-date",
        "week",
    }


def test_what_is_wrong_is_told_together_with_what_changed(editor: Client, second: Client, draft: RuleSet) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("pregnancy"), why="Their reason.")
    response = editor.post(page("pregnancy"), changed(mine, name=""))
    assert response.status_code == 409
    assert "Name: Enter the name." in messages(response)


def test_a_second_click_is_harmless(editor: Client, draft: RuleSet) -> None:
    sent = changed(form_data_of(editor.get(page("pregnancy"))), why="My reason.", **with_detail(3))
    assert [editor.post(page("pregnancy"), sent).status_code for _ in range(2)] == [302, 302]
    assert len(history()) == 1
    assert [each.link_id for each in rule("pregnancy").follow_ups.all()].count("week") == 1


def test_a_second_click_on_a_new_rule_is_harmless(editor: Client, draft: RuleSet) -> None:
    sent = changed(form_data_of(editor.get(ADD_RULE)), **NEW_RULE)
    assert [editor.post(ADD_RULE, sent).status_code for _ in range(2)] == [302, 302]
    assert len(history()) == 1


def test_another_editor_may_change_another_rule_meanwhile(editor: Client, second: Client, draft: RuleSet) -> None:
    mine = form_data_of(editor.get(page("pregnancy")))
    save(second, page("breastfeeding"), why="Their reason.")
    assert editor.post(page("pregnancy"), changed(mine, why="My reason.")).status_code == 302


def kept(response: Any) -> str:
    """What a page says of something that cannot be saved any more."""
    assert response.status_code == 409
    assert not html.fromstring(response.content.decode()).xpath("//main//input|//main//textarea")
    assert {"Words of mine.", "Hint of mine."} <= set(
        words(response, "//dl").replace(" Code:", "\n").split("\n")
    ) or ("Words of mine." in words(response) and "Hint of mine." in words(response))
    return words(response, "//*[@role='alert']")


def overtaken(client: Client, happens: Callable[[], object]) -> str:
    """What is said when something happens to the draft while the page of a rule is open."""
    address = page("pregnancy")
    sent = changed(form_data_of(client.get(address)), why="Words of mine.", follow_ups__0__help="Hint of mine.")
    happens()
    return kept(client.post(address, sent))


def propose(person: User) -> RuleSet:
    """Hand the draft to the approver."""
    draft = RuleSet.objects.get(is_open=True)
    return actions.propose(draft, change_note="A change", **acting(person))


def test_a_rule_that_was_retired_meanwhile_leaves_the_words_to_be_copied(
    editor: Client, person: User, draft: RuleSet
) -> None:
    told = overtaken(editor, lambda: actions.retire_rule(rule("pregnancy"), **acting(person)))
    assert "The rule was retired by Sample Editor." in told


def test_so_does_a_draft_that_was_proposed_meanwhile(editor: Client, person: User, draft: RuleSet) -> None:
    assert "The draft was proposed by Sample Editor." in overtaken(editor, lambda: propose(person))


def test_so_does_one_that_was_published_meanwhile(editor: Client, person: User, draft: RuleSet) -> None:
    def publish() -> None:
        approver = UserFactory(role=Role.APPROVER)
        proposed = propose(person)
        actions.publish(proposed, change_note="A change", lexicon=None, **acting(approver, Role.APPROVER))

    assert "The draft was published as edition 2." in overtaken(editor, publish)


def test_so_does_one_that_was_discarded_meanwhile(editor: Client, person: User, draft: RuleSet) -> None:
    told = overtaken(editor, lambda: actions.discard_draft(draft, **acting(person)))
    assert "The draft was discarded." in told


def test_a_new_rule_for_a_draft_that_is_gone_leaves_its_words(editor: Client, person: User, draft: RuleSet) -> None:
    sent = changed(form_data_of(editor.get(ADD_RULE)), name="a new rule", why="Words of mine.")
    actions.discard_draft(draft, **acting(person))
    response = editor.post(ADD_RULE, sent)
    assert response.status_code == 409
    assert "Words of mine." in words(response)


def test_a_new_rule_goes_into_another_draft_only_knowingly(editor: Client, person: User, draft: RuleSet) -> None:
    sent = changed(form_data_of(editor.get(ADD_RULE)), **NEW_RULE)
    actions.discard_draft(draft, **acting(person))
    started(person)
    told = editor.post(ADD_RULE, sent)
    assert told.status_code == 409
    assert "The draft is another one than when you opened this page" in words(told, "//*[@role='alert']")
    assert editor.post(ADD_RULE, form_data_of(told)).status_code == 302


# Who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [each for each in Role if each not in (Role.EDITOR, Role.APPROVER)])
def test_nobody_else_comes_near(client_of: ClientOf, draft: RuleSet, role: Role) -> None:
    client = client_of(UserFactory(role=role))
    for address in (page("pregnancy"), ADD_RULE, "/admin/screening/rule/999/change/"):
        assert {client.get(address).status_code, client.post(address).status_code} == {403}


def test_an_approver_reads_it_in_words(client_of: ClientOf, draft: RuleSet) -> None:
    approver = client_of(UserFactory(role=Role.APPROVER))
    response = approver.get(page("opioid-use"))
    assert "Only editors change what stands here." in words(response)
    assert "Naltrexone blocks opioid receptors." in words(response)
    assert "Short-acting" in words(response)
    assert not html.fromstring(response.content.decode()).xpath("//main//input|//main//textarea|//main//select")
    assert {approver.post(page("opioid-use")).status_code, approver.get(ADD_RULE).status_code} == {403}


def test_a_proposed_draft_is_read_in_words(editor: Client, person: User, draft: RuleSet) -> None:
    propose(person)
    response = editor.get(page("opioid-use"))
    assert "The draft was proposed by Sample Editor." in words(response)
    assert not html.fromstring(response.content.decode()).xpath("//main//input|//main//textarea|//main//select")


def test_without_a_draft_there_is_nothing_to_add_to(editor: Client) -> None:
    response = editor.get(ADD_RULE)
    assert response.headers["Location"] == "/admin/screening/ruleset/"
    assert editor.post(ADD_RULE).status_code == 409


@pytest.mark.parametrize("pk", ["999", "99999999999999999999", "x", "-1"])
def test_a_rule_that_never_was_is_not_found(editor: Client, draft: RuleSet, pk: str) -> None:
    address = f"/admin/screening/rule/{pk}/change/"
    assert (editor.get(address).status_code, editor.post(address).status_code) == (404, 404)


def test_the_list_of_rules_is_the_page_of_the_draft(editor: Client, draft: RuleSet) -> None:
    assert editor.get("/admin/screening/rule/").headers["Location"] == "/admin/screening/ruleset/"


def test_no_script_and_no_style_of_the_stock_admin_is_on_the_page(editor: Client, draft: RuleSet) -> None:
    content = editor.get(page("pregnancy")).content.decode()
    assert "/static/admin/" not in content
    assert "style=" not in content
