"""The pages of the draft: start, edit rules and texts, add rules, compare, discard."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.drafts import actions as draft_actions
from screening.editions import actions as edition_actions
from screening.models import AuditEvent, Change, DraftChange, Edition, Review, RuleSet, User
from tests.drafts import DRAFT, HYPERSENSITIVITY, acting, address, changed, proposed, started, with_roles
from tests.factories import UserFactory
from tests.pages import links, messages, words
from tests.rules import shipped_rules

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
MARKUP = '<b>bold</b> & <script>alert("x")</script>'


def link_ids(draft: RuleSet) -> list[str]:
    return [rule.link_id for rule in draft.rules.all() if not rule.is_raised_by_list]


# Permissions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PRESCRIBER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_other_roles_cannot_read_a_draft(client_of: SignIn, edition: Edition, role: Role) -> None:
    client = client_of(UserFactory(role=role))
    started()
    for page in ("", "compare/", "history/", "library/", "propose/", "publish/", "texts/"):
        assert client.get(address(page)).status_code == 403


def test_anonymous_users_are_redirected_to_the_apps_sign_in_page(edition: Edition) -> None:
    response = Client().get(DRAFT)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/?next=/draft/")


def test_an_approver_can_read_but_not_edit(approver: Client) -> None:
    started()
    assert approver.get(address()).status_code == 200
    for page in ("texts/", "propose/", "discard/", "take-back/"):
        assert approver.post(address(page)).status_code == 403
    assert approver.post(f"{DRAFT}start/", {"edition": "1"}).status_code == 403


def test_an_editor_cannot_publish_or_send_back(editor: Client) -> None:
    proposed()
    for page in ("publish/", "send-back/"):
        assert editor.get(address(page)).status_code == 403
        assert editor.post(address(page)).status_code == 403
    assert Edition.objects.count() == 1


# Start and discard --------------------------------------------------------------------------------------------


def test_a_draft_is_started_from_an_edition(editor: Client) -> None:
    response = editor.post(f"{DRAFT}start/", {"edition": "1"}, follow=True)
    draft = RuleSet.objects.get(is_open=True)
    assert response.redirect_chain[-1][0] == address()
    assert "Started from edition 1" in words(response)
    assert draft.definition() == dataclasses.replace(shipped_rules(), lexicon="")


def test_only_one_draft_can_be_open(editor: Client) -> None:
    draft = started()
    response = editor.post(f"{DRAFT}start/", {"edition": "1"}, follow=True)
    assert "A draft is already open" in words(response)
    assert list(RuleSet.objects.filter(is_open=True)) == [draft]


@pytest.mark.parametrize("number", ["", "7", "-1", "one", "١", "9" * 30])
def test_a_draft_cannot_be_started_from_an_unknown_edition(editor: Client, number: str) -> None:
    assert editor.post(f"{DRAFT}start/", {"edition": number}).status_code == 404


def test_a_draft_without_changes_says_so_and_cannot_be_proposed(editor: Client) -> None:
    started()
    assert "No changes yet" in words(editor.get(address()))
    refused = editor.post(address("propose/"), {"change_note": "Nothing"})
    assert refused.status_code == 422
    assert "nothing to propose" in words(refused)


def test_a_draft_includes_review_confirmations(editor: Client, edition: Edition) -> None:
    clinician = UserFactory(last_name="Reviewer")
    who = acting(clinician, Role.CLINICIAN)
    day = who["at"].date().replace(year=who["at"].year + 1)
    edition_actions.confirm_review(edition, ["pregnancy"], next_review=day, **who)
    rule = started().rules.get(link_id="pregnancy")
    assert rule.checked_by.startswith("Sample Reviewer, ")
    assert rule.next_review == day


def test_a_discarded_draft_keeps_its_change_history_and_another_can_be_started(editor: Client) -> None:
    draft = changed()
    response = editor.post(address("discard/"), follow=True)
    assert "No draft is open" in words(response)
    assert DraftChange.objects.filter(rule_set=draft, what=Change.DISCARDED).exists()
    assert editor.post(f"{DRAFT}start/", {"edition": "1"}, follow=True).status_code == 200
    assert RuleSet.objects.filter(is_open=True).count() == 1


def test_retiring_a_rule_twice_retires_it_once(editor: Client) -> None:
    draft = started()
    sent = [editor.post(address("rules/breastfeeding/retire/"), follow=True) for _ in range(2)]
    assert ["is retired" in words(each) for each in sent] == [True, True]
    assert draft.changes.filter(what=Change.RULE_RETIRED).count() == 1
    assert editor.post(address("rules/unknown/retire/")).status_code == 404


OF_ANOTHER_DRAFT: dict[str, dict[str, str]] = {
    "discard/": {},
    "propose/": {"change_note": "A change"},
    "take-back/": {},
    "send-back/": {"comment": "Which label?"},
    "publish/": {"seen": "x"},
    "library/": {"rule": HYPERSENSITIVITY},
    "texts/": {"basis": "Mine.", "revision": "0"},
    "rules/pregnancy/move/": {"direction": "up"},
    "rules/pregnancy/retire/": {},
}


@pytest.mark.parametrize("page", OF_ANOTHER_DRAFT)
def test_a_form_of_a_discarded_draft_changes_nothing_in_the_next_one(
    client_of: SignIn, edition: Edition, page: str
) -> None:
    person = with_roles(Role.EDITOR, Role.APPROVER)
    closed = changed(person)
    actions.discard_draft(closed, **acting(person))
    draft = proposed() if page in ("take-back/", "send-back/", "publish/") else changed()
    before, changes = draft.plain(), DraftChange.objects.count()
    sent = OF_ANOTHER_DRAFT[page] | {"draft": str(closed.pk)}
    response = client_of(person).post(address(page), sent, follow=True)
    assert response.status_code in {200, 409}
    draft.refresh_from_db()
    assert (draft.plain(), draft.is_open, DraftChange.objects.count()) == (before, True, changes)


def test_after_a_draft_was_discarded_its_pages_are_not_found(editor: Client) -> None:
    started()
    editor.post(address("discard/"))
    for page in ("compare/", "history/", "library/", "texts/", "cases/", "rules/pregnancy/"):
        assert editor.get(address(page)).status_code == 404
    assert "No draft is open" in words(editor.get(address()))


# Rules --------------------------------------------------------------------------------------------------------


def test_a_rule_from_the_library_is_added_with_its_cases(editor: Client) -> None:
    draft = started()
    before = draft.cases.count()
    response = editor.post(address("library/"), {"rule": HYPERSENSITIVITY}, follow=True)
    assert link_ids(draft)[-1] == HYPERSENSITIVITY
    assert draft.cases.count() > before
    assert "Added, as question 5" in words(response)
    assert "Ready to be proposed" in words(response)


def test_a_rule_from_the_library_cannot_be_added_twice(editor: Client) -> None:
    draft = started()
    for _ in range(2):
        response = editor.post(address("library/"), {"rule": HYPERSENSITIVITY}, follow=True)
    assert "already has “hypersensitivity”" in words(response)
    assert link_ids(draft).count(HYPERSENSITIVITY) == 1


def test_a_draft_with_every_rule_of_the_library_can_be_proposed(editor: Client) -> None:
    started()
    for rule in editor.get(address("library/")).context["further"].rules:
        editor.post(address("library/"), {"rule": rule.item.link_id})
    response = editor.get(address())
    assert "Ready to be proposed" in words(response)


def test_a_line_of_advice_is_added_to_the_advice_for_patients(editor: Client) -> None:
    draft = started()
    editor.post(address("library/"), {"advice": "0"})
    draft.refresh_from_db()
    assert len(draft.counselling) == len(shipped_rules().counselling) + 1


@pytest.mark.parametrize("sent", [{"rule": "no-such-rule"}, {"advice": "99"}, {"advice": "x"}, {}])
def test_an_unknown_rule_or_line_is_refused_with_a_message(editor: Client, sent: dict[str, str]) -> None:
    draft = started()
    response = editor.post(address("library/"), sent, follow=True)
    assert response.status_code == 200
    assert draft.changes.count() == 1


def test_a_rule_is_swapped_with_its_neighbour(editor: Client) -> None:
    draft = started()
    before = link_ids(draft)
    second = draft.rules.get(link_id=before[1])
    editor.post(address(f"rules/{second.link_id}/move/"), {"direction": "up"})
    assert link_ids(draft) == [before[1], before[0], *before[2:]]


def test_the_first_rule_cannot_be_moved_up(editor: Client) -> None:
    draft = started()
    before = link_ids(draft)
    first = draft.rules.get(link_id=before[0])
    editor.post(address(f"rules/{first.link_id}/move/"), {"direction": "up"})
    assert link_ids(draft) == before
    assert not draft.changes.filter(what=Change.RULE_MOVED).exists()


def test_retiring_a_rule_removes_the_cases_that_concern_only_this_rule(editor: Client) -> None:
    draft = started()
    rule = draft.rules.get(link_id="breastfeeding")
    response = editor.post(address(f"rules/{rule.link_id}/retire/"), follow=True)
    assert "breastfeeding" not in link_ids(draft)
    assert not [case for case in draft.cases.all() if "breastfeeding" in {*case.answers, *case.flagged}]
    assert "No longer asked" in words(editor.get(address("compare/")))
    assert "will no longer be asked" in words(response)


def test_retiring_a_rule_asks_for_confirmation(editor: Client) -> None:
    draft = started()
    rule = draft.rules.get(link_id="breastfeeding")
    response = editor.get(address(f"rules/{rule.link_id}/retire/"))
    assert "Retire “breastfeeding”?" in words(response)
    assert "breastfeeding" in link_ids(draft)


# General texts ------------------------------------------------------------------------------------------------


def texts_data(draft: RuleSet, **texts: str) -> dict[str, str]:
    """Return the data that the form of the general texts submits."""
    current = {name: "\n".join(each) if isinstance(each, list) else str(each) for name, each in draft.texts().items()}
    return {**current, "revision": str(draft.revision), **texts}


def test_a_changed_text_is_saved_and_added_to_the_change_history(editor: Client) -> None:
    draft = started()
    editor.post(address("texts/"), texts_data(draft, basis="Another basis."))
    draft.refresh_from_db()
    assert draft.basis == "Another basis."
    text = words(editor.get(address("history/")))
    assert "Changed the general texts" in text
    assert "Another basis." in text


def test_unchanged_texts_leave_no_entry_in_the_change_history(editor: Client) -> None:
    draft = started()
    editor.post(address("texts/"), texts_data(draft))
    assert [each.what for each in draft.changes.all()] == [Change.STARTED]


def test_the_second_editor_sees_what_changed_and_keeps_their_entries(editor: Client) -> None:
    draft = started()
    mine = texts_data(draft, basis="My basis.")
    draft_actions.change_texts(
        draft, {"basis": "Their basis."}, revision=0, **acting(UserFactory(last_name="Second"))
    )
    response = editor.post(address("texts/"), mine)
    draft.refresh_from_db()
    assert (response.status_code, draft.basis) == (409, "Their basis.")
    text = words(response, "//*[@aria-labelledby='stale']")
    assert "Basis of the rules, changed by Sample Second" in text
    assert "Their basis." in words(response, "//*[@id='div_id_basis']")
    assert "My basis." in words(response, "//textarea[@name='basis']")


def test_saving_again_after_a_conflict_overwrites_the_other_text(editor: Client) -> None:
    draft = started()
    mine = texts_data(draft, basis="My basis.")
    draft_actions.change_texts(draft, {"basis": "Their basis."}, revision=0, **acting(UserFactory()))
    editor.post(address("texts/"), mine)
    assert editor.post(address("texts/"), {**mine, "revision": "1"}).status_code == 302
    draft.refresh_from_db()
    assert draft.basis == "My basis."


def test_texts_submitted_after_the_draft_was_proposed_are_not_saved_but_shown(editor: Client) -> None:
    draft = proposed()
    response = editor.post(address("texts/"), texts_data(draft, basis="Too late."))
    draft.refresh_from_db()
    assert response.status_code == 409
    assert draft.basis == "Another basis."
    assert "Too late." in words(response, "//textarea[@name='basis']")


@pytest.mark.parametrize(
    ("field", "sent", "sentence"),
    [
        ("title", "", "Enter the title."),
        ("title", "x" * 201, "Use at most 200 characters; this has 201."),
        ("basis", "x" * 4001, "Use at most 4000 characters; this has 4001."),
        ("basis", "a\x00b", "Character 2 cannot be shown"),
        ("basis", "a\u202eb", "Character 2 cannot be shown"),
        ("not_covered", "", "Enter at least one item"),
        ("not_covered", "Fine\n" + "x" * 401, "Line 2: use at most 400 characters; it has 401."),
        ("not_covered", "x\n" * 41, "Use at most 40 lines; this has 41."),
        ("counselling", "Fine\nNot\u200b fine", "Line 2: Character 4 cannot be shown"),
        ("dose_low_mg", "much", "This is not a number."),
        ("dose_high_mg", "0.2", "This is below the low end of the range."),
        ("revision", "now", ""),
    ],
)
def test_an_invalid_text_is_returned_with_a_message(editor: Client, field: str, sent: str, sentence: str) -> None:
    draft = started()
    response = editor.post(address("texts/"), texts_data(draft, **{field: sent}))
    assert response.status_code == 422
    assert any(sentence in each for each in messages(response)) or not sentence
    assert not draft.changes.exclude(what=Change.STARTED).exists()


def test_a_field_that_is_not_part_of_the_form_is_refused(editor: Client) -> None:
    draft = started()
    response = editor.post(address("texts/"), texts_data(draft, is_open="0"))
    assert response.status_code == 422


def test_markup_in_a_text_is_escaped(editor: Client) -> None:
    draft = started()
    editor.post(address("texts/"), texts_data(draft, basis=MARKUP, not_covered=MARKUP))
    for page in ("texts/", "compare/", "history/"):
        response = editor.get(address(page))
        assert MARKUP in words(response)
        assert b"<script>alert" not in response.content


# Comparison and change history --------------------------------------------------------------------------------


def test_the_comparison_with_the_edition_in_use_is_word_by_word(editor: Client) -> None:
    changed(basis="Written for 50 mg a day or 380 mg monthly; no label covers LDN anywhere.")
    text = words(editor.get(address("compare/")))
    assert "The draft compared with edition 1" in text
    assert "anywhere" in text


def test_the_change_history_names_who_did_what(editor: Client) -> None:
    proposed(UserFactory(role=Role.EDITOR, last_name="Author"), note="A better basis")
    text = words(editor.get(address("history/")))
    assert "Sample Author, editor" in text
    assert "Proposed the draft" in text
    assert "A better basis" in text


def test_every_page_of_the_draft_links_back_to_it(editor: Client) -> None:
    changed()
    for page in ("texts/", "library/", "history/", "compare/", "propose/"):
        assert address() in links(editor.get(address(page)))


def test_changes_of_a_draft_are_audited(editor: Client) -> None:
    draft = changed()
    events = AuditEvent.objects.filter(subject=f"rule set {draft.pk}")
    assert [event.details.get("what") for event in events] == [Change.STARTED, Change.TEXTS_CHANGED]
    assert not Review.objects.exists()
