"""The page of a rule: saving, errors, link ids, lists, follow-ups, editing at the same time, and permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from lxml import html

from screening.drafts import actions
from screening.models import Change, DraftChange, FollowUp, Rule, RuleSet, User
from tests.drafts import acting, started
from tests.edit_pages import ADD_RULE, changed, form_data_of, page_of, save
from tests.pages import beside, links, messages, words
from tests.rules import shipped_rules

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

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
    "find_out": "Check the creatinine.",
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
    """The URL of the page of a rule of the draft."""
    return page_of(rule(link_id))


def history() -> list[Any]:
    """The changes of rules and cases in the draft's history."""
    changes = [each for each in Change if each.startswith(("rule_", "case_"))]
    return list(DraftChange.objects.filter(what__in=changes).order_by("pk"))


def message_after(client: Client, response: Any) -> str:
    """The message on the page that a redirect leads to."""
    assert response.status_code == 302, messages(response)
    return words(client.get(response.headers["Location"]), "//p[contains(@class,'message')]")


def add(client: Client, **changes: Any) -> Any:
    """Open the page of a new rule, fill it in and save."""
    return save(client, ADD_RULE, **NEW_RULE | changes)


# Saving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link_id", RULES)
def test_saving_an_unchanged_rule_changes_nothing(editor: Client, draft: RuleSet, link_id: str) -> None:
    before = rule(link_id)
    assert save(editor, page(link_id)).status_code == 302
    assert rule(link_id).plain() == before.plain()
    assert rule(link_id).revision == before.revision
    assert history() == []


def test_a_change_is_saved_and_recorded_in_the_history(editor: Client, person: User, draft: RuleSet) -> None:
    response = save(editor, page("pregnancy"), why="  Because of\nthe <b>foetus</b>. ")
    assert response.headers["Location"] == "/draft/rules/pregnancy/"
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


def test_markup_is_shown_as_text(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), name="<script>alert(1)</script>")
    response = editor.get(page("pregnancy"))
    assert "<script>alert(1)</script>" in words(response, "//h1")
    assert b"<script>alert" not in response.content


def test_a_changed_text_loses_its_reviewer(editor: Client, draft: RuleSet) -> None:
    Rule.objects.update(checked_by="Dr Sample, 1 November 2026")
    save(editor, page("pregnancy"), next_review="1 Nov 2028")
    assert rule("pregnancy").checked_by == "Dr Sample, 1 November 2026"
    save(editor, page("pregnancy"), why="For another reason.")
    assert rule("pregnancy").checked_by == ""


def test_the_reviewer_is_shown_and_cannot_be_edited(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), checked_by="Myself")
    assert rule("pregnancy").checked_by == ""
    assert "Nobody yet" in words(editor.get(page("pregnancy")))


def test_save_stays_on_the_page(editor: Client, draft: RuleSet) -> None:
    response = save(editor, page("pregnancy"), why="For another reason.", save="stay")
    assert response.headers["Location"] == page("pregnancy")
    assert "Rule “Pregnancy” saved." in message_after(editor, response)


def test_save_and_back_leads_to_the_draft(editor: Client, draft: RuleSet) -> None:
    response = save(editor, page("pregnancy"), why="For another reason.", save="back")
    assert response.headers["Location"] == "/draft/"
    assert "Rule “Pregnancy” saved." in message_after(editor, response)


def test_saving_reports_that_every_case_is_as_expected(editor: Client, draft: RuleSet) -> None:
    message = message_after(editor, save(editor, page("pregnancy"), why="For another reason."))
    assert message == "Rule “Pregnancy” saved. Every case gives the result that it expects."


def test_saving_reports_the_cases_that_are_not_as_expected(editor: Client, draft: RuleSet) -> None:
    message = message_after(editor, save(editor, page("pregnancy"), severity="caution"))
    assert "cases are not as expected: case " in message
    assert "expects “Contraindication flagged”, found “Caution flagged”" in message


def test_saving_reports_other_faults_and_the_page_lists_them(editor: Client, draft: RuleSet) -> None:
    FollowUp.objects.filter(rule=rule("opioid-use"), link_id="last-dose").delete()
    message = message_after(editor, save(editor, page("opioid-use"), why="For another reason."))
    assert "1 problem to fix" in message
    response = editor.get(page("opioid-use"))
    assert "An opioid-free interval needs one follow-up" in words(response, "//form")
    assert "/draft/rules/opioid-use/#details" in links(response, "//form")


def test_a_page_has_far_fewer_fields_than_the_server_accepts(editor: Client, draft: RuleSet) -> None:
    counts = {link_id: len(form_data_of(editor.get(page(link_id)))) for link_id in RULES}
    assert max(counts.values()) < 400


# Errors -------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    **{
        f"no {name}": ({name: " "}, name, message)
        for name, message in {
            "name": "Enter the name.",
            "question": "Enter the question.",
            "why": "Enter why it matters.",
            "severity_words": "Enter the severity in words.",
            "finding": "Enter the finding.",
            "next_step": "Enter the next step.",
            "find_out": "Enter how to find out.",
            "authored_by": "Enter who wrote it.",
            "holds_days": "Enter how many days an answer holds",
            "next_review": "Enter the date of the next review",
        }.items()
    },
    "a verdict": ({"finding": "Not safe"}, "finding", "“safe” is a verdict"),
    "a text too long": ({"why": "x" * 4001}, "why", "Use at most 4000 characters; this has 4001."),
    "a name too long": ({"name": "x" * 201}, "name", "Use at most 200 characters; this has 201."),
    "an invisible character": ({"why": "a\u202eb"}, "why", "Character 2 cannot be shown or printed"),
    "an ambiguous date": ({"next_review": "1/2/2027"}, "next_review", "Write the month in letters"),
    "too many days": ({"holds_days": "4000"}, "holds_days", "Enter 3660 days or less."),
    "a source without a title": ({"sources__0__title": ""}, "sources-0-title", "Enter the title of the source."),
    "a reason without a label": (
        {"not_applicable_reasons__0__label": ""},
        "not_applicable_reasons-0-label",
        "Enter the label that clinicians choose.",
    ),
}


def test_an_error_is_shown_beside_its_field_and_nothing_is_saved(editor: Client, draft: RuleSet) -> None:
    opened = form_data_of(editor.get(page("pregnancy")))
    for case, (changes, name, expected) in REFUSED.items():
        response = editor.post(page("pregnancy"), changed(opened, **changes))
        assert response.status_code == 422, case
        assert any(expected in message for message in messages(response)), (case, messages(response))
        assert not name or any(expected in message for message in beside(response, name)), case
    assert history() == []


def test_an_invalid_form_keeps_its_submitted_data(editor: Client, draft: RuleSet) -> None:
    data = changed(form_data_of(editor.get(page("pregnancy"))), name=["x" * 300], why=["My text."])
    response = editor.post(page("pregnancy"), data)
    shown = form_data_of(response)
    assert shown["name"] == ["x" * 300]
    signed = {"form_owner"}  # with the time
    assert {name: values for name, values in shown.items() if any(values) and name not in signed} == {
        name: values for name, values in data.items() if any(values) and name not in signed
    }


def test_the_last_source_cannot_be_removed(editor: Client, draft: RuleSet) -> None:
    number = len(rule("breastfeeding").sources)
    response = save(editor, page("breastfeeding"), **{f"sources__{each}__DELETE": "on" for each in range(number)})
    assert messages(response) == ["Sources: Add at least one source. If there is no better one, add an opinion."]


def test_every_link_of_the_error_summary_leads_to_its_field(editor: Client, draft: RuleSet) -> None:
    response = save(
        editor,
        page("opioid-use"),
        name="",
        severity=None,
        sources__0__kind="",
    )
    targets = html.fromstring(response.content.decode()).xpath("//*[contains(@class,'errors')]//a/@href")
    ids = html.fromstring(response.content.decode()).xpath("//@id")
    assert len(targets) == 3
    assert {each.removeprefix("#") for each in targets} <= set(ids)


@pytest.mark.parametrize(
    "changes",
    [
        {"sources__TOTAL_FORMS": None},
        {"sources__TOTAL_FORMS": "9" * 9},
        {"sources__TOTAL_FORMS": "9" * 5000},
        {"sources__TOTAL_FORMS": "-3"},
        {"sources__TOTAL_FORMS": "5000"},
        {"sources__INITIAL_FORMS": "99"},
        {"sources__INITIAL_FORMS": "x"},
        {"sources__0__ORDER": "9" * 400},
        {"sources__0__ORDER": "first"},
        {"sources__0__ORDER": "٣"},
        {"row": "9" * 30},
        {"row": "x"},
        {"row": "-1"},
        {"row": ""},
        {"draft": "x"},
        {"add": "nothing"},
        {"add": "sources", "sources__TOTAL_FORMS": None},
        {"add": "sources", "sources__TOTAL_FORMS": "5000"},
        {"sources__0__kind": "\x00"},
        {"not_applicable_reasons__9999__label": "x"},
        {"seen": "9" * 99},
    ],
)
def test_manipulated_data_never_causes_a_server_error(
    editor: Client, draft: RuleSet, changes: dict[str, Any]
) -> None:
    before = rule("pregnancy").plain()
    status = save(editor, page("pregnancy"), **changes).status_code
    assert status in {200, 302, 404, 409, 422}
    assert rule("pregnancy").plain() == before


def test_the_row_of_another_rule_or_draft_is_not_changed(editor: Client, person: User, draft: RuleSet) -> None:
    other = rule("breastfeeding")
    assert save(editor, page("pregnancy"), row=str(other.pk), why="Mine.").status_code == 404
    actions.discard_draft(draft, **acting(person))
    started(person)
    response = save(editor, page("pregnancy"), row=str(other.pk), why="Mine.")
    assert response.status_code == 404
    closed = Rule.objects.get(rule_set=draft, link_id="pregnancy")
    assert save(editor, page("pregnancy"), row=str(closed.pk), why="Mine.").status_code == 409
    assert not Rule.objects.filter(why="Mine.").exists()


# The link id --------------------------------------------------------------------------------------------------


def test_a_new_rule_is_added_at_the_end_and_recorded_in_the_history(editor: Client, draft: RuleSet) -> None:
    message = message_after(editor, add(editor))
    added = rule("renal-impairment")
    assert added.position == max(draft.rules.values_list("position", flat=True))
    assert (added.holds_days, added.listed, added.checked_by) == (90, None, "")
    (change,) = history()
    assert (change.what, change.before, change.after) == (Change.RULE_ADDED, None, added.plain())
    assert "Rule “Renal impairment” saved. 1 problem to fix" in message


@pytest.mark.parametrize(
    ("link_id", "message"),
    [
        ("", "Enter a link id."),
        ("Renal", "Use lower-case letters, digits and hyphens"),
        ("medications", "is a field name of the screening form"),
        ("pregnancy", "“pregnancy” was used by edition 1 and is never reused; restore that rule instead"),
        ("naltrexone-product", "was used by edition 1"),
    ],
)
def test_an_invalid_link_id_is_refused(editor: Client, draft: RuleSet, link_id: str, message: str) -> None:
    response = add(editor, link_id=link_id)
    assert response.status_code == 422
    assert any(message in each for each in beside(response, "link_id"))


def test_the_link_id_of_a_retired_rule_is_never_reused(editor: Client, person: User, draft: RuleSet) -> None:
    actions.retire_rule(rule("breastfeeding"), **acting(person))
    assert "was used by edition 1" in messages(add(editor, link_id="breastfeeding"))[0]


def test_a_link_id_that_the_draft_already_has_is_refused(editor: Client, draft: RuleSet) -> None:
    add(editor)
    assert "The draft already has a rule “renal-impairment”" in messages(add(editor, name="another rule"))[0]


def test_a_published_link_id_is_shown_and_cannot_be_edited(editor: Client, draft: RuleSet) -> None:
    assert "link_id" not in form_data_of(editor.get(page("pregnancy")))
    assert "It is published, so it cannot be changed." in words(editor.get(page("pregnancy")))
    save(editor, page("pregnancy"), link_id="expecting")
    assert rule("pregnancy")


def test_an_unpublished_link_id_can_be_changed_and_cases_follow(editor: Client, person: User, draft: RuleSet) -> None:
    add(editor)
    case = draft.cases.first()
    assert case
    case.answers, case.flagged = {"renal-impairment": "yes"}, ["renal-impairment"]
    actions.save_case(case, **acting(person))
    response = save(editor, page("renal-impairment"), link_id="kidneys")
    assert response.headers["Location"] == "/draft/rules/kidneys/"
    case.refresh_from_db()
    assert (case.answers, case.flagged) == ({"kidneys": "yes"}, ["kidneys"])
    assert [each.what for each in history()][-2:] == [Change.RULE_CHANGED, Change.CASE_CHANGED]


# Lists --------------------------------------------------------------------------------------------------------


def test_a_source_is_added_after_the_button_for_another_row(editor: Client, draft: RuleSet) -> None:
    number = len(rule("pregnancy").sources)
    response = save(editor, page("pregnancy"), add="sources", why="My reason.", next_review="soon")
    assert response.status_code == 200
    shown = form_data_of(response)
    assert (shown["why"], shown["next_review"]) == (["My reason."], ["soon"])
    assert messages(response) == []
    assert history() == []
    new = {f"sources__{number}__kind": "opinion", f"sources__{number}__title": "Our clinic"}
    assert editor.post(page("pregnancy"), changed(shown, next_review="1 Nov 2027", **new)).status_code == 302
    assert rule("pregnancy").why == "My reason."
    assert rule("pregnancy").sources[-1] == {
        "kind": "opinion",
        "region": "",
        "title": "Our clinic",
        "identifier": "",
        "supports": "",
    }


def test_a_source_is_removed_by_emptying_it_or_by_its_checkbox(editor: Client, draft: RuleSet) -> None:
    titles = [each["title"] for each in rule("opioid-use").sources]
    empty = {f"sources__0__{name}": "" for name in ("kind", "region", "title", "identifier", "supports")}
    save(editor, page("opioid-use"), **empty, sources__1__DELETE="on")
    assert [each["title"] for each in rule("opioid-use").sources] == titles[2:]


def test_the_draft_is_still_a_valid_definition_after_lists_changed(editor: Client, draft: RuleSet) -> None:
    save(editor, page("pregnancy"), not_applicable_reasons__0__DELETE="on")
    draft.refresh_from_db()
    item = draft.definition().item("pregnancy")
    assert [each.code for each in item.not_applicable_reasons] == ["no-uterus", "other"]
