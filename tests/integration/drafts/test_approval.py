"""Approval: a draft is proposed, sent back, published by a second person; an edition is published again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client, override_settings

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.models import AuditEvent, Change, Edition, RuleSet, User
from tests.drafts import DRAFT, acting, address, changed, proposed, started, with_roles
from tests.edit_pages import page_of
from tests.factories import EditionFactory, ScreeningFactory, UserFactory
from tests.pages import links, messages, words
from tests.rules import changed_rules, shipped_lexicon, shipped_rules

pytestmark = [pytest.mark.django_db, pytest.mark.app_role]

SignIn = Callable[[User], Client]


def seen(client: Client, draft: RuleSet) -> dict[str, str]:
    """Return the data that the publish button submits."""
    return {"seen": client.get(address("publish/")).context["seen"]}


def broken(editor: User) -> RuleSet:
    """Return a draft with a case that does not give the result it expects."""
    draft = changed(editor)
    case = draft.cases.first()
    assert case is not None
    case.outcome = "cannot_conclude"
    case.save()
    return draft


# Propose ------------------------------------------------------------------------------------------------------


def test_a_draft_is_proposed_with_a_note(editor: Client) -> None:
    draft = changed()
    response = editor.post(address("propose/"), {"change_note": "Say it better"}, follow=True)
    draft.refresh_from_db()
    assert draft.proposed_at is not None
    assert "Waiting for approval" in words(response)
    assert "Say it better" in words(response)


@pytest.mark.parametrize("note", ["", " ", "x" * 1001, "a\x07b"])
def test_a_note_with_an_error_is_returned(editor: Client, note: str) -> None:
    draft = changed()
    assert editor.post(address("propose/"), {"change_note": note}).status_code == 422
    draft.refresh_from_db()
    assert draft.proposed_at is None


def test_a_draft_with_a_failing_case_cannot_be_proposed_and_the_case_is_named(editor: Client) -> None:
    draft = broken(UserFactory(role=Role.EDITOR))
    response = editor.post(address("propose/"), {"change_note": "Try"})
    assert response.status_code == 422
    assert any("Every question is answered no." in each for each in messages(response))
    draft.refresh_from_db()
    assert draft.proposed_at is None


def test_a_draft_with_a_fault_cannot_be_proposed_and_the_place_is_named(editor: Client) -> None:
    draft = changed()
    rule = draft.rules.get(link_id="pregnancy")
    rule.sources = []
    rule.save()
    response = editor.get(address())
    assert any("pregnancy" in each and "no source" in each for each in messages(response))
    assert editor.post(address("propose/"), {"change_note": "Try"}).status_code == 422


def test_each_fault_links_to_the_page_where_it_can_be_corrected(editor: Client) -> None:
    draft = broken(UserFactory(role=Role.EDITOR))
    rule = draft.rules.get(link_id="pregnancy")
    draft.rules.filter(pk=rule.pk).update(sources=[])
    case = draft.cases.first()
    assert case is not None
    found = links(editor.get(address()), "//*[@id='problems']")
    assert "/draft/rules/pregnancy/#div_id_sources" in found
    assert page_of(case) in found


def test_a_fault_of_an_invalid_row_names_its_rule(editor: Client) -> None:
    draft = changed()
    draft.rules.filter(link_id="pregnancy").update(severity="deadly")
    response = editor.get(address())
    assert any(each.startswith("Rule pregnancy, severity:") for each in messages(response))
    assert "/draft/rules/pregnancy/#id_severity_0" in links(response)


def test_a_draft_with_a_character_that_cannot_be_printed_cannot_be_proposed(editor: Client) -> None:
    changed(basis="Ask Dr 李.")
    response = editor.post(address("propose/"), {"change_note": "Try"})
    assert response.status_code == 422
    assert any("cannot show “李”" in each for each in messages(response))


def test_an_invalid_draft_lists_every_fault(editor: Client) -> None:
    draft = changed()
    draft.rules.filter(link_id="pregnancy").update(severity="deadly", trigger="by-magic")
    response = editor.get(address())
    assert response.status_code == 200
    assert len(messages(response)) >= 2
    assert editor.post(address("propose/"), {"change_note": "Try"}).status_code == 422


def test_a_proposed_draft_cannot_be_edited(editor: Client) -> None:
    draft = proposed()
    with pytest.raises(actions.NotEditable):
        actions.change_texts(draft, {"basis": "x"}, revision=draft.revision, **acting(UserFactory()))
    for page in ("library/", "rules/pregnancy/move/", "rules/pregnancy/retire/"):
        sent = {"rule": "hypersensitivity", "direction": "up"}
        response = editor.post(address(page), sent, follow=True)
        assert "Nothing was changed" in words(response)


def test_a_draft_cannot_be_proposed_twice(editor: Client) -> None:
    draft = proposed(note="First note")
    response = editor.post(address("propose/"), {"change_note": "Second note"})
    assert response.status_code == 409
    assert "Second note" in words(response, "//dl")
    draft.refresh_from_db()
    assert draft.change_note == "First note"


def test_submitting_a_proposal_or_a_comment_twice_does_it_once(editor: Client, approver: Client) -> None:
    draft = changed()
    for client, page, note in (
        (editor, "propose/", {"change_note": "Try"}),
        (approver, "send-back/", {"comment": "No"}),
    ):
        assert [client.post(address(page), note).status_code for _ in range(2)] == [302, 302]
    assert [draft.changes.filter(what=what).count() for what in (Change.PROPOSED, Change.SENT_BACK)] == [1, 1]


@pytest.mark.parametrize(("page", "name"), [("propose/", "change_note"), ("send-back/", "comment")])
def test_a_note_is_shown_for_copying_if_the_draft_was_discarded_meanwhile(
    client_of: SignIn, edition: Edition, page: str, name: str
) -> None:
    person = with_roles(Role.EDITOR, Role.APPROVER)
    draft = changed(person)
    actions.discard_draft(draft, **acting(person))
    response = client_of(person).post(address(page), {name: "My long text.", "draft": draft.pk})
    assert response.status_code == 409
    assert "The draft was discarded." in words(response, "//*[@role='alert']")
    assert "My long text." in words(response, "//dl")


def test_a_comment_on_a_draft_that_was_taken_back_is_shown_for_copying(approver: Client) -> None:
    changed()
    response = approver.post(address("send-back/"), {"comment": "My long text."})
    assert response.status_code == 409
    assert "no longer proposed" in words(response, "//*[@role='alert']")
    assert "My long text." in words(response, "//dl")


def test_a_proposed_draft_can_be_taken_back_and_edited(editor: Client) -> None:
    draft = proposed()
    response = editor.post(address("take-back/"), follow=True)
    assert "can be edited again" in words(response)
    draft.refresh_from_db()
    assert draft.may_be_edited


# Send back ----------------------------------------------------------------------------------------------------


def test_the_comment_of_a_draft_that_was_sent_back_is_shown_to_its_editors(editor: Client, approver: Client) -> None:
    proposed()
    approver.post(address("send-back/"), {"comment": "Which label is meant?"})
    text = words(editor.get(address()))
    assert "Sent back by Sample Approver" in text
    assert "Which label is meant?" in text


def test_the_comment_is_no_longer_shown_once_the_draft_is_proposed_again(editor: Client, approver: Client) -> None:
    proposed()
    approver.post(address("send-back/"), {"comment": "Which label is meant?"})
    editor.post(address("propose/"), {"change_note": "The US label"})
    assert "Which label is meant?" not in words(editor.get(address()))


def test_a_draft_cannot_be_sent_back_without_a_comment(approver: Client) -> None:
    draft = proposed()
    assert approver.post(address("send-back/"), {"comment": ""}).status_code == 422
    draft.refresh_from_db()
    assert draft.proposed_at is not None


def test_an_approver_who_sent_a_draft_back_can_publish_it(editor: Client, approver: Client) -> None:
    draft = proposed()
    approver.post(address("send-back/"), {"comment": "Which label is meant?"})
    editor.post(address("propose/"), {"change_note": "The US label"})
    assert approver.post(address("publish/"), seen(approver, draft)).status_code == 302
    assert Edition.objects.count() == 2


# Publish ------------------------------------------------------------------------------------------------------


def test_another_person_publishes_the_next_edition(approver: Client) -> None:
    draft = proposed(UserFactory(role=Role.EDITOR, last_name="Author"), note="A better basis")
    response = approver.post(address("publish/"), seen(approver, draft), follow=True)
    edition = Edition.objects.current()
    assert edition is not None
    assert (edition.number, edition.published_by_name, edition.written_by, edition.change_note) == (
        2,
        "Sample Approver",
        "Sample Author",
        "A better basis",
    )
    assert "Edition 2 is published and in use." in words(response)
    assert not edition.without_second_reviewer


def test_an_edition_is_published_with_the_medicine_names_of_the_release(approver: Client) -> None:
    draft = proposed()
    approver.post(address("publish/"), seen(approver, draft))
    edition = Edition.objects.current()
    assert edition is not None
    assert edition.lexicon is not None
    assert edition.lexicon.names == shipped_lexicon()


def test_nobody_can_publish_a_draft_that_they_edited(client_of: SignIn, edition: Edition) -> None:
    person = with_roles(Role.EDITOR, Role.APPROVER)
    client, draft = client_of(person), proposed(person)
    assert "You worked on this draft" in words(client.get(address("publish/")))
    response = client.post(address("publish/"), {"seen": actions.draft_hash(draft.definition())})
    assert response.status_code == 409
    assert Edition.objects.count() == 1


def test_an_editor_cannot_publish_their_draft_even_if_someone_else_proposed_it(
    client_of: SignIn, edition: Edition
) -> None:
    person = with_roles(Role.EDITOR, Role.APPROVER)
    draft = changed(person)
    actions.propose(draft, change_note="By another", **acting(UserFactory(role=Role.EDITOR)))
    response = client_of(person).post(address("publish/"), {"seen": actions.draft_hash(draft.definition())})
    assert response.status_code == 409


@pytest.mark.parametrize("action", ["start", "move", "retire", "add", "take back"])
def test_every_action_of_an_editor_makes_them_a_contributor(edition: Edition, action: str) -> None:
    person, other = with_roles(Role.EDITOR, Role.APPROVER), UserFactory(role=Role.EDITOR)
    draft = started(person if action == "start" else other)
    rule, who = draft.rules.all()[1], acting(person)
    if action == "move":
        actions.move_rule(rule, up=True, **who)
    elif action == "retire":
        actions.retire_rule(rule, **who)
    elif action == "add":
        item = {**draft.rules.all()[0].plain(), "link_id": "another"}
        actions.add_rule(draft, {name: each for name, each in item.items() if name != "id"}, **who)
    elif action == "take back":
        actions.change_texts(draft, {"basis": "Another."}, revision=0, **acting(other))
        actions.propose(draft, change_note="x", **acting(other))
        actions.take_back(draft, **who)
    assert person.pk in draft.contributors()


@override_settings(ONE_PERSON_PUBLISHES=True)
def test_a_single_person_can_publish_where_allowed_and_every_summary_says_so(
    client_of: SignIn, edition: Edition
) -> None:
    person = with_roles(Role.EDITOR, Role.APPROVER, Role.CLINICIAN)
    client, draft = client_of(person), proposed(person)
    assert client.post(address("publish/"), seen(client, draft)).status_code == 302
    published = Edition.objects.current()
    assert published is not None
    assert published.without_second_reviewer
    screening = ScreeningFactory()
    for page in ("", "print/", "summary.txt"):
        text = words(client.get(f"/screenings/{screening.uuid}/{page}"), "//body")
        assert "published without a second reviewer" in text


@override_settings(ONE_PERSON_PUBLISHES=True)
def test_where_one_person_may_publish_a_second_reviewer_is_still_recorded(approver: Client) -> None:
    draft = proposed()
    approver.post(address("publish/"), seen(approver, draft))
    published = Edition.objects.current()
    assert published is not None
    assert not published.without_second_reviewer


def test_the_second_of_two_approvers_sees_who_published(approver: Client, client_of: SignIn) -> None:
    draft = proposed()
    other = client_of(UserFactory(role=Role.APPROVER))
    data = seen(approver, draft)
    assert approver.post(address("publish/"), data).status_code == 302
    response = other.post(address("publish/"), data)
    assert response.status_code == 409
    assert "Sample Approver published it as edition 2" in words(response)
    assert Edition.objects.count() == 2


def test_a_draft_that_changed_after_it_was_shown_is_not_published(approver: Client) -> None:
    editor = UserFactory(role=Role.EDITOR)
    draft = proposed(editor)
    before = seen(approver, draft)
    actions.take_back(draft, **acting(editor))
    actions.change_texts(draft, {"basis": "Something else."}, revision=1, **acting(editor))
    actions.propose(draft, change_note="Another", **acting(editor))
    response = approver.post(address("publish/"), before)
    assert response.status_code == 409
    assert "changed after this page was opened" in words(response)
    assert Edition.objects.count() == 1


@pytest.mark.parametrize("sent", [{}, {"seen": ""}, {"seen": "x" * 5000}])
def test_nothing_is_published_without_the_hash_of_the_shown_draft(approver: Client, sent: dict[str, str]) -> None:
    proposed()
    assert approver.post(address("publish/"), sent).status_code == 409
    assert Edition.objects.count() == 1


def test_a_draft_that_is_not_proposed_cannot_be_published(approver: Client) -> None:
    draft = changed()
    response = approver.post(address("publish/"), {"seen": actions.draft_hash(draft.definition())})
    assert response.status_code == 409
    assert Edition.objects.count() == 1


def test_after_publishing_the_page_of_the_approver_says_that_no_draft_is_open(approver: Client) -> None:
    draft = proposed()
    approver.post(address("publish/"), seen(approver, draft))
    assert "No draft is open" in words(approver.get(address("publish/"), follow=True))


def test_an_edition_has_a_change_history(approver: Client, client: Client) -> None:
    draft = proposed(UserFactory(role=Role.EDITOR, last_name="Author"), note="A better basis")
    approver.post(address("publish/"), seen(approver, draft))
    text = words(client.get("/editions/2/history/"))
    for sentence in (
        "Sample Author, editor",
        "A better basis",
        "Published the draft as Edition 2",
        "Sample Approver, approver",
    ):
        assert sentence in text
    assert [each.what for each in draft.changes.order_by("pk")] == [
        Change.STARTED,
        Change.TEXTS_CHANGED,
        Change.PROPOSED,
        Change.PUBLISHED,
    ]
    assert AuditEvent.objects.filter(action="edition.published", actor_role="approver").exists()


# Editions never change ----------------------------------------------------------------------------------------


@pytest.mark.as_owner
@pytest.mark.parametrize("change", [{"number": 9}, {"content": "{}"}, {"without_second_reviewer": True}])
def test_the_database_refuses_to_change_an_edition(edition: Edition, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(**change)


@pytest.mark.as_owner
def test_the_database_refuses_to_change_or_delete_the_change_history(edition: Edition) -> None:
    draft = changed()
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.changes.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.changes.update(by_name="Somebody else")


# Publish an edition again -------------------------------------------------------------------------------------


@pytest.fixture
def second_edition(edition: Edition) -> Edition:
    """Edition 2, with another pregnancy question."""
    return EditionFactory(definition=changed_rules(pregnancy={"question": "Pregnant?"}))


def test_an_edition_is_published_again_through_the_same_approval(
    editor: Client, approver: Client, second_edition: Edition
) -> None:
    response = editor.post(f"{DRAFT}again/1/", {"change_note": "The new words were misread"}, follow=True)
    assert "To be published again unchanged" in words(response)
    draft = RuleSet.objects.get(is_open=True)
    approver.post(address("publish/"), seen(approver, draft))
    first, third = Edition.objects.get(number=1), Edition.objects.get(number=3)
    assert (third.sha256, third.lexicon_id) == (first.sha256, first.lexicon_id)
    assert third.change_note == "The new words were misread"


def test_an_edition_to_be_published_again_cannot_be_edited(editor: Client, second_edition: Edition) -> None:
    editor.post(f"{DRAFT}again/1/", {"change_note": "The new words were misread"})
    draft = RuleSet.objects.get(is_open=True)
    editor.post(address("take-back/"))
    with pytest.raises(actions.NotEditable):
        actions.change_texts(draft, {"basis": "x"}, revision=0, **acting(UserFactory()))


def test_an_edition_to_be_published_again_can_be_proposed_again_after_it_was_sent_back(
    editor: Client, approver: Client, second_edition: Edition
) -> None:
    editor.post(f"{DRAFT}again/1/", {"change_note": "The new words were misread"})
    draft = RuleSet.objects.get(is_open=True)
    approver.post(address("send-back/"), {"comment": "Say where they were misread."})
    assert address("propose/") in links(editor.get(address()))
    editor.post(address("propose/"), {"change_note": "Misread on two wards"})
    approver.post(address("publish/"), seen(approver, draft))
    third = Edition.objects.get(number=3)
    assert (third.sha256, third.change_note) == (Edition.objects.get(number=1).sha256, "Misread on two wards")


def test_the_editor_who_proposes_an_edition_again_cannot_publish_it(
    client_of: SignIn, second_edition: Edition
) -> None:
    person = with_roles(Role.EDITOR, Role.APPROVER)
    client = client_of(person)
    client.post(f"{DRAFT}again/1/", {"change_note": "The new words were misread"})
    draft = RuleSet.objects.get(is_open=True)
    assert client.post(address("publish/"), seen(client, draft)).status_code == 409


def test_the_reason_to_publish_again_is_shown_for_copying_if_another_draft_is_open(
    editor: Client, second_edition: Edition
) -> None:
    started()
    response = editor.post(f"{DRAFT}again/1/", {"change_note": "The new words were misread"})
    assert response.status_code == 409
    assert "A draft is already open" in words(response, "//*[@role='alert']")
    assert "The new words were misread" in words(response, "//dl")


def test_proposing_an_edition_again_twice_opens_one_draft(editor: Client, second_edition: Edition) -> None:
    note = {"change_note": "The new words were misread"}
    assert [editor.post(f"{DRAFT}again/1/", note).status_code for _ in range(2)] == [302, 302]
    assert RuleSet.objects.filter(is_again=True).count() == 1


def test_an_edition_cannot_be_proposed_again_without_a_reason(editor: Client, second_edition: Edition) -> None:
    assert editor.post(f"{DRAFT}again/1/", {"change_note": ""}).status_code == 422
    assert not RuleSet.objects.filter(is_open=True).exists()


def test_an_edition_that_does_not_meet_the_current_checks_cannot_be_proposed_again(
    editor: Client, second_edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.clinical.rules.validation.MOST_RULES", 1)
    response = editor.post(f"{DRAFT}again/1/", {"change_note": "The new words were misread"})
    assert response.status_code == 422
    assert messages(response)
    assert not RuleSet.objects.filter(is_open=True).exists()


def test_an_unknown_edition_cannot_be_proposed_again(editor: Client) -> None:
    assert editor.get(f"{DRAFT}again/7/").status_code == 404


def test_the_first_edition_can_be_loaded_from_a_file_and_published_by_an_approver(client_of: SignIn) -> None:
    editor = UserFactory(role=Role.EDITOR)
    draft = actions.load_rules(dataclasses.replace(shipped_rules(), lexicon=""), **acting(editor))
    actions.propose(draft, change_note="First", **acting(editor))
    client = client_of(UserFactory(role=Role.APPROVER))
    response = client.post(address("publish/"), seen(client, draft))
    assert response.headers["Location"] == "/editions/1/"
