"""The draft's pages: begun, looked at, ordered, told, brought in, discarded."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from django.test import Client

from screening.accounts.permissions import Role
from screening.drafts import actions as draft_actions
from screening.editions import actions as edition_actions
from screening.models import AuditEvent, Change, DraftChange, Edition, Review, RuleSet, User
from tests.drafts import DRAFT, HYPERSENSITIVITY, acting, address, changed, proposed, started
from tests.factories import UserFactory
from tests.pages import links, messages, words
from tests.rules import shipped_rules

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
MARKUP = '<b>bold</b> & <script>alert("x")</script>'


def link_ids(draft: RuleSet) -> list[str]:
    return [rule.link_id for rule in draft.rules.all() if not rule.is_raised_by_list]


# Who may enter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PRESCRIBER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_nobody_else_reads_a_draft(client_of: SignIn, edition: Edition, role: Role) -> None:
    client, draft = client_of(UserFactory(role=role)), started()
    for page in ("change/", "difference/", "history/", "further/", "propose/", "publish/", "texts/"):
        assert client.get(address(draft, page)).status_code == 403


def test_who_is_not_signed_in_is_sent_to_the_apps_own_sign_in(edition: Edition) -> None:
    response = Client().get(DRAFT)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/?next=/admin/")


def test_the_admins_own_sign_in_leads_to_the_apps(edition: Edition) -> None:
    assert Client().get("/admin/login/").headers["Location"].startswith("/accounts/login/")


def test_an_approver_reads_and_changes_nothing(approver: Client) -> None:
    draft = started()
    assert approver.get(address(draft)).status_code == 200
    for page in ("texts/", "propose/", "discard/", "take-back/"):
        assert approver.post(address(draft, page)).status_code == 403
    assert approver.post(f"{DRAFT}start/", {"edition": "1"}).status_code == 403


def test_an_editor_publishes_and_sends_back_nothing(editor: Client) -> None:
    draft = proposed()
    for page in ("publish/", "send-back/"):
        assert editor.get(address(draft, page)).status_code == 403
        assert editor.post(address(draft, page)).status_code == 403
    assert Edition.objects.count() == 1


@pytest.mark.parametrize("page", ["user/", "edition/", "screening/", "auditevent/"])
def test_the_admin_holds_nothing_but_the_draft(editor: Client, page: str) -> None:
    assert editor.get(f"/admin/screening/{page}").status_code == 404


# A draft begins and ends --------------------------------------------------------------------------------------


def test_a_draft_is_started_from_an_edition(editor: Client) -> None:
    response = editor.post(f"{DRAFT}start/", {"edition": "1"}, follow=True)
    draft = RuleSet.objects.get(is_open=True)
    assert response.redirect_chain[-1][0] == address(draft)
    assert "Started from edition 1" in words(response)
    assert draft.definition() == dataclasses.replace(shipped_rules(), lexicon="")


def test_there_is_one_draft_at_a_time(editor: Client) -> None:
    draft = started()
    response = editor.post(f"{DRAFT}start/", {"edition": "1"}, follow=True)
    assert "A draft is open already" in words(response)
    assert list(RuleSet.objects.filter(is_open=True)) == [draft]


@pytest.mark.parametrize("number", ["", "7", "-1", "one", "١", "9" * 30])
def test_a_draft_is_started_from_no_edition_that_does_not_exist(editor: Client, number: str) -> None:
    assert editor.post(f"{DRAFT}start/", {"edition": number}).status_code == 404


def test_a_draft_that_is_the_same_as_the_edition_in_use_says_so(editor: Client) -> None:
    draft = started()
    assert "Nothing changed yet" in words(editor.get(address(draft)))
    refused = editor.post(address(draft, "propose/"), {"change_note": "Nothing"})
    assert refused.status_code == 422
    assert "nothing to propose" in words(refused)


def test_a_draft_begins_with_the_reviews_that_were_signed(editor: Client, edition: Edition) -> None:
    clinician = UserFactory(last_name="Reviewer")
    who = acting(clinician, Role.CLINICIAN)
    day = who["at"].date().replace(year=who["at"].year + 1)
    edition_actions.sign_review(edition, ["pregnancy"], next_review=day, **who)
    rule = started().rules.get(link_id="pregnancy")
    assert rule.checked_by.startswith("Sample Reviewer, ")
    assert rule.next_review == day


def test_a_discarded_draft_keeps_its_history_and_makes_room(editor: Client) -> None:
    draft = changed()
    response = editor.post(address(draft, "discard/"), follow=True)
    assert "No draft is open" in words(response)
    assert DraftChange.objects.filter(rule_set=draft, what=Change.DISCARDED).exists()
    assert editor.post(f"{DRAFT}start/", {"edition": "1"}, follow=True).status_code == 200
    assert RuleSet.objects.filter(is_open=True).count() == 1


def test_the_page_of_a_discarded_draft_is_gone(editor: Client) -> None:
    draft = started()
    editor.post(address(draft, "discard/"))
    assert editor.get(address(draft)).status_code == 404


# Its rules ----------------------------------------------------------------------------------------------------


def test_a_further_rule_comes_with_its_cases(editor: Client) -> None:
    draft = started()
    before = draft.cases.count()
    response = editor.post(address(draft, "further/"), {"rule": HYPERSENSITIVITY}, follow=True)
    assert link_ids(draft)[-1] == HYPERSENSITIVITY
    assert draft.cases.count() > before
    assert "Added, as question 5" in words(response)
    assert "Ready to be proposed" in words(response)


def test_a_further_rule_is_brought_in_once(editor: Client) -> None:
    draft = started()
    for _ in range(2):
        response = editor.post(address(draft, "further/"), {"rule": HYPERSENSITIVITY}, follow=True)
    assert "has “hypersensitivity” already" in words(response)
    assert link_ids(draft).count(HYPERSENSITIVITY) == 1


def test_every_further_rule_can_be_brought_in_and_the_draft_still_be_proposed(editor: Client) -> None:
    draft = started()
    for rule in editor.get(address(draft, "further/")).context["further"].rules:
        editor.post(address(draft, "further/"), {"rule": rule.item.link_id})
    response = editor.get(address(draft))
    assert "Ready to be proposed" in words(response)


def test_a_line_of_advice_is_added_to_what_the_patient_is_told(editor: Client) -> None:
    draft = started()
    editor.post(address(draft, "further/"), {"advice": "0"})
    draft.refresh_from_db()
    assert len(draft.counselling) == len(shipped_rules().counselling) + 1


@pytest.mark.parametrize("sent", [{"rule": "no-such-rule"}, {"advice": "99"}, {"advice": "x"}, {}])
def test_what_is_no_further_rule_is_refused_in_words(editor: Client, sent: dict[str, str]) -> None:
    draft = started()
    response = editor.post(address(draft, "further/"), sent, follow=True)
    assert response.status_code == 200
    assert draft.changes.count() == 1


def test_a_rule_changes_places_with_its_neighbour(editor: Client) -> None:
    draft = started()
    before = link_ids(draft)
    second = draft.rules.get(link_id=before[1])
    editor.post(address(draft, f"rules/{second.pk}/move/"), {"to": "earlier"})
    assert link_ids(draft) == [before[1], before[0], *before[2:]]


def test_the_first_rule_cannot_be_asked_earlier(editor: Client) -> None:
    draft = started()
    before = link_ids(draft)
    first = draft.rules.get(link_id=before[0])
    editor.post(address(draft, f"rules/{first.pk}/move/"), {"to": "earlier"})
    assert link_ids(draft) == before
    assert not draft.changes.filter(what=Change.RULE_MOVED).exists()


def test_a_retired_rule_takes_along_the_cases_that_are_about_nothing_else(editor: Client) -> None:
    draft = started()
    rule = draft.rules.get(link_id="breastfeeding")
    response = editor.post(address(draft, f"rules/{rule.pk}/retire/"), follow=True)
    assert "breastfeeding" not in link_ids(draft)
    assert not [case for case in draft.cases.all() if "breastfeeding" in {*case.answers, *case.flagged}]
    assert "No longer asked" in words(editor.get(address(draft, "difference/")))
    assert "will no longer be asked" in words(response)


def test_retiring_is_asked_before_it_is_done(editor: Client) -> None:
    draft = started()
    rule = draft.rules.get(link_id="breastfeeding")
    response = editor.get(address(draft, f"rules/{rule.pk}/retire/"))
    assert "Retire “breastfeeding”?" in words(response)
    assert "breastfeeding" in link_ids(draft)


def test_a_retired_rule_that_is_sent_twice_is_gone_in_peace(editor: Client) -> None:
    draft = started()
    rule = draft.rules.get(link_id="breastfeeding")
    where = address(draft, f"rules/{rule.pk}/retire/")
    assert [editor.post(where).status_code for _ in range(2)] == [302, 404]


# Its texts ----------------------------------------------------------------------------------------------------


def typed(draft: RuleSet, **texts: str) -> dict[str, str]:
    """The texts as their form sends them."""
    kept = {name: "\n".join(each) if isinstance(each, list) else str(each) for name, each in draft.texts().items()}
    return {**kept, "revision": str(draft.revision), **texts}


def test_a_text_is_changed_and_put_on_the_history(editor: Client) -> None:
    draft = started()
    editor.post(address(draft, "texts/"), typed(draft, basis="Another basis."))
    draft.refresh_from_db()
    assert draft.basis == "Another basis."
    told = words(editor.get(address(draft, "history/")))
    assert "Changed the texts of the rule set" in told
    assert "Another basis." in told


def test_texts_that_are_saved_as_they_were_leave_no_trace(editor: Client) -> None:
    draft = started()
    editor.post(address(draft, "texts/"), typed(draft))
    assert [each.what for each in draft.changes.all()] == [Change.STARTED]


def test_the_second_editor_is_told_what_changed_and_keeps_what_they_typed(editor: Client) -> None:
    draft = started()
    mine = typed(draft, basis="My basis.")
    draft_actions.change_texts(
        draft, {"basis": "Their basis."}, revision=0, **acting(UserFactory(last_name="Second"))
    )
    response = editor.post(address(draft, "texts/"), mine)
    draft.refresh_from_db()
    assert (response.status_code, draft.basis) == (409, "Their basis.")
    told = words(response, "//*[@aria-labelledby='stale']")
    assert "Basis of the rules, changed by Sample Second" in told
    assert "Their basis." in words(response, "//*[@id='div_id_basis']")
    assert "My basis." in words(response, "//textarea[@name='basis']")


def test_saving_once_more_after_being_told_is_a_knowing_choice(editor: Client) -> None:
    draft = started()
    mine = typed(draft, basis="My basis.")
    draft_actions.change_texts(draft, {"basis": "Their basis."}, revision=0, **acting(UserFactory()))
    editor.post(address(draft, "texts/"), mine)
    assert editor.post(address(draft, "texts/"), {**mine, "revision": "1"}).status_code == 302
    draft.refresh_from_db()
    assert draft.basis == "My basis."


def test_texts_of_a_draft_that_was_proposed_meanwhile_are_not_saved_and_not_lost(editor: Client) -> None:
    draft = proposed()
    response = editor.post(address(draft, "texts/"), typed(draft, basis="Too late."))
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
def test_a_text_with_a_fault_comes_back_with_a_sentence(editor: Client, field: str, sent: str, sentence: str) -> None:
    draft = started()
    response = editor.post(address(draft, "texts/"), typed(draft, **{field: sent}))
    assert response.status_code == 422
    assert any(sentence in each for each in messages(response)) or not sentence
    assert not draft.changes.exclude(what=Change.STARTED).exists()


def test_a_field_that_is_none_of_the_form_is_refused(editor: Client) -> None:
    draft = started()
    response = editor.post(address(draft, "texts/"), typed(draft, is_open="0"))
    assert response.status_code == 422


def test_markup_in_a_text_is_shown_as_typed(editor: Client) -> None:
    draft = started()
    editor.post(address(draft, "texts/"), typed(draft, basis=MARKUP, not_covered=MARKUP))
    for page in ("texts/", "difference/", "history/"):
        response = editor.get(address(draft, page))
        assert MARKUP in words(response)
        assert b"<script>alert" not in response.content


# What it differs in -------------------------------------------------------------------------------------------


def test_the_difference_to_the_edition_in_use_is_told_word_by_word(editor: Client) -> None:
    draft = changed(basis="Written for 50 mg a day or 380 mg monthly; no label covers LDN anywhere.")
    told = words(editor.get(address(draft, "difference/")))
    assert "The draft against edition 1" in told
    assert "anywhere" in told


def test_the_history_names_who_did_what(editor: Client) -> None:
    draft = proposed(UserFactory(role=Role.EDITOR, last_name="Author"), note="A better basis")
    told = words(editor.get(address(draft, "history/")))
    assert "Sample Author, editor" in told
    assert "Proposed it to the approver" in told
    assert "A better basis" in told


def test_every_page_of_the_draft_leads_back_to_it(editor: Client) -> None:
    draft = changed()
    for page in ("texts/", "further/", "history/", "difference/", "propose/"):
        assert address(draft) in links(editor.get(address(draft, page)))


def test_a_draft_leaves_no_patient_data_and_a_trail(editor: Client) -> None:
    draft = changed()
    events = AuditEvent.objects.filter(subject=f"rule set {draft.pk}")
    assert [event.details.get("what") for event in events] == [Change.STARTED, Change.TEXTS_CHANGED]
    assert not Review.objects.exists()
